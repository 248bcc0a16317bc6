/**
 * The clients of a drill, as a process on one machine of the lab: so many requests a second,
 * whatever becomes of those before (an open loop; a closed one would wait out every trouble).
 *
 *     node load.ts PER_SECOND TARGET...     until SIGTERM; a line for each request when it is over:
 *     1795000000123.4 2 4.7 200 0 www3      begun at, target, ms, status, tries again, who served
 *     1795000000125.4 0 10000.0 TIMEOUT 0 -
 *
 * What a newcomer gets wrong: like a browser it keeps connections, and asks once more when a kept
 * one turns out to be dead before any answer (RFC 9112 9.3.1). That is no failure, and is counted.
 */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';

/** A user has left by then. */
const PATIENCE_MS = 10_000;
const TURN_MS = 2;

/** As many as a kept connection lasts at the server. */
const KEEP_MS = 15_000;

const [perSecond = '1', ...targets] = process.argv.slice(2);
const intervalMs = 1_000 / Number(perSecond);
const nowMs = (): number => performance.timeOrigin + performance.now();
const urls = targets.map((target) => new URL(target));
const agents = urls.map(() => new Agent({ keepAlive: true, keepAliveMsecs: KEEP_MS }));

let nextMs = nowMs();
let count = 0;
let lines = '';

const turning = setInterval(() => {
  // What a busy machine made late is sent now, with the time it was due at.
  while (nextMs <= nowMs()) {
    ask(count++ % urls.length, nextMs, 0);
    nextMs += intervalMs;
  }
  if (lines === '') return;
  process.stdout.write(lines);
  lines = '';
}, TURN_MS);

process.on('SIGTERM', () => {
  clearInterval(turning);
  process.stdout.write(lines, () => process.exit(0));
});

function ask(target: number, beganMs: number, tries: number): void {
  const { hostname, port, pathname, search } = urls[target]!;
  let over = false;
  const end = (what: string | number, server = '-'): void => {
    if (over) return;
    over = true;
    clearTimeout(patience);
    lines += `${beganMs.toFixed(1)} ${target} ${(nowMs() - beganMs).toFixed(1)} ${what} ${tries} ${server}\n`;
  };
  const asking: ClientRequest = request({
    hostname,
    port: port === '' ? 80 : Number(port),
    path: pathname + search,
    // A second try is made on a connection of its own, which cannot be dead already.
    agent: tries === 0 ? agents[target]! : new Agent(),
  });
  const patience = setTimeout(
    () => {
      // Nobody there, or nobody who answers: the first is the network's, the second a program's.
      const connected = asking.socket?.connecting === false;
      end(connected ? 'TIMEOUT' : 'TIMEOUT_CONNECTING');
      asking.destroy();
    },
    PATIENCE_MS - (nowMs() - beganMs),
  );
  asking.on('error', (error: NodeJS.ErrnoException) => {
    if (asking.reusedSocket && tries === 0 && !over) {
      over = true;
      clearTimeout(patience);
      ask(target, beganMs, 1);
    } else end(error.code ?? 'ERROR');
  });
  asking.on('response', (response: IncomingMessage) => {
    const server = String(response.headers['x-machine'] ?? '-');
    response.on('error', () => end('CUT'));
    response.on('end', () => end(response.complete ? (response.statusCode ?? 0) : 'CUT', server));
    response.resume();
  });
  asking.end();
}
