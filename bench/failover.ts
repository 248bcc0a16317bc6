/**
 * How long a client is without an answer when a machine of the cluster fails: forehand beside
 * keepalived, in network namespaces of this machine (root).
 *
 *     npm run bench:failover                              3 nodes, both profiles, ten repetitions
 *     npm run bench:failover -- --nodes 12 --addresses 40 --profile lan --only power-cut,heal
 *     npm run bench:failover -- --product forehand --engine corosync --profile lan     or spread
 *     npm run bench:failover -- --repetitions 20 --product forehand --json result.json
 *     npm run bench:failover -- --nodes 12 --addresses 40 --profile lan --only heal --calm 65
 *
 * Method: a third machine asks every address of the victim every 5 ms, by a datagram and by a TCP
 * connection, and the longest time without an answer counts, over all of its addresses and both
 * ways. The victim changes from repetition to repetition; between two of them it is as new, and it
 * is waited for until each address is held once and they are evenly spread. Products take turns,
 * scenario by scenario.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { unavailable } from '../src/lab/room.ts';
import {
  Cluster,
  type ClusterNode,
  ENGINES,
  type Layout,
  PRODUCTS,
  Probe,
  type Product,
  poolOf,
} from './failover/cluster.ts';
import { cover, longestGapMs, median } from './failover/gaps.ts';
import { install } from './failover/install.ts';
import type { Tries } from './failover/prober.ts';
import { SCENARIOS, type Scenario } from './failover/scenarios.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '3' },
    addresses: { type: 'string' },
    profile: { type: 'string', default: 'lan,fast' },
    engine: { type: 'string', default: 'ring' },
    only: { type: 'string' },
    product: { type: 'string', default: PRODUCTS.join(',') },
    repetitions: { type: 'string', default: '10' },
    calm: { type: 'string', default: '0' },
    json: { type: 'string' },
  },
});

/** Before the strike the visitor must have been answered for this long. */
const QUIET_MS = 400;

/** The cluster is given up as broken when it is not even again within this. */
const SETTLE_MS = 180_000;

/**
 * Once even, it is left alone for this long. A group remembers for a minute who went away, and
 * trusts him more slowly; here a victim that starts anew makes others go away by its work alone.
 */
const calmMs = Number(values.calm) * 1_000;

/** The visitor asks at most so many addresses: it must not become the slowest of all. */
const PROBED_MAX = 4;

type Gaps = {
  readonly gapsMs: number[];
  /**
   * For `heal`: for how long after it an address was still held twice, the longest overlap of a
   * planned move later, and the longest an address was dark.
   */
  readonly twiceMs: number[];
  readonly overlapMs: number[];
  readonly darkMs: number[];
};
type Result = { readonly name: string } & Partial<Record<Product, Gaps>>;

const reason = unavailable();
if (reason !== null) {
  console.log(`bench:failover cannot run here: ${reason}`);
  process.exit(1);
}
const products = PRODUCTS.filter((product) => values.product.split(',').includes(product));
if (products.includes('keepalived')) install('keepalived');
const chosen = SCENARIOS.filter(({ name }) => values.only?.split(',').includes(name) ?? true);
const results: Result[] = [];
for (const profile of ['lan', 'fast'] as const) {
  if (!values.profile.split(',').includes(profile)) continue;
  const nodes = Number(values.nodes);
  const engine = ENGINES.find((one) => one === values.engine) ?? 'ring';
  const layout = {
    nodes,
    addresses: Number(values.addresses ?? nodes * 2),
    profile,
    engine,
  } as const;
  for (const scenario of chosen) {
    const name = `${scenario.name}, ${profile}, ${nodes} nodes, ${layout.addresses} addresses`;
    const result: Result = { name };
    for (const product of products) {
      const gaps = await measure(product, layout, scenario);
      if (gaps !== null) Object.assign(result, { [product]: gaps });
      print(name, product, gaps);
    }
    results.push(result);
    if (values.json !== undefined) {
      writeFileSync(values.json, JSON.stringify({ scenarios: results }));
    }
  }
}

