import { deepEqual, equal, match } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { server as serverOf } from '../../core/candidacy/candidacy.fixture.ts';
import { NOW_MS, nodeReport } from '../../core/report/report.fixture.ts';
import { failed, sayJson } from './admin-api.ts';
import { Neighbours } from './neighbours.ts';
import { SignatureCheck } from './signature.ts';

const SECRET = 'of the cluster';

/** A node called b that answers so, and a clock of ours that a test sets. */
async function rig(listener: RequestListener, secret: string | null = null) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const clock = { nowMs: NOW_MS, uptimeMs: 1_000 };
  const known = [{ ...serverOf(1), name: 'b', address: '127.0.0.1', port }];
  const neighbours = new Neighbours({
    known: () => known,
    secret,
    nowMs: () => clock.nowMs,
    uptimeMs: () => clock.uptimeMs,
  });
  return { neighbours, clock, known };
}

async function problemOf(listener: RequestListener, secret: string | null = null) {
  const { neighbours } = await rig(listener, secret);
  for (;;) {
    const [b] = await neighbours.heard([]);
    if (b!.problem !== null || b!.report !== null) return b!.problem;
  }
}

test('Neighbours say in words what is wrong with a node that is asked', async () => {
  const refusal = 'the signature is refused: it was made 180 s ago by our clock: set the clocks';
  const cases: readonly (readonly [RequestListener, RegExp])[] = [
    [(_, response) => sayJson(response, 403, failed(refusal)), /^it answers 403, the signature/],
    [(_, response) => response.writeHead(502).end('<html>'), /^it answers 502$/],
    [(_, response) => response.end('{}'), /^it sends no report we can read$/],
    [(_, response) => sayJson(response, 200, nodeReport('c')), /^c answers there$/],
    [(request) => request.socket.destroy(), /^ECONNRESET$/],
    [(_, response) => response.end('x'.repeat(2_200_000)), /^its answer has no end$/],
  ];
  for (const [listener, words] of cases) match((await problemOf(listener)) ?? 'nothing', words);
});

test('Neighbours sign, and ask only for what is wanted', async () => {
  const check = new SignatureCheck(SECRET);
  let path = '';
  const { neighbours, clock } = await rig((request, response) => {
    path = request.url ?? '';
    const signature = String(request.headers['forehand-signature']);
    const problem = check.problem(signature, { method: 'GET', path, body: '' }, clock.nowMs);
    if (problem === null) sayJson(response, 200, nodeReport('b'));
    else sayJson(response, 403, failed(problem));
  }, SECRET);
  const [b] = await neighbours.heard(['servers', 'groups']);
  deepEqual([b!.problem, b!.report?.node], [null, 'b']);
  equal(path, '/.well-known/forehand/api/node?without=servers&without=groups');
});

test('Neighbours go by a clock that only goes forward, and notice another time of day', async () => {
  let asked = 0;
  const { neighbours, clock } = await rig((_, response) => {
    asked++;
    sayJson(response, 200, nodeReport('b', { nowMs: NOW_MS + 60_000 }));
  });
  const [first] = await neighbours.heard([]);
  deepEqual([first!.ageMs, first!.aheadMs, asked], [0, 60_000, 1]);
  clock.nowMs -= 3_600_000;
  clock.uptimeMs += 5_000;
  const [second] = await neighbours.heard([]);
  equal(second!.ageMs, 5_000, 'as old as it is, though the time of day went back');
  while (asked < 2) await new Promise((resolve) => setImmediate(resolve));
});

test('Neighbours ask nobody twice in a second, and forget who is known no more', async () => {
  let asked = 0;
  const { neighbours, clock, known } = await rig((_, response) => {
    asked++;
    sayJson(response, 200, nodeReport('b'));
  });
  for (let count = 0; count < 3; count++) await neighbours.heard([]);
  equal(asked, 1);
  known.pop();
  clock.uptimeMs += 600_000;
  equal((await neighbours.heard([])).length, 1);
  clock.uptimeMs += 1;
  equal((await neighbours.heard([])).length, 0);
});
