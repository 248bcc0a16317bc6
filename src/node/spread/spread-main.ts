/**
 * The Spread daemon as a process of its own. Not for people: `spread-service.ts` starts it.
 *
 *     start ─► join the daemons' group ─► become another user ─► listen ─► serve
 *
 * Its own, because it takes what anybody on the machine sends: whatever it does to this process,
 * the one that holds addresses neither waits for it nor dies of it, and nothing here is root's.
 *
 * What a newcomer gets wrong: the sockets are made after root is given up. The one in /tmp belongs
 * to whoever made it, and nobody else may take it away there.
 */
import { RingGroup } from '../ring/ring-group.ts';
import { clearSocketPath } from '../socket-path.ts';
import { becomeUser } from './become-user.ts';
import { SpreadHost } from './spread-host.ts';
import type { FromSpread, SpreadStart, ToSpread } from './spread-protocol.ts';

/** Clients come and go as they like: a log is not theirs to fill. */
const LOG_LINES_MAX = 100;
const LOG_PERIOD_MS = 10_000;

let host: SpreadHost | null = null;
let group: RingGroup | null = null;
let logged = 0;

setInterval(() => {
  const left = logged - LOG_LINES_MAX;
  logged = 0;
  if (left > 0) tell({ kind: 'log', text: `${left} more lines are left out` });
}, LOG_PERIOD_MS);

process.on('message', (message: ToSpread) => {
  if (message.kind === 'start') void start(message);
  else if (message.kind === 'stop') void stop();
  else if (host !== null) tell({ kind: 'status', status: host.status() });
});
// Whoever started it has gone, and would not have left it behind.
process.once('disconnect', () => void stop());
// A whole group of processes gets these, a terminal's for one; the node says when it is time.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

async function start({ ring, host: options, user }: SpreadStart): Promise<void> {
  const serving = new SpreadHost(options, log);
  const joined = await RingGroup.join(ring, {
    onEvent: (event) => serving.hear(event),
    onReport: log,
    // It holds nothing that others would have to wait for.
    onWill: () => undefined,
    onFailed: (message) => fail(`the daemons' group has ended: ${message}`),
  });
  if ('error' in joined) {
    fail(`the daemons' group cannot be joined: ${joined.error}`);
    return;
  }
  group = joined;
  serving.group = joined;
  host = serving;
  try {
    // In /tmp, what a daemon that ran as root has left is root's to remove. What is in the way all
    // the same is told by `listen`.
    if (options.path !== null) await clearSocketPath(options.path);
    const became = becomeUser(user);
    const problems = await serving.listen();
    tell({ kind: 'started', user: became, problems });
  } catch (error) {
    fail((error as Error).message);
  }
}

async function stop(): Promise<void> {
  host?.close();
  await group?.leave();
  process.exit();
}

function fail(message: string): void {
  tell({ kind: 'failed', message });
  void stop();
}

function log(text: string): void {
  if (++logged <= LOG_LINES_MAX) tell({ kind: 'log', text });
}

function tell(message: FromSpread): void {
  if (process.connected) process.send?.(message);
}
