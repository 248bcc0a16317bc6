import { deepEqual, equal } from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { sayFor } from './say-for.ts';

test('sayFor() sends the datagram as it was sealed to every host', async () => {
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const heard = once(socket, 'message');
  const { port } = socket.address();
  const bytes = Buffer.from([0, 1, 2, 255]);
  const logged: string[] = [];
  const will = { datagram: bytes.toString('base64'), hosts: ['127.0.0.2', '127.0.0.1'], port };
  sayFor(will, (text) => logged.push(text));
  const [received] = (await heard) as [Buffer];
  deepEqual(received, bytes);
  deepEqual(logged, []);
  socket.close();
});

test('sayFor() says nothing where there is nobody to say it to', () => {
  const logged: string[] = [];
  sayFor({ datagram: '', hosts: [], port: 1 }, (text) => logged.push(text));
  equal(logged.length, 0);
});
