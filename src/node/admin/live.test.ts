import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, mock, test } from 'node:test';
import { type ClusterPicture, clusterPicture } from '../../core/report/cluster-picture.ts';
import { NOW_MS, nodeReport } from '../../core/report/report.fixture.ts';
import { Live } from './live.ts';

const SECOND = { requests: 1, failed: 0, p50Ms: 1, p95Ms: 1, p99Ms: 1 };

function picture(name = 'web1'): ClusterPicture {
  const seconds = Array.from({ length: 60 }, (_, i) => ({ ...SECOND, atMs: NOW_MS + i * 1_000 }));
  return clusterPicture(nodeReport(name, { seconds }), []);
}

async function rig(makePicture: () => Promise<ClusterPicture>) {
  const said: string[] = [];
  const live = new Live({
    picture: makePicture,
    requests: () => [],
    onWatched: (watched) => said.push(watched ? 'watched' : 'alone'),
    onFailed: (error) => said.push(String(error)),
  });
  const server = createServer((_, response) => live.add(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    live.stop();
    server.closeAllConnections();
    server.close();
  });
  return { live, said, port: (server.address() as AddressInfo).port };
}

async function watch(port: number): Promise<IncomingMessage> {
  const asking = request({ host: '127.0.0.1', port }).end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  return response.setEncoding('utf8').on('error', () => {});
}

/** What comes next, as events. */
async function next(response: IncomingMessage, count: number): Promise<[string, unknown][]> {
  let text = '';
  for (;;) {
    const events = [...text.matchAll(/event: (\w+)\ndata: (.*)\n\n/g)];
    if (events.length >= count) return events.map(([, name, data]) => [name!, JSON.parse(data!)]);
    const [part] = (await once(response, 'data')) as [string];
    text += part;
  }
}

test('Live gives a whole picture first, and then each second what is new', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const { port, said } = await rig(async () => picture());
    const response = await watch(port);
    const [first] = await next(response, 1);
    equal((first![1] as ClusterPicture).nodes[0]!.seconds.length, 60);
    mock.timers.tick(1_000);
    const [second] = await next(response, 1);
    const { seconds } = (second![1] as ClusterPicture).nodes[0]!;
    deepEqual([seconds.length, seconds.at(-1)!.atMs], [5, NOW_MS + 59_000]);
    deepEqual(said, ['watched']);
    response.destroy();
    await eventually(() => said.length === 2);
    deepEqual(said, ['watched', 'alone']);
  } finally {
    mock.timers.reset();
  }
});

test('Live says nothing, and lives on, when no picture can be made', async () => {
  const { port, said, live } = await rig(() => Promise.reject(new Error('no addresses')));
  const response = await watch(port);
  await eventually(() => said.length === 2);
  deepEqual(said, ['watched', 'Error: no addresses']);
  const event = {
    sequence: 1,
    atMs: 1,
    kind: 'note',
    text: 't',
    subject: null,
    origin: null,
  } as const;
  live.event(event);
  deepEqual(await next(response, 1), [['event', event]]);
});

test('Live lets a watcher go that never reads, and no other', async () => {
  const { port, live } = await rig(async () => picture());
  const reader = await watch(port);
  reader.resume();
  const deaf = connect(port, '127.0.0.1').on('error', () => {});
  await once(deaf, 'connect');
  deaf.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  deaf.pause();
  let gone = false;
  deaf.on('close', () => {
    gone = true;
  });
  const text = 'x'.repeat(100_000);
  const event = { sequence: 1, atMs: 1, kind: 'note', text, subject: null, origin: null } as const;
  let told = 0;
  // The kernel's buffers take some megabytes before ours fills.
  while (live.watching === 2 || told === 0) {
    if (live.watching === 2) told++;
    ok(told < 1_000, `${told} events were kept for it`);
    live.event(event);
    await new Promise((resolve) => setImmediate(resolve));
  }
  equal(live.watching, 1);
  equal(reader.destroyed, false);
  deaf.resume();
  await eventually(() => gone);
});

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
