import { deepEqual, equal } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import type { Member } from '../../core/ring/group.ts';
import { Lifelines } from './lifelines.ts';
import { Seal } from './seal.ts';

const HERE = '127.0.0.1';
const THERE = '127.0.0.2';

/** A port that was free a moment ago, on every address. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen({ port: 0, host: '0.0.0.0' });
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function lifelines(self: Member, port: number, onDied: (member: Member) => void): Lifelines {
  const seal = new Seal(['s'], self.bootId);
  const onProblem = (problem: string) => {
    throw new Error(problem);
  };
  return new Lifelines({ self, host: HERE, port, seal, onDied, onLost: () => {}, onProblem });
}

/** Another process that has lifelines. */
async function otherProcess(self: Member, peer: Member, port: number): Promise<ChildProcess> {
  const script = `
    const { Lifelines } = await import('${new URL('./lifelines.ts', import.meta.url)}');
    const { Seal } = await import('${new URL('./seal.ts', import.meta.url)}');
    const self = ${JSON.stringify(self)};
    const lines = new Lifelines({
      self, host: '${THERE}', port: ${port}, seal: new Seal(['s'], self.bootId),
      onLost: () => {},
      onDied: () => undefined, onProblem: (problem) => process.stdout.write(problem),
    });
    lines.watch(${JSON.stringify(peer)}, '${HERE}');
    process.stdout.write('up\\n');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said] = (await once(child.stdout!, 'data')) as [Buffer];
  equal(said.toString(), 'up\n');
  return child;
}

/** Turns of the event loop, until it is so. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

for (const [own, other] of [
  ['a', 'b'],
  ['b', 'a'],
] as const) {
  test(`Lifelines of ${own} say that the process of ${other} has died`, async () => {
    const port = await freePort();
    const [self, peer]: Member[] = [
      { name: own, bootId: 1 },
      { name: other, bootId: 2 },
    ];
    const child = await otherProcess(peer!, self!, port);
    const died: Member[] = [];
    const lines = lifelines(self!, port, (member) => died.push(member));
    try {
      lines.watch(peer!, THERE);
      await until(() => lines.has(peer!));
      deepEqual(died, []);
      child.kill('SIGKILL');
      await until(() => died.length > 0);
      deepEqual(died, [peer]);
    } finally {
      child.kill('SIGKILL');
      lines.close();
    }
  });
}

test('Lifelines take the end of a connection for no proof while the process still listens', async () => {
  const port = await freePort();
  const peer: Member = { name: 'b', bootId: 2 };
  const seal = new Seal(['s'], peer.bootId);
  const hello = seal.seal(new TextEncoder().encode(peer.name));
  let connections = 0;
  // It answers, and cuts the first connection, as a firewall would.
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    const again = seal.seal(new TextEncoder().encode(peer.name));
    socket.write(Buffer.concat([Buffer.from([hello.length]), again]));
    if (++connections === 1) setImmediate(() => setImmediate(() => socket.resetAndDestroy()));
  });
  server.listen({ port, host: THERE });
  await once(server, 'listening');
  const died: Member[] = [];
  const lines = lifelines({ name: 'a', bootId: 1 }, port, (member) => died.push(member));
  lines.watch(peer, THERE);
  await until(() => connections >= 2 && lines.has(peer));
  deepEqual(died, []);
  lines.close();
  server.close();
});

test('Lifelines hang up on who cannot introduce himself', async () => {
  const port = await freePort();
  const lines = lifelines({ name: 'b', bootId: 1 }, port, () => undefined);
  lines.watch({ name: 'a', bootId: 2 }, THERE);
  const hellos = [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.concat([Buffer.from([51]), new Seal(['wrong'], 2).seal(new Uint8Array([97]))]),
    // True, but of a life that was never heard.
    Buffer.concat([Buffer.from([51]), new Seal(['s'], 3).seal(new Uint8Array([97]))]),
  ];
  for (const bytes of hellos) {
    const socket = net.connect({ port, host: HERE });
    socket.on('error', () => undefined);
    // More than a hello could be, so that none of them is waited for.
    socket.write(Buffer.concat([bytes, Buffer.alloc(256)]));
    await once(socket.resume(), 'close');
  }
  equal(lines.has({ name: 'a', bootId: 2 }), false);
  lines.close();
});
