/**
 * 200 reloads under load: no request fails, a WebSocket through another zone stays open, and the
 * node grows by no more than what Node keeps of each module it has loaded.
 *
 * Real processes on loopback; no browser, no root. FOREHAND_RELOADS says how many.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { ask, freePorts, Load, Rig, Talk } from './reload-rig.ts';

type Answer = {
  readonly ok: boolean;
  readonly text: string;
  readonly changes?: readonly string[];
  readonly diagnostics?: readonly { readonly file: string; readonly start: { line: number } }[];
};

const RELOADS = Number(process.env['FOREHAND_RELOADS'] ?? 200);

/** One in so many is wrong. */
const WRONG_EACH = 10;

/** After these the node has seen each kind of reload, and its heaps have their size. */
const WARM = 40;

/**
 * In MB for each reload, all three threads together. Measured: 0.09 (x86-64, Node 26.10,
 * 2026-11-22); most of it is Node's memory of modules (src/config/native/run-file.ts).
 */
const GROWTH_MB_MAX = 0.2;

function configOf(rig: Rig, ports: readonly number[], round: number): string {
  const listen = ports.map((port) => `'127.0.0.1:${port}'`).join(', ');
  return `
    import { addSelf, byAge, byLoad, candidacy, defineCluster } from 'forehand';
    import { order } from './order.ts';
    export default defineCluster({
      nodes: { web1: {} },
      listen: [${listen}],
      workers: 2,
      control: '${rig.control}',
      application: 'http://127.0.0.1:${rig.applicationPort}',
      limits: { keepAliveTimeout: '${20 + (round % 3)}s' },
      zones: [
        { location: '/talk', chain: [byAge(), addSelf()] },
        { location: '/shop', chain: [byLoad(${round}), candidacy('order', order), addSelf()] },
        ${round % 4 === 3 ? "{ location: '/more', chain: [addSelf()] }," : ''}
      ],
    });`;
}

test(`${RELOADS} reloads under load fail no request and end no WebSocket`, async () => {
  const rig = new Rig();
  after(() => rig.end());
  await rig.begin();
  const [first, second] = (await freePorts(2)) as [number, number];
  const prepare = (round: number): void => {
    rig.write(
      'order.ts',
      `export const order = (list: readonly never[]) => list.slice(0, ${round + 9});`,
    );
    const ports = round % 2 === 1 ? [first, second] : [first];
    rig.write('forehand.config.ts', configOf(rig, ports, round));
  };
  prepare(0);
  await rig.start();
  const talk = await Talk.with(`ws://127.0.0.1:${first}/talk`);
  const load = new Load(first, 12);
  let warmMb = 0;
  const tookMs: number[] = [];
  for (let round = 1; round <= RELOADS; round++) {
    const wrong = round % WRONG_EACH === 0;
    if (wrong) rig.write('forehand.config.ts', `${configOf(rig, [first], round)}\nlisten: [`);
    else prepare(round);
    const beganMs = performance.now();
    const answer = await rig.reload<Answer>();
    tookMs.push(performance.now() - beganMs);
    equal(answer.ok, !wrong, answer.text);
    if (wrong) equal(answer.diagnostics?.[0]?.file, rig.config);
    else ok(answer.changes?.includes('zone location /shop: chain changed'), String(answer.changes));
    equal(await talk.say(`round ${round}`), `round ${round}`);
    // What the second address answers shows which configuration is in force.
    const lastGood = wrong ? round - 1 : round;
    equal(await answers(second), lastGood % 2 === 1, `second address after round ${round}`);
    if (round === WARM) warmMb = rig.residentMb;
  }
  const grownMb = rig.residentMb - warmMb;
  await load.stop();
  deepEqual(load.failures.slice(0, 5), []);
  ok(load.asked > RELOADS * 10, `only ${load.asked} requests`);
  equal(await talk.say('still here'), 'still here');
  talk.close();
  tookMs.sort((a, b) => a - b);
  const median = tookMs[tookMs.length >> 1]!.toFixed(0);
  const slowest = tookMs.at(-1)!.toFixed(0);
  process.stdout.write(
    `${RELOADS} reloads, ${load.asked} requests; a reload took ${median} ms (median), ` +
      `${slowest} ms (slowest), an answer ${load.slowestMs.toFixed(0)} ms at most; ${grownMb.toFixed(1)} MB more than after ${WARM}\n`,
  );
  if (RELOADS > WARM) {
    const each = grownMb / (RELOADS - WARM);
    ok(each < GROWTH_MB_MAX, `${each.toFixed(3)} MB for each reload`);
  }
});

async function answers(port: number): Promise<boolean> {
  const agent = new Agent();
  try {
    return (await ask({ port, path: '/', agent })).status === 200;
  } catch (error) {
    match(String(error), /ECONNREFUSED/);
    return false;
  } finally {
    agent.destroy();
  }
}

test('SIGTERM: answers say close, a WebSocket talks on, what is under way is answered, exit 0', async () => {
  const rig = new Rig();
  after(() => rig.end());
  await rig.begin();
  const [port] = (await freePorts(1)) as [number];
  rig.write('order.ts', 'export const order = (list: readonly never[]) => list;');
  rig.write('forehand.config.ts', configOf(rig, [port], 0));
  await rig.start();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const idle = connect({ host: '127.0.0.1', port });
  idle.write('GET /idle HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(idle, 'data');
  const idleEnded = once(idle, 'end');
  equal((await ask({ port, path: '/before', agent })).connection, null);
  const talk = await Talk.with(`ws://127.0.0.1:${port}/talk`);
  const slow = ask({ port, path: '/slow', agent: new Agent(), headers: { 'x-delay': '1500' } });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const from = rig.output.length;
  rig.signal('SIGTERM');
  await rig.said(/SIGTERM/, from);
  // It says farewell first, and goes on to take what comes for a moment.
  const last = await ask({ port, path: '/during', agent });
  deepEqual(last, { status: 200, connection: 'close', body: 'served /during' });
  await idleEnded;
  equal(await talk.say('during'), 'during');
  equal((await slow).body, 'served /slow');
  equal(await talk.say('last'), 'last');
  equal(await answers(port), false);
  talk.close();
  deepEqual(await rig.ended(), [0, null]);
});
