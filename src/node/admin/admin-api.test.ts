import { deepEqual, equal, match } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, test } from 'node:test';
import { clusterPicture } from '../../core/report/cluster-picture.ts';
import { NOW_MS, nodeReport } from '../../core/report/report.fixture.ts';
import { AdminApi, type CommandBody, type Door } from './admin-api.ts';
import { parseReport } from './report-schema.ts';
import { SignatureCheck, sign } from './signature.ts';

const SECRET = 'of the cluster';

async function rig(door: Door, secret: string | null) {
  const commands: [string, CommandBody, string][] = [];
  const api = new AdminApi({
    report: async (left) => nodeReport('web1', { listen: left }),
    picture: async () => clusterPicture(nodeReport('web1'), []),
    requests: () => [],
    why: () => ({ error: 'no such request' }),
    live: (response) => void response.end('live'),
    command: async (command, body, origin) => {
      commands.push([command, body, origin]);
      return { ok: body.node !== 'nobody', text: 'done' };
    },
    signatures: secret === null ? null : new SignatureCheck(secret),
    nowMs: () => NOW_MS,
  });
  const server = createServer((request, response) => void api.handle(request, response, door));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(base + path, init);
    const text = await response.text();
    return { status: response.status, text, allow: response.headers.get('allow') };
  };
  return { ask, commands, port };
}

test('AdminApi answers what is asked below any path', async () => {
  const { ask } = await rig('network', null);
  for (const path of ['/backhand/api/node', '/.well-known/forehand/api/node', '/api/node']) {
    const { status, text } = await ask(path);
    equal(status, 200, path);
    equal(parseReport(text)?.node, 'web1');
  }
  equal(JSON.parse((await ask('/api/cluster')).text).nodes[0].name, 'web1');
});

test('AdminApi names the nearest word for one it does not know', async () => {
  const { ask } = await rig('socket', null);
  const { status, text } = await ask('/api/clustre');
  equal(status, 404);
  match(text, /did you mean \\"cluster\\"/);
});

test('AdminApi says how each is asked', async () => {
  const { ask } = await rig('socket', null);
  const wrong = [await ask('/api/drain'), await ask('/api/node', { method: 'POST' })];
  deepEqual(
    wrong.map(({ status, allow }) => [status, allow]),
    [
      [405, 'POST'],
      [405, 'GET'],
    ],
  );
  equal((await ask('/api/requests?n=0')).status, 400);
  equal((await ask('/api/why?id=1-a')).status, 404);
});

test('AdminApi takes commands on the control socket, and says who gave them', async () => {
  const { ask, commands } = await rig('socket', null);
  const body = '{"node":"web2"}';
  equal((await ask('/api/drain', { method: 'POST', body })).status, 200);
  equal((await ask('/api/drain', { method: 'POST', body: '{"node":"nobody"}' })).status, 409);
  deepEqual(commands[0], ['drain', { node: 'web2' }, 'control socket']);
});

test('AdminApi refuses what is no command', async () => {
  const { ask, commands } = await rig('socket', null);
  for (const body of ['{', '[]', '{"node":1}', '{"nodes":"a"}', '"a"']) {
    equal((await ask('/api/drain', { method: 'POST', body })).status, 400, body);
  }
  equal((await ask('/api/drain', { method: 'POST', body: ' '.repeat(20_000) })).status, 413);
  deepEqual(commands, []);
});

test('AdminApi takes commands from the network only when they are signed', async () => {
  const { ask, commands } = await rig('network', SECRET);
  const request = { method: 'POST', path: '/backhand/api/resume', body: '{}' };
  const header = sign(SECRET, request, NOW_MS);
  const init = { method: 'POST', body: request.body };
  const unsigned = await ask(request.path, init);
  equal(unsigned.status, 403);
  match(unsigned.text, /signed with the secret/);
  const headers = { 'forehand-signature': header, 'x-forwarded-for': '1.2.3.4, 10.0.0.7' };
  equal((await ask(request.path, { ...init, headers })).status, 200);
  deepEqual(commands, [['resume', {}, '10.0.0.7 (signed)']]);
  match((await ask(request.path, { ...init, headers })).text, /used before/);
});

test('AdminApi takes no command from the network without a secret', async () => {
  const { ask, commands } = await rig('network', null);
  const { status, text } = await ask('/backhand/api/drain', { method: 'POST' });
  equal(status, 403);
  match(text, /control socket only/);
  deepEqual(commands, []);
});

test('AdminApi tells other nodes only what they have signed for, when there is a secret', async () => {
  const { ask } = await rig('network', SECRET);
  const path = '/.well-known/forehand/api/node';
  equal((await ask(path)).status, 403);
  const header = sign(SECRET, { method: 'GET', path, body: '' }, NOW_MS);
  equal((await ask(path, { headers: { 'forehand-signature': header } })).status, 200);
  equal((await ask('/backhand/api/node')).status, 200, 'as the page is, for whoever sees that');
});

test('parseReport() refuses what would break whoever reads it', () => {
  const good = nodeReport('a');
  const broken: unknown[] = [
    null,
    [],
    {},
    { ...good, version: 2 },
    { ...good, events: [null] },
    { ...good, seconds: [{ atMs: 'x' }] },
    { ...good, addresses: { keeper: null, holding: [] } },
    { ...good, node: 'x'.repeat(5_000) },
    { ...good, servers: Array.from({ length: 2_000 }, () => ({ name: 'a' })) },
  ];
  for (const value of broken) equal(parseReport(JSON.stringify(value)), null);
  equal(parseReport('{'), null);
  equal(parseReport(JSON.stringify({ ...good, later: 1 }))?.node, 'a');
});

test('AdminApi leaves out of a report what its asker knows', async () => {
  const { ask } = await rig('network', null);
  const cases = [
    ['', []],
    ['?without=groups', ['groups']],
    ['?without=servers&without=groups&without=all', ['servers', 'groups']],
  ] as const;
  for (const [query, left] of cases) {
    deepEqual(parseReport((await ask(`/api/node${query}`)).text)?.listen, left);
  }
});

/** As fetch() would not send it: dots and what is no path at all. */
async function rawStatus(port: number, text: string): Promise<number> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  socket.end(text);
  const [answer] = (await once(socket, 'data')) as [string];
  return Number(answer.slice(9, 12));
}

test('AdminApi wants a signature wherever a path of the nodes leads', async () => {
  const { port } = await rig('network', SECRET);
  const cases = [
    ['/.well-known/forehand/api/node', 403],
    ['/.well-known/forehand/api/../../../backhand/api/node', 403],
    ['/backhand/../.well-known/forehand/api/node', 200],
    ['/backhand/api/node', 200],
    ['//', 400],
    ['http://[/api/node', 400],
  ] as const;
  for (const [target, status] of cases) {
    const head = `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    equal(await rawStatus(port, head), status, target);
  }
});

test('AdminApi does nothing when an order ends in the middle', async () => {
  const { port, commands, ask } = await rig('socket', null);
  const socket = connect(port, '127.0.0.1');
  socket.write('POST /api/drain HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{"node"');
  await once(socket, 'connect');
  socket.resetAndDestroy();
  equal((await ask('/api/node')).status, 200);
  deepEqual(commands, []);
});
