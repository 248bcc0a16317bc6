/**
 * One run in fair weather, where nodes come and go and nothing else is wrong: nobody who is well
 * may be left out of a view on the way, not even for a moment. Alone it would take over the work of
 * all.
 *
 *     node sim/ring/calm.ts 17         one run, line by line
 *     node sim/ring/calm.ts 1 5000     a search
 */
import type { GroupEvent, View } from '../../src/core/ring/group.ts';
import { PROFILES, type Timing } from '../../src/core/ring/timing.ts';
import { chat } from './app.ts';
import { Judge } from './judge.ts';
import { FAIR } from './network.ts';
import { Random } from './random.ts';
import { search } from './search.ts';
import { type Life, World } from './world.ts';

const RUN_MS = 60_000;

export type CalmOutcome = { readonly views: number; readonly changes: number };

class CalmJudge extends Judge {
  readonly #silenceMs: number;
  nowMs = (): number => 0;
  readonly #blockedMs = new Map<Life, number>();
  #endedMs = Number.NEGATIVE_INFINITY;
  readonly #views = new Map<Life, View>();
  /** Of lives that are well, by boot id. */
  readonly alive = new Set<number>();

  constructor(timing: Timing) {
    super(timing);
    this.#silenceMs = timing.silenceMs;
  }

  override started(life: Life): void {
    this.alive.add(life.member.bootId);
    super.started(life);
  }

  override ended(life: Life): void {
    this.alive.delete(life.member.bootId);
    this.#endedMs = this.nowMs();
    super.ended(life);
  }

  override delivered(life: Life, event: GroupEvent): void {
    super.delivered(life, event);
    if (event.kind === 'stalled') throw new Error('a member stalls that was never stopped');
    if (event.kind === 'blocked') this.#blockedMs.set(life, this.nowMs());
    if (event.kind !== 'view') return;
    this.#judgeBlocked(life);
    const next = new Set(event.view.members.map(({ bootId }) => bootId));
    const lost = this.#views
      .get(life)
      ?.members.find(({ bootId }) => this.alive.has(bootId) && !next.has(bootId));
    this.#views.set(life, event.view);
    if (lost === undefined) return;
    throw new Error(`${life.member.name} goes on without ${lost.name}, who is well`);
  }

  /** One loss is noticed after a silence; whoever ends in the middle of that is waited for too. */
  #judgeBlocked(life: Life): void {
    const nowMs = this.nowMs();
    const blockedMs = this.#blockedMs.get(life);
    if (blockedMs === undefined) return;
    const lastMs = Math.max(blockedMs + this.#silenceMs, this.#endedMs);
    if (nowMs <= lastMs + this.#silenceMs) return;
    throw new Error(`${life.member.name} was blocked for ${Math.round(nowMs - blockedMs)} ms`);
  }
}

export function runCalmSeed(seed: number, read?: (lines: readonly string[]) => void): CalmOutcome {
  const draw = new Random(seed * 104_729);
  const timing: Timing = draw.pick(Object.values(PROFILES))!;
  const judge = new CalmJudge(timing);
  const nodes = draw.whole(2, 7);
  const world = new World({
    seed,
    nodes,
    timing,
    makeApp: chat(draw.pick([20, 100])! * timing.heartbeatMs),
    watcher: judge,
    driftRatioMax: 0.01,
    lifelines: draw.chance(0.5),
  });
  judge.nowMs = () => world.nowMs;
  if (read !== undefined) world.lines = [];
  try {
    return live(world, judge, timing);
  } finally {
    read?.(world.lines ?? []);
  }
}

function live(world: World, judge: CalmJudge, timing: Timing): CalmOutcome {
  const { random } = world;
  const delayMsMax = Math.min(2, timing.heartbeatMs / 8);
  world.network.weather = { ...FAIR, delayMsMin: 0.05, delayMsMax };
  const spreadMs = random.pick([0, 5, timing.silenceMs])!;
  for (const node of world.nodes) world.at(random.between(0, spreadMs), () => world.start(node));
  const endMs = RUN_MS * (timing.silenceMs / 500);
  let changes = 0;
  // Sometimes a change comes in the middle of the one before.
  const meanMs = timing.silenceMs * random.pick([1, 5, 10])!;
  for (let atMs = 4 * timing.silenceMs; atMs < endMs; atMs += random.exponential(meanMs)) {
    world.at(atMs, () => {
      changes++;
      const node = random.pick(world.nodes)!;
      if (node.life === null) world.start(node);
      else if (random.chance(0.5)) world.crash(node);
      else world.leave(node);
    });
  }
  world.run(endMs);
  for (const node of world.nodes) world.start(node);
  // One that came and went often must be steady for up to ten seconds.
  const settledMs = world.nowMs + Math.max(12_000, 10 * timing.silenceMs);
  while (!judge.agreed(world.lives)) {
    if (world.nowMs > settledMs) throw new Error('no common view though all is well');
    world.run(world.nowMs + 20);
  }
  judge.finish();
  return { views: judge.views, changes };
}

if (import.meta.main) search(runCalmSeed);
