/** Our own UDP socket, against `node:dgram` as the other side. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { DescriptorLoop } from './descriptor-loop.ts';
import { type UdpOptions, UdpSocket } from './udp-socket.ts';

type Heard = { readonly text: string; readonly from: string };

type Rig = {
  readonly socket: UdpSocket;
  readonly heard: Heard[];
  readonly problems: string[];
  /** Until so many were heard. */
  readonly until: (count: number) => Promise<void>;
};

function rig(t: TestContext, options: Partial<UdpOptions> = {}): Rig {
  const heard: Heard[] = [];
  const problems: string[] = [];
  let wanted = Number.POSITIVE_INFINITY;
  let enough = (): void => {};
  const socket = UdpSocket.open(
    { family: 'udp4', host: '127.0.0.1', port: 0, ...options },
    {
      onDatagram: (bytes, from) => {
        heard.push({ text: Buffer.from(bytes).toString(), from });
        if (heard.length >= wanted) enough();
      },
      onProblem: (problem) => problems.push(problem),
    },
  );
  ok(socket instanceof UdpSocket);
  const loop = new DescriptorLoop();
  loop.watch(socket.fd, () => socket.read());
  t.after(() => {
    loop.unwatch(socket.fd);
    loop.stop();
    socket.close();
  });
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      if (heard.length >= count) resolve();
      wanted = count;
      enough = resolve;
    });
  return { socket, heard, problems, until };
}

