/**
 * What our Spread daemon carries: `npm run bench:spread`.
 *
 *     npm run bench:spread -- --seconds 5 --window 400
 *
 * Method: two daemons on loopback, each in its process with its ring's thread, as `forehand run`
 * starts them. One client of the first sends agreed messages of 1000 bytes to a group that one
 * client of the second is in; at most `window` of them are on their way. Then 500 sessions in one
 * group, and how long one message takes to reach all of them. Then one of them does not read, while
 * 64 MB are sent to it: what the daemon's memory becomes.
 *
 * What a newcomer gets wrong: on a machine with two processors five threads share them, both ends
 * and both daemons. On a cluster each node has its own.
 */
import { readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AddressFigures, FIGURES_BYTES } from '../src/core/address/figures.ts';
import { PROFILES } from '../src/core/ring/timing.ts';
import { ClientSession } from '../src/core/spread/client-session.ts';
import { SERVICE } from '../src/core/spread/constants.ts';
import { DEFAULT_ACCESS } from '../src/core/spread/server/access-rules.ts';
import { DEFAULT_SPREAD_LIMITS } from '../src/core/spread/server/server-events.ts';
import { SpreadService } from '../src/node/spread/spread-service.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    window: { type: 'string', default: '400' },
  },
});
const seconds = Number(values.seconds);
const windowSize = Number(values.window);

const HOSTS = ['127.0.85.1', '127.0.85.2'] as const;
const PORT = 24_803;
const MESSAGE_BYTES = 1_000;
const SESSIONS = 500;
const HEADER_BYTES = 48 + 32;

/** A session whose bytes are counted and not read, once it is in its group. */
class RawClient {
  readonly socket: net.Socket;
  readonly session: ClientSession;
  received = 0;
  onData = (): void => {};
  #counting = false;

  private constructor(host: string, user: string) {
    this.session = new ClientSession({ user, membership: false });
    this.socket = net.connect({ host, port: PORT, noDelay: true });
  }

  static open(host: string, user: string, group: string | null): Promise<RawClient> {
    const client = new RawClient(host, user);
    const { socket, session } = client;
    return new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('connect', () => socket.write(session.begin()));
      socket.on('data', (chunk: Buffer) => {
        if (client.#counting) {
          client.received += chunk.length;
          client.onData();
          return;
        }
        for (const effect of session.receive(chunk)) {
          if (effect.kind === 'write') socket.write(effect.bytes);
          else if (effect.event.kind === 'connected') {
            if (group !== null) client.ask(session.join(group));
            // Behind the join, as all of one session is in order.
            client.say([session.privateName], 0);
          } else if (effect.event.kind === 'message') {
            client.#counting = true;
            resolve(client);
          } else reject(new Error(JSON.stringify(effect.event)));
        }
      });
    });
  }

  say(groups: readonly string[], size: number): void {
    const bytes = new Uint8Array(size);
    this.ask(this.session.multicast({ service: SERVICE.agreed, groups, type: 0, bytes }));
  }

  ask(request: { readonly bytes: Uint8Array } | { readonly code: number }): void {
    if ('code' in request) throw new Error(`code ${request.code}`);
    this.socket.write(request.bytes);
  }
}

const figures = new AddressFigures(new SharedArrayBuffer(FIGURES_BYTES));
const services = HOSTS.map((host, index) => {
  const node = `n${index + 1}`;
  const socket = { port: PORT + 1, host, peers: HOSTS, multicast: null, interfaces: [] };
  const secrets = ['a secret, as it should be'];
  return new SpreadService(
    {
      ring: { group: 'bench', timing: PROFILES.lan, secrets, socket },
      host: {
        node,
        listen: [{ host, port: PORT }],
        path: null,
        access: DEFAULT_ACCESS,
        limits: DEFAULT_SPREAD_LIMITS,
      },
      user: null,
    },
    { log: (text) => process.stderr.write(`${text}\n`), figures },
  );
});

try {
  await agreed();
  await throughput();
  await sessions();
  await silent();
} finally {
  await Promise.all(services.map((service) => service.stop()));
  rmSync(`/tmp/${PORT}`, { force: true });
}
process.exit();

