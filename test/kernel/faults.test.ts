/**
 * What breaks and leaves the node running: a cable, and the application behind it.
 *
 * The budget is `connectTimeoutMs`, a second by default: a new connection is given up after it, and
 * a kept one is doubted after it, then tried once more (src/proxy/probe.ts).
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { unavailable } from '../../src/lab/room.ts';
import { eventually, SCALE } from './eventually.ts';
import { DIRECTOR, HOME, Site } from './site.ts';

/** DEFAULT_LIMITS.connectTimeoutMs, twice, and what busy processors add to it. */
const BUDGET_MS = 2 * 1_000 + 3_000 * SCALE;

const skip = unavailable() ?? false;

describe('faults of web machines', { skip }, () => {
  let site: Site;

  before(async () => {
    site = new Site({ machines: 3 });
    await site.start();
  });

  after(() => site?.close());

  async function stateOf(name: string): Promise<string | undefined> {
    const { servers } = await site.visitor.status(DIRECTOR);
    return servers.find((server) => server.name === name)?.state;
  }

  test('a pulled cable: requests wait a moment, and are served by another machine', async (t) => {
    await site.servedBy(['www1']);
    const stream = site.visitor.stream(HOME, 4);
    await eventually('www1 serves the stream', () => ok(stream.visits.length > 50));
    t.after(() => site.www(1).machine.plug());
    site.www(1).machine.unplug();
    const cutMs = performance.now();
    await eventually('www2 serves', () => {
      ok(stream.since(cutMs).filter(({ machine }) => machine === 'www2').length > 200);
    });
    const visits = await stream.stop();
    deepEqual(
      visits.filter(({ failure }) => failure !== null),
      [],
    );
    const slowestMs = Math.max(...visits.map(({ durationMs }) => durationMs));
    ok(slowestMs < BUDGET_MS, `the slowest request took ${slowestMs} ms`);
    site.www(1).machine.plug();
    await site.servedBy(['www1']);
  });

  test('a pulled cable, with requests under way: what may be repeated is', async (t) => {
    await site.servedBy(['www1']);
    const ask = (method: string) => site.visitor.ask(`${HOME}slow?ms=4000`, { method });
    const asked = Promise.all([ask('GET'), ask('POST')]);
    await eventually('both are at www1', async () => {
      const { servers } = await site.visitor.status(DIRECTOR);
      equal(servers.find(({ name }) => name === 'www1')?.outstanding, 2);
    });
    t.after(() => site.www(1).machine.plug());
    site.www(1).machine.unplug();
    const [get, post] = await asked;
    equal(get.headers['x-machine'], 'www2');
    ok(get.durationMs < 4_000 + BUDGET_MS, `${get.durationMs} ms`);
    equal(post.status, 504);
    ok(post.body.includes('BACKEND_LOST'), post.body);
    ok(post.durationMs < BUDGET_MS, `${post.durationMs} ms`);
  });

  test('an answer that takes its time is waited for', async () => {
    await site.servedBy(['www1']);
    const { status, headers } = await site.visitor.ask(`${HOME}slow?ms=3500`, { method: 'POST' });
    equal(`${status} ${headers['x-machine']}`, '200 www1');
  });

  test('a dead application: announced as sick, avoided, and taken back', async () => {
    await site.servedBy(['www1']);
    const cookie = 'PHPSESSID=c0a80a0b00';
    await site.www(1).killApplication();
    await eventually('www1 is sick', async () => equal(await stateOf('www1'), 'sick'));
    await site.servedBy(['www2']);
    equal(await site.visitor.machineAt(HOME, { headers: { cookie } }), 'www2');
    ok(site.www(1).log.includes('announced as sick'), site.www(1).log);
    site.www(1).startApplication();
    await eventually('www1 is up', async () => equal(await stateOf('www1'), 'up'));
    await site.servedBy(['www1']);
    equal(await site.visitor.machineAt(HOME, { headers: { cookie } }), 'www1');
  });
});
