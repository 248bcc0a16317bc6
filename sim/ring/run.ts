/**
 * One seed, one run: a time of faults, then fair weather in which all must find together.
 *
 *     node sim/ring/run.ts 17          one run, line by line
 *     node sim/ring/run.ts 1 5000      a search
 */
import { PROFILES, type Timing } from '../../src/core/ring/timing.ts';
import { chat, type MakeApp } from './app.ts';
import { heal, schedule } from './faults.ts';
import { Judge } from './judge.ts';
import { FAIR } from './network.ts';
import { Random } from './random.ts';
import { search } from './search.ts';
import { World } from './world.ts';

/** As `lan`, but with fewer heartbeats, so that more of what matters happens in a second. */
const SLOW: Timing = { heartbeatMs: 100, silenceMs: 500, repeatMs: 50, steadyMs: 100 };
/** For large worlds, where everybody hears everybody. */
const SLOWER: Timing = { heartbeatMs: 250, silenceMs: 1_250, repeatMs: 125, steadyMs: 250 };

const FAULTS_MS = 40_000;
/** The longest that a flapping member must be steady is 10 s; the rest is the change itself. */
const SETTLE_MS = 20_000;

export type Outcome = {
  readonly hash: number;
  readonly views: number;
  readonly messages: number;
  readonly stalls: number;
  readonly datagrams: number;
  /** From the end of the faults until all were in one view. */
  readonly settledMs: number;
};

export type RunOptions = {
  readonly seed: number;
  readonly makeApp?: MakeApp;
  /** Called with each line of what happened, when the run is over or broken. */
  readonly read?: (lines: readonly string[]) => void;
};

export function runSeed({ seed, makeApp, read }: RunOptions): Outcome {
  const draw = new Random(seed * 7_919);
  const nodes = draw.pick([2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8, draw.whole(9, 16)])!;
  const timing = nodes > 5 ? SLOWER : draw.pick([SLOW, SLOW, SLOW, PROFILES.lan])!;
  // Every message is acknowledged by all to all: in a large world each says less.
  const chatMs = (draw.pick([400, 2_000, 8_000])! * nodes ** 2) / 9;
  const judge = new Judge(timing);
  const world = new World({
    seed,
    nodes,
    timing,
    makeApp: makeApp ?? chat(chatMs),
    watcher: judge,
    driftRatioMax: 0.03,
    lifelines: draw.chance(0.5),
  });
  if (read !== undefined) world.lines = [];
  try {
    return live(world, judge, timing);
  } finally {
    read?.(world.lines ?? []);
  }
}

function live(world: World, judge: Judge, timing: Timing): Outcome {
  const { random, network } = world;
  const spreadMs = random.pick([0, 10, 2_000])!;
  for (const node of world.nodes) {
    world.at(random.between(0, spreadMs), () => world.start(node));
  }
  schedule(world, timing, FAULTS_MS);
  world.run(FAULTS_MS);

  network.weather = FAIR;
  heal(world);
  world.run(world.nowMs + 10 * timing.silenceMs);
  // Whatever was on the agenda still: nodes that were to start, links that were to come back.
  heal(world);
  for (const node of world.nodes) {
    world.start(node);
    world.link(node, true);
  }
  const fromMs = world.nowMs;
  while (!judge.agreed(world.lives)) {
    if (world.nowMs - fromMs > SETTLE_MS) throw new Error('no common view though all is well');
    world.run(world.nowMs + 20);
  }
  const settledMs = world.nowMs - fromMs;
  const { views } = judge;
  world.run(world.nowMs + 2 * timing.silenceMs);
  if (judge.views !== views) throw new Error('views change though all is well');
  const endMs = world.nowMs + 2_000;
  while (!judge.quiet(world.lives)) {
    if (world.nowMs > endMs) throw new Error('messages are not delivered though all is well');
    world.run(world.nowMs + 7);
  }
  judge.finish();
  const { messages, stalls } = judge;
  return {
    hash: world.hash,
    views: judge.views,
    messages,
    stalls,
    datagrams: network.sent,
    settledMs,
  };
}

if (import.meta.main) search((seed, read) => runSeed(read ? { seed, read } : { seed }));