async function agreed(): Promise<void> {
  for (;;) {
    const all = await Promise.all(services.map((service) => service.status()));
    if (all.every((status) => status?.daemons.length === HOSTS.length)) return;
    await delay(10);
  }
}

async function throughput(): Promise<void> {
  const sender = await RawClient.open(HOSTS[0], 'sender', null);
  const receiver = await RawClient.open(HOSTS[1], 'receiver', 'bench');
  const frame = sender.session.multicast({
    service: SERVICE.agreed,
    groups: ['bench'],
    type: 0,
    bytes: new Uint8Array(MESSAGE_BYTES),
  });
  if ('code' in frame) throw new Error(`code ${frame.code}`);
  const size = frame.bytes.length;
  let sent = 0;
  const fill = (): void => {
    const arrived = Math.floor(receiver.received / size);
    const room = windowSize - (sent - arrived);
    if (room < windowSize / 4) return;
    sender.socket.cork();
    for (let i = 0; i < room; i++) sender.socket.write(frame.bytes);
    sender.socket.uncork();
    sent += room;
  };
  receiver.onData = fill;
  fill();
  for (let round = 0; round < 3; round++) {
    const [before, startMs] = [receiver.received, performance.now()];
    await delay((seconds * 1_000) / 3);
    const rate = (receiver.received - before) / size / ((performance.now() - startMs) / 1_000);
    console.log(`agreed messages of ${MESSAGE_BYTES} bytes, node to node: ${Math.round(rate)}/s`);
  }
  receiver.onData = () => {};
  sender.socket.destroy();
  receiver.socket.destroy();
}

async function sessions(): Promise<void> {
  const startMs = performance.now();
  const all = await Promise.all(
    Array.from({ length: SESSIONS }, (_, i) => {
      return RawClient.open(HOSTS[i % HOSTS.length]!, `s${i}`, 'many');
    }),
  );
  console.log(
    `${SESSIONS} sessions in a group after ${Math.round(performance.now() - startMs)} ms`,
  );
  const [sender] = all;
  const times: number[] = [];
  for (let round = 0; round < 20; round++) {
    const sentMs = performance.now();
    await new Promise<void>((resolve) => {
      let left = all.length * (HEADER_BYTES + MESSAGE_BYTES);
      for (const client of all) {
        let seen = client.received;
        client.onData = () => {
          left -= client.received - seen;
          seen = client.received;
          if (left === 0) resolve();
        };
      }
      sender!.say(['many'], MESSAGE_BYTES);
    });
    times.push(performance.now() - sentMs);
  }
  times.sort((a, b) => a - b);
  console.log(`one message to all ${SESSIONS}: ${times[10]?.toFixed(1)} ms (median of 20)`);
  for (const { socket } of all) socket.destroy();
}

async function silent(): Promise<void> {
  const sender = await RawClient.open(HOSTS[0], 'talker', 'talk');
  const deaf = await RawClient.open(HOSTS[1], 'deaf', 'talk');
  deaf.socket.pause();
  const before = memoryOf();
  let most = before;
  for (let mb = 0; mb < 64; mb++) {
    const wanted = sender.received + 10 * (HEADER_BYTES + 100_000);
    for (let i = 0; i < 10; i++) sender.say(['talk'], 100_000);
    while (sender.received < wanted) await delay(1);
    most = Math.max(most, memoryOf());
  }
  const status = await services[1]!.status();
  const gone = status?.sessions.some(({ name }) => name === '#deaf#n2') === false;
  console.log(
    `64 MB to one who does not read: ${gone ? 'disconnected' : 'STILL THERE'}, the daemons' ` +
      `memory ${before} -> at most ${most} MB each`,
  );
  sender.socket.destroy();
  deaf.socket.destroy();
}

/** Of the larger of the daemons, in MB. */
function memoryOf(): number {
  const own = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
  const sizes = own
    .trim()
    .split(' ')
    .map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]));
  return Math.round(Math.max(...sizes) / 1_024);
}
