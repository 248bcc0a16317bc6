/**
 * What breaks that is not a process: a cable, a machine that stops in the middle, an application.
 *
 * The budget: `connectTimeoutMs`, a second by default, for a new connection that is not answered.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from './eventually.ts';
import { unavailable } from './namespaces.ts';
import { DIRECTOR, HOME, Site } from './site.ts';

/** DEFAULT_LIMITS.connectTimeoutMs, twice, as a kept connection may have to be given up first. */
const BUDGET_MS = 2_000;

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
    ok(slowestMs < BUDGET_MS + 3_000, `the slowest request took ${slowestMs} ms`);
    site.www(1).machine.plug();
    await site.servedBy(['www1']);
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