async function other(t: TestContext, type: 'udp4' | 'udp6', host: string): Promise<dgram.Socket> {
  const socket = dgram.createSocket(type);
  socket.bind(0, host);
  await once(socket, 'listening');
  t.after(() => socket.close());
  return socket;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('hears whole datagrams, in order, and from whom', async (t) => {
  const { socket, heard, until } = rig(t);
  const sender = await other(t, 'udp4', '127.0.0.1');
  // More than are taken with one call, and lengths of every kind.
  const sent = Array.from({ length: 30 }, (_, i) => 'x'.repeat(i * 70));
  for (const text of sent) sender.send(text, socket.port, '127.0.0.1');
  await until(sent.length);
  deepEqual(
    heard.map(({ text }) => text),
    sent,
  );
  const from = `127.0.0.1 ${sender.address().port}`;
  deepEqual(new Set(heard.map((one) => one.from)), new Set([from]));
});

test('the longest datagram of UDP goes through whole, a longer one is a problem', async (t) => {
  const { socket, problems, heard, until } = rig(t);
  const longest = new Uint8Array(65_507).fill(97);
  socket.sendTo(longest, '127.0.0.1', socket.port);
  await until(1);
  equal(heard[0]!.text.length, longest.length);
  socket.sendTo(new Uint8Array(65_508), '127.0.0.1', socket.port);
  socket.sendTo(new Uint8Array(70_000), '127.0.0.1', socket.port);
  deepEqual(problems, ['EMSGSIZE to 127.0.0.1', 'EMSGSIZE']);
});

test('what is longer than is wanted is heard cut off', async (t) => {
  const { socket, heard, until } = rig(t, { datagramBytesMax: 10 });
  for (const size of [9, 10, 11, 30_000, 3]) {
    socket.sendTo(new Uint8Array(size).fill(97), '127.0.0.1', socket.port);
  }
  await until(5);
  deepEqual(
    heard.map(({ text }) => text.length),
    [9, 10, 10, 10, 3],
  );
});

test('sends one datagram to many, each time what it is given', async (t) => {
  const { socket } = rig(t);
  const receivers = await Promise.all(
    Array.from({ length: 3 }, (_, i) => other(t, 'udp4', `127.0.0.${i + 2}`)),
  );
  const ports = receivers.map((one) => one.address().port);
  const heard = receivers.map((one) => once(one, 'message'));
  for (const [i, port] of ports.entries()) {
    socket.send(bytes(`to ${i}`), socket.targets([`127.0.0.${i + 2}`], port));
  }
  const all = await Promise.all(heard);
  deepEqual(
    all.map(([message]) => String(message)),
    ['to 0', 'to 1', 'to 2'],
  );
  const [again] = receivers;
  const twice = socket.targets(['127.0.0.2', '127.0.0.2'], ports[0]!);
  socket.send(bytes('both'), twice);
  equal(String((await once(again!, 'message'))[0]), 'both');
  socket.send(bytes('other'), twice);
  const [second] = await once(again!, 'message');
  ok(['both', 'other'].includes(String(second)));
});

test('who cannot be reached is told of, and all others are reached', async (t) => {
  const { socket, problems, until, heard } = rig(t);
  // Bound to the loopback, nothing leaves for elsewhere.
  for (const place of [0, 1, 2]) {
    const hosts = ['127.0.0.1', '127.0.0.1', '127.0.0.1'].toSpliced(place, 1, '192.0.2.1');
    socket.send(bytes('a'), socket.targets(hosts, socket.port));
    await until(2 * (place + 1));
    equal(heard.length, 2 * (place + 1));
    equal(problems.length, place + 1);
  }
  deepEqual(new Set(problems), new Set(['EINVAL to 192.0.2.1']));
  socket.sendTo(bytes('b'), 'web1', 1);
  equal(problems.at(-1), 'EINVAL to web1');
  socket.send(bytes('c'), socket.targets(['web2', '127.0.0.1', '::1'], socket.port));
  await until(7);
  deepEqual(problems.slice(-2), ['EINVAL to web2', 'EINVAL to ::1']);
});

test('an IPv6 socket hears and reaches both families', async (t) => {
  const { socket, heard, until } = rig(t, { family: 'udp6', host: null });
  const v4 = await other(t, 'udp4', '127.0.0.1');
  const v6 = await other(t, 'udp6', '::1');
  v4.send('four', socket.port, '127.0.0.1');
  await until(1);
  v6.send('six', socket.port, '::1');
  await until(2);
  deepEqual(heard, [
    { text: 'four', from: `127.0.0.1 ${v4.address().port}` },
    { text: 'six', from: `::1 ${v6.address().port}` },
  ]);
  const answers = [v4, v6].map((one) => once(one, 'message'));
  for (const { from } of heard) {
    const [host = '', port] = from.split(' ');
    socket.sendTo(bytes(`back to ${host}`), host, Number(port));
  }
  deepEqual(
    (await Promise.all(answers)).map(([message]) => String(message)),
    ['back to 127.0.0.1', 'back to ::1'],
  );
});

test('many senders are told apart, also when there are more than are remembered', async (t) => {
  const { socket, heard, until } = rig(t);
  socket.receiveBufferBytes = 4_194_304;
  const senders = await Promise.all(
    Array.from({ length: 60 }, (_, i) => other(t, 'udp4', `127.0.${i}.1`)),
  );
  for (const sender of senders) {
    const { address, port } = sender.address();
    sender.send(`${address} ${port}`, socket.port, '127.0.0.1');
  }
  await until(senders.length);
  for (const { text, from } of heard) equal(text, from);
});

// IPv6 has no multicast on the loopback: test/kernel/multicast.test.ts.
test('multicast: a group is heard and sent to over the interface named', async (t) => {
  const { socket, heard, problems, until } = rig(t, { host: null });
  socket.join('239.255.78.1', 1, ['lo']);
  deepEqual(problems, []);
  socket.send(bytes('all of you'), socket.targets(['239.255.78.1'], socket.port));
  await until(1);
  equal(heard[0]!.text, 'all of you');
  socket.join('web1', 1, []);
  socket.join('10.0.0.1', 1, []);
  deepEqual(problems, ['EINVAL web1', 'EINVAL 10.0.0.1']);
});

test('a port that is taken is said, and an address that is not ours', async (t) => {
  const { socket } = rig(t);
  const handler = { onDatagram: () => {}, onProblem: () => {} };
  const open = (host: string, port: number) =>
    UdpSocket.open({ family: 'udp4', host, port }, handler);
  deepEqual(open('127.0.0.1', socket.port), { error: 'EADDRINUSE' });
  deepEqual(open('192.0.2.1', 0), { error: 'EADDRNOTAVAIL' });
  deepEqual(open('web1', 0), { error: 'EADDRNOTAVAIL' });
});

test('closed in the middle of a batch, it hears nothing more', async () => {
  const heard: string[] = [];
  const socket = UdpSocket.open(
    { family: 'udp4', host: '127.0.0.1', port: 0 },
    {
      onDatagram: (datagram) => {
        heard.push(Buffer.from(datagram).toString());
        socket.close();
      },
      onProblem: () => {},
    },
  ) as UdpSocket;
  for (const text of ['a', 'b']) socket.sendTo(bytes(text), '127.0.0.1', socket.port);
  socket.read();
  deepEqual(heard, ['a']);
  equal(socket.read(), false);
  socket.send(bytes('c'), socket.targets(['127.0.0.1'], 9));
  socket.close();
});