/** @returns null where the product cannot do it */
async function measure(product: Product, layout: Layout, scenario: Scenario): Promise<Gaps | null> {
  const directory = mkdtempSync(join(tmpdir(), 'forehand-failover-'));
  const cluster = new Cluster(product, layout, directory);
  const gaps: Gaps = { gapsMs: [], twiceMs: [], overlapMs: [], darkMs: [] };
  try {
    await cluster.start();
    for (let turn = 0; turn < Number(values.repetitions); turn++) {
      await settled(cluster);
      if (calmMs > 0) {
        await sleep(calmMs);
        await settled(cluster);
      }
      const victim = cluster.nodes[turn % cluster.nodes.length]!;
      if (!(await repeat(cluster, victim, scenario, gaps))) return null;
      await victim.reset();
    }
    return gaps;
  } finally {
    cluster.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function repeat(
  cluster: Cluster,
  victim: ClusterNode,
  scenario: Scenario,
  gaps: Gaps,
): Promise<boolean> {
  const owned = [...victim.holds];
  const probe = await Probe.start(cluster.visitor, owned.slice(0, PROBED_MAX));
  await sleep(QUIET_MS);
  const watchMs = scenario.watchMs[cluster.product];
  if (scenario.cutOffMs !== undefined) {
    cluster.cutOff(victim);
    await sleep(scenario.cutOffMs[cluster.product]);
  }
  const begunMs = performance.timeOrigin + performance.now();
  const struck = scenario.strike(victim, cluster);
  // A cut is mended by another program, some 30 ms after it was called and just before it ends.
  const isMending = scenario.cutOffMs !== undefined;
  const atMs = isMending ? performance.timeOrigin + performance.now() : begunMs;
  if (struck) await sleep(watchMs);
  const tries = await probe.stop<Tries[]>();
  if (!struck) return false;
  const untilMs = atMs + watchMs;
  gaps.gapsMs.push(Math.max(...tries.map((one) => longestGapMs(one, atMs - 50, untilMs))));
  if (scenario.cutOffMs !== undefined) {
    const covers = poolOf(cluster.layout).map((address) =>
      cover(
        cluster.changes.filter((change) => change.address === address),
        atMs,
        untilMs,
      ),
    );
    gaps.twiceMs.push(Math.max(...covers.map(({ twiceUntilMs }) => twiceUntilMs)));
    gaps.overlapMs.push(Math.max(...covers.map(({ overlapMs }) => overlapMs)));
    gaps.darkMs.push(Math.max(...covers.map(({ noneMs }) => noneMs)));
  }
  return true;
}

/** Each address in one kernel, and as evenly spread as can be, for a moment. */
async function settled(cluster: Cluster): Promise<void> {
  const endMs = performance.now() + SETTLE_MS;
  for (let calm = 0; calm < 4; ) {
    await sleep(250);
    if (performance.now() > endMs) {
      const held = cluster.nodes.map(({ name, holds }) => `${name}: ${holds.join(' ')}`);
      throw new Error(`the addresses do not settle\n  ${held.join('\n  ')}`);
    }
    const counts = cluster.nodes.map(({ holds }) => holds.length);
    const once = poolOf(cluster.layout).every((one) => cluster.holders.get(one)?.size === 1);
    const even = Math.max(...counts) - Math.min(...counts) <= 1;
    calm = once && even ? calm + 1 : 0;
  }
}

function print(name: string, product: Product, gaps: Gaps | null): void {
  if (gaps === null) {
    console.log(`${name}: ${product}: has no such command`);
    return;
  }
  const line = (label: string, list: readonly number[]): string => {
    const all = list.map((value) => value.toFixed(0)).join(' ');
    return `${label} median ${median(list).toFixed(0)}, max ${Math.max(...list).toFixed(0)} ms (${all})`;
  };
  console.log(`${name}: ${product}: ${line('gap', gaps.gapsMs)}`);
  if (gaps.twiceMs.length > 0) {
    const overlap = line('overlap of planned moves', gaps.overlapMs);
    console.log(`    ${line('held twice for', gaps.twiceMs)}`);
    console.log(`    ${line('dark for', gaps.darkMs)}; ${overlap}`);
  }
}
