/**
 * The client: asks every address every 5 ms, by datagram and by connection, and keeps what came of
 * each try.
 *
 *     node prober.ts PORT ADDRESS...     until SIGTERM; then prints the tries as JSON
 *
 * What a newcomer gets wrong: a connection that was made only by a repeated SYN, a second later, is
 * one that a user waited for. It counts as lost, like one that was refused.
 */
import dgram from 'node:dgram';
import net from 'node:net';

const EVERY_MS = 5;

/** Longer than any delay on this bridge, shorter than the first repetition of a SYN (1 s). */
const PATIENCE_MS = 250;

export type Tries = {
  readonly address: string;
  readonly how: 'udp' | 'tcp';
  /** When each was begun, in ms since the epoch. */
  readonly atMs: number[];
  /** Whether it was answered in time. */
  readonly answered: boolean[];
};

const [port, ...addresses] = process.argv.slice(2);
const nowMs = (): number => performance.timeOrigin + performance.now();
const all: Tries[] = [];

for (const address of addresses) {
  const udp = triesOf(address, 'udp');
  const socket = dgram.createSocket('udp4');
  socket.on('error', () => undefined);
  socket.on('message', (bytes) => {
    const index = bytes.readUInt32BE(0);
    if (nowMs() - (udp.atMs[index] ?? 0) <= PATIENCE_MS) udp.answered[index] = true;
  });
  socket.connect(Number(port), address, () => {
    setInterval(() => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(begin(udp), 0);
      socket.send(bytes, () => undefined);
    }, EVERY_MS);
  });
  const tcp = triesOf(address, 'tcp');
  setInterval(() => connect(address, tcp), EVERY_MS);
}

function triesOf(address: string, how: Tries['how']): Tries {
  const tries: Tries = { address, how, atMs: [], answered: [] };
  all.push(tries);
  return tries;
}

/** @returns the try's index */
function begin(tries: Tries): number {
  tries.atMs.push(nowMs());
  return tries.answered.push(false) - 1;
}

function connect(address: string, tries: Tries): void {
  const index = begin(tries);
  const socket = net.connect({ host: address, port: Number(port) });
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on('error', () => undefined);
  socket.on('connect', () => {
    tries.answered[index] = true;
    socket.resetAndDestroy();
  });
}

process.on('SIGTERM', () => {
  // What was begun last may still be answered.
  setTimeout(() => {
    process.stdout.write(JSON.stringify(all), () => process.exit(0));
  }, PATIENCE_MS);
});
process.stderr.write('probing\n');
