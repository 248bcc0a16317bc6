/**
 * Goal: whatever happens to nodes, kernels and the network between them, each address is held once
 * in each part that is connected, and soon; see `judge.ts` for what exactly.
 *
 * Method: 60 simulated seconds of storms and rests. A storm is a few seconds of faults; when it is
 * over, what it left behind stays, until everything has settled and stayed so for a while. The last
 * rest is one of all nodes, mended. Underneath, the ring's own judge looks on. Every fourth seed is
 * a calm one instead: one fault at a time, and the darkness it causes is measured.
 *
 *     node sim/cluster/run.ts 17          one run, line by line
 *     node sim/cluster/run.ts 1 500       a search
 */
import { Judge } from '../ring/judge.ts';
import { FAIR } from '../ring/network.ts';
import { Random } from '../ring/random.ts';
import { search } from '../ring/search.ts';
import { liveCalm } from './calm.ts';
import { Cluster } from './cluster.ts';
import { FAULTS, mend } from './faults.ts';
import { ClusterJudge, MOVE_MS } from './judge.ts';
import { drawSetup } from './setup.ts';
import type { Totals } from './tally.ts';

export const RUN_MS = 60_000;
const CALM_EACH = 4;
/** A member that came and went often must be steady for 10 s; the rest is the change itself. */
const STEADY_MS = 16_000;
const REST_MS = 1_500;
const POLL_MS = 40;
/** To look at everything costs more than to live through it. */
const LOOK_MS = 200;

export type Outcome = { readonly hash: number; readonly totals: Totals };

export function runClusterSeed(seed: number, read?: (lines: readonly string[]) => void): Outcome {
  const setup = drawSetup(new Random(seed * 32_452_843));
  const ringJudge = new Judge(setup.timing);
  const judge = new ClusterJudge();
  const cluster = new Cluster(setup, { seed, watcher: ringJudge, spy: judge.spy });
  judge.cluster = cluster;
  if (read !== undefined) cluster.world.lines = [];
  try {
    if (seed % CALM_EACH === 0) liveCalm(cluster, judge, RUN_MS);
    else liveStormy(cluster, judge);
    ringJudge.finish();
  } finally {
    read?.(cluster.world.lines ?? []);
  }
  return { hash: cluster.world.hash, totals: judge.tally.totals };
}

function liveStormy(cluster: Cluster, judge: ClusterJudge): void {
  const { world } = cluster;
  const { random } = world;
  const spreadMs = random.pick([0, 10, 2_000])!;
  // Who has not come when the first storm is over stays away: a rest is judged by who is there.
  for (const node of world.nodes) {
    cluster.later(random.between(0, spreadMs), () => world.start(node));
  }
  const words = Object.keys(FAULTS).filter(() => random.chance(0.6));
  const kinds = words.length > 0 ? words : Object.keys(FAULTS);
  while (world.nowMs < RUN_MS - 2 * STEADY_MS) {
    storm(cluster, judge, kinds);
    if (random.chance(0.3)) mend(cluster);
    rest(cluster, judge);
  }
  storm(cluster, judge, kinds);
  mend(cluster);
  rest(cluster, judge);
  evenOut(cluster, judge);
}

function storm(cluster: Cluster, judge: ClusterJudge, kinds: readonly string[]): void {
  const { world, setup } = cluster;
  const { random } = world;
  const untilMs = world.nowMs + random.between(1_000, 10_000);
  const meanMs = setup.timing.silenceMs * random.pick([0.5, 2, 4])!;
  if (random.chance(0.7)) FAULTS['weather']!(cluster);
  judge.watchesQuorum = false;
  while (world.nowMs < untilMs) {
    runFor(cluster, judge, random.exponential(meanMs));
    const kind = random.pick(kinds)!;
    world.trace(world.nodes[0]!, `# fault ${kind}`);
    FAULTS[kind]!(cluster);
    judge.tally.faults++;
  }
  cluster.endStorm();
  // Chance alone seldom leaves a component in which not all hear all.
  if (random.chance(0.15)) FAULTS['wires']!(cluster);
  world.network.weather = { ...FAIR, delayMsMax: 1 };
  while (cluster.nodes.some(({ node }) => node.busy)) runFor(cluster, judge, POLL_MS);
}

/** What is left behind must settle, and stay so. */
function rest(cluster: Cluster, judge: ClusterJudge): void {
  const { world, setup } = cluster;
  const fromMs = world.nowMs;
  const { silenceMs } = setup.timing;
  // What was noticed last of the storm has been answered by then.
  const calmMs = 3 * silenceMs;
  const limitMs = fromMs + STEADY_MS + setup.configs[0]!.matureMs + 4 * silenceMs;
  let settledMs = world.nowMs;
  for (;;) {
    const problem = judge.unsettled();
    if (problem !== null) settledMs = world.nowMs + LOOK_MS;
    // Where not all hear all, views may change once more when a member has been steady for long.
    const waitMs = judge.partial ? STEADY_MS - 4_000 : calmMs;
    if (problem === null && world.nowMs - settledMs >= waitMs) break;
    if (problem !== null && world.nowMs > limitMs) throw new Error(`does not settle: ${problem}`);
    runFor(cluster, judge, LOOK_MS);
  }
  const { tally } = judge;
  tally.settleMsMax = Math.max(tally.settleMsMax, Math.round(settledMs - fromMs));
  judge.beginRest();
  runFor(cluster, judge, REST_MS);
  judge.endRest();
}

/** One view of all, well; rounds of balancing come to an end. */
function evenOut(cluster: Cluster, judge: ClusterJudge): void {
  const { world, setup } = cluster;
  const { balance, pool } = setup.configs[0]!;
  const rounds = balance.rate === 'all' ? 2 : pool.length / balance.rate + 2;
  const untilMs = world.nowMs + 3_000 + rounds * (balance.intervalMs + 100);
  judge.beginRest();
  while (judge.uneven() !== null) {
    if (world.nowMs > untilMs) throw new Error(`not even: ${judge.uneven()}`);
    runFor(cluster, judge, LOOK_MS);
  }
  judge.endRest();
  // A burst may be under way.
  runFor(cluster, judge, 2 * MOVE_MS);
  const misled = judge.misled();
  if (misled !== null) throw new Error(misled);
}

export function runFor(cluster: Cluster, judge: ClusterJudge, durationMs: number): void {
  const { world } = cluster;
  for (const endMs = world.nowMs + durationMs; world.nowMs < endMs; ) {
    world.run(Math.min(endMs, world.nowMs + POLL_MS));
    judge.poll();
  }
}

if (import.meta.main) search(runClusterSeed);
