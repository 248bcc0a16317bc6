/**
 * One run of lasting partial partitions: some links are cut, one way or both, and stay so. The
 * views must come to rest, and whoever is in a view must hear, and be heard by, all in it.
 *
 *     node sim/ring/partial.ts 17         one run, line by line
 *     node sim/ring/partial.ts 1 5000     a search
 */
import type { Timing } from '../../src/core/ring/timing.ts';
import { chat } from './app.ts';
import { Judge } from './judge.ts';
import { Random } from './random.ts';
import { search } from './search.ts';
import { type Life, World } from './world.ts';

const TIMING: Timing = { heartbeatMs: 100, silenceMs: 500, repeatMs: 50, steadyMs: 100 };

const ROUNDS = 3;
/** Links that went and came a few times must be steady for long. */
const SETTLE_MS = 15_000;
const REST_MS = 5_000;

export type PartialOutcome = { readonly views: number; readonly parts: number };

export function runPartialSeed(
  seed: number,
  read?: (lines: readonly string[]) => void,
): PartialOutcome {
  const draw = new Random(seed * 15_485_863);
  const judge = new Judge(TIMING);
  const world = new World({
    seed,
    nodes: draw.whole(3, 8),
    timing: TIMING,
    makeApp: chat(5_000),
    watcher: judge,
    driftRatioMax: 0.01,
    lifelines: false,
  });
  if (read !== undefined) world.lines = [];
  try {
    return live(world, judge, draw);
  } finally {
    read?.(world.lines ?? []);
  }
}

function live(world: World, judge: Judge, draw: Random): PartialOutcome {
  for (const node of world.nodes) world.start(node);
  let parts = 0;
  for (let round = 0; round < ROUNDS; round++) {
    world.network.cuts.clear();
    const ratio = draw.pick([0.1, 0.3, 0.6])!;
    const bothWays = draw.chance(0.5);
    for (const { name: from } of world.nodes) {
      for (const { name: to } of world.nodes) {
        if (from >= to || !draw.chance(ratio)) continue;
        const oneWay = draw.chance(0.5);
        if (bothWays || oneWay) world.network.cuts.add(`${from}>${to}`);
        if (bothWays || !oneWay) world.network.cuts.add(`${to}>${from}`);
      }
    }
    world.run(world.nowMs + SETTLE_MS);
    const { views } = judge;
    world.run(world.nowMs + REST_MS);
    if (judge.views !== views) throw new Error('views change though the network does not');
    parts += new Set(world.lives.map((life) => inspect(world, life))).size;
  }
  judge.finish();
  // One that was asked in the moment its link was cut may be missed before it is silent.
  const asked = world.reports.filter((report) => report.endsWith('it does not answer')).length;
  if (asked > ROUNDS) throw new Error(`${asked} times somebody was asked who cannot hear`);
  return { views: judge.views, parts };
}

/** @returns which view it is in */
function inspect(world: World, life: Life): string {
  const { view } = life.ring;
  if (view === null) throw new Error(`${life.member.name} is in no view`);
  for (const { name } of view.members) {
    const fellow = world.lives.find(({ member }) => member.name === name);
    const theirs = fellow?.ring.view?.id;
    if (theirs?.epoch !== view.id.epoch || theirs.proposer !== view.id.proposer) {
      throw new Error(`${life.member.name} believes to be in one view with ${name}`);
    }
    for (const { name: other } of view.members) {
      if (!world.network.cuts.has(`${name}>${other}`)) continue;
      throw new Error(`${name} and ${other} are in one view, and do not hear each other`);
    }
  }
  return `${view.id.epoch} ${view.id.proposer}`;
}

if (import.meta.main) search(runPartialSeed);
