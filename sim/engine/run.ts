/**
 * One seed, one run: a time of faults on an ideal engine, then fair weather in which all must find
 * together.
 *
 *     node sim/engine/run.ts 17          one run, line by line
 *     node sim/engine/run.ts 1 5000      a search
 */
import type { ViewsTiming } from '../../src/core/engine/member-views.ts';
import { Judge } from '../ring/judge.ts';
import { search } from '../ring/search.ts';
import type { Process } from './ideal-engine.ts';
import { type SimNode, World } from './world.ts';

const TIMING: ViewsTiming = { aliveMs: 200, helloMs: 300, stuckMs: 5_000 };
/** Three signs of life, and the time until the next one is due: later than that is noticed. */
const NOTICED_MS = 800;

const FAULTS_MS = 40_000;
/** What is stuck is given up after 5 s, and joined again. */
const SETTLE_MS = 15_000;

export type Outcome = {
  readonly hash: number;
  readonly views: number;
  readonly messages: number;
  readonly stalls: number;
  /** From the end of the faults until all were in one view. */
  readonly settledMs: number;
};

type Fault = (world: World) => void;

const FAULTS: readonly Fault[] = [
  ({ engine, random }) => {
    const sides = random.whole(2, 3);
    for (const daemon of engine.daemons) daemon.side = random.whole(1, sides);
    engine.rearrange();
  },
  /* For no time at all: no view comes between. */
  (world) => {
    const { engine, random } = world;
    for (const daemon of engine.daemons) daemon.side = random.whole(1, 2);
    engine.rearrange();
    world.at(world.nowMs + random.exponential(engine.delayMs * 3), () => heal(world));
  },
  heal,
  heal,
  (world) => {
    const node = world.random.pick(world.nodes)!;
    world.crash(node);
    world.at(world.nowMs + world.random.pick([0, 5, 100, 3_000])!, () => world.start(node));
  },
  (world) => {
    const node = world.random.pick(world.nodes)!;
    world.freeze(node, world.random.pick([100, 500, 790, 900, 1_500, 4_000])!);
  },
  (world) => {
    const { daemon } = world.random.pick(world.nodes)!;
    world.engine.kill(daemon);
    const restMs = world.random.pick([0, 50, 2_000])!;
    world.at(world.nowMs + restMs, () => world.engine.revive(daemon));
  },
  ({ engine, random, nowMs }) => {
    engine.stuckUntilMs = nowMs + random.pick([100, 1_000, 3_000, 7_000])!;
  },
  ({ engine, random }) => {
    engine.delayMs = random.pick([0.2, 1, 10, 60])!;
  },
  /* A program that is none of ours joins, says nothing or nonsense, and goes. */
  (world) => {
    const { daemon } = world.random.pick(world.nodes)!;
    const process: Process = { name: `x${world.random.whole(1, 99)}`, hear: () => {} };
    if (!daemon.up) return;
    world.engine.join(daemon, process);
    const says = world.random.chance(0.5);
    if (says) world.engine.send(daemon, process.name, new TextEncoder().encode('FHEN nonsense'));
    world.at(world.nowMs + world.random.exponential(5_000), () => {
      world.engine.leave(daemon, process.name);
    });
  },
];

function heal({ engine }: World): void {
  for (const daemon of engine.daemons) daemon.side = 0;
  engine.rearrange();
}

export type RunOptions = {
  readonly seed: number;
  readonly read?: (lines: readonly string[]) => void;
};

export function runSeed({ seed, read }: RunOptions): Outcome {
  const judge = new Judge({ silenceMs: NOTICED_MS, mayDiverge: true });
  const nodes = 2 + (seed % 5);
  const chatMs = [100, 400, 2_000][seed % 3]!;
  const world = new World({ seed, nodes, timing: TIMING, judge, chatMs });
  if (read !== undefined) world.lines = [];
  try {
    return live(world, judge);
  } finally {
    read?.(world.lines ?? []);
  }
}

function live(world: World, judge: Judge): Outcome {
  const { random, engine } = world;
  const starts = (node: SimNode) => world.at(random.between(0, 500), () => world.start(node));
  world.nodes.forEach(starts);
  const meanMs = random.pick([100, 500, 3_000])!;
  const kinds = FAULTS.filter(() => random.chance(0.6));
  for (let atMs = 0; atMs < FAULTS_MS; atMs += random.exponential(meanMs)) {
    const fault = random.pick(kinds.length > 0 ? kinds : FAULTS)!;
    world.at(atMs, () => fault(world));
  }
  world.run(FAULTS_MS);
  engine.delayMs = 1;
  engine.stuckUntilMs = 0;
  heal(world);
  world.run(world.nowMs + 4_000);
  for (const daemon of engine.daemons) engine.revive(daemon);
  heal(world);
  for (const node of world.nodes) world.start(node);
  const fromMs = world.nowMs;
  while (!judge.agreed(world.lives)) {
    if (world.nowMs - fromMs > SETTLE_MS) throw new Error('no common view though all is well');
    world.run(world.nowMs + 20);
  }
  const settledMs = world.nowMs - fromMs;
  // Strangers go, now and then still, and that makes views.
  world.run(world.nowMs + 60_000);
  const { views } = judge;
  world.run(world.nowMs + 3_000);
  if (judge.views !== views) throw new Error('views change though all is well');
  const endMs = world.nowMs + 5_000;
  while (!judge.quiet(world.lives)) {
    if (world.nowMs > endMs) throw new Error('messages are not delivered though all is well');
    world.run(world.nowMs + 7);
  }
  judge.finish();
  const { messages, stalls } = judge;
  return { hash: world.hash, views: judge.views, messages, stalls, settledMs };
}

if (import.meta.main) search((seed, read) => runSeed(read ? { seed, read } : { seed }));
