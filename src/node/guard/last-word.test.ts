import { deepEqual, equal } from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { LastWord } from './last-word.ts';

type Rig = {
  readonly word: LastWord;
  readonly port: number;
  readonly heard: string[];
  readonly logged: string[];
  readonly until: (count: number) => Promise<void>;
};

async function rig(t: TestContext): Promise<Rig> {
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const heard: string[] = [];
  socket.on('message', (bytes) => heard.push(bytes.toString('hex')));
  const logged: string[] = [];
  const word = new LastWord((text) => logged.push(text));
  t.after(() => {
    word.close();
    socket.close();
  });
  const until = async (count: number): Promise<void> => {
    while (heard.length < count) await once(socket, 'message');
  };
  return { word, port: socket.address().port, heard, logged, until };
}

const datagram = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

test('LastWord.say() sends what was prepared last, as it was sealed, to every host, once', async (t) => {
  const { word, port, heard, logged, until } = await rig(t);
  const hosts = ['127.0.0.2', '127.0.0.1', '127.0.0.1'];
  word.prepare({ datagram: datagram('0001'), hosts, port });
  word.prepare({ datagram: datagram('000102ff'), hosts, port });
  word.say();
  word.say();
  word.prepare({ datagram: datagram('03'), hosts: ['127.0.0.1'], port });
  word.say();
  await until(3);
  deepEqual(heard, ['000102ff', '000102ff', '03']);
  deepEqual(logged, []);
});

test('LastWord.say() says nothing of a life that is over, nor where there is nobody', async (t) => {
  const { word, port, heard, logged, until } = await rig(t);
  word.say();
  word.prepare({ datagram: datagram('01'), hosts: ['127.0.0.1'], port });
  word.forget();
  word.say();
  word.prepare({ datagram: datagram('02'), hosts: [], port });
  word.say();
  word.prepare({ datagram: datagram('03'), hosts: ['127.0.0.1'], port });
  word.say();
  await until(1);
  deepEqual(heard, ['03']);
  equal(logged.length, 0);
});

test('LastWord.say() tells of a host that it cannot send to, and sends to the others', async (t) => {
  const { word, port, logged, until } = await rig(t);
  word.prepare({ datagram: datagram('01'), hosts: ['web1', '127.0.0.1'], port });
  word.say();
  await until(1);
  deepEqual(logged, ['guard: the death could not be told: EINVAL to web1']);
});
