/**
 * What goes wrong in one run, and when: drawn from the seed, so that each run has a character of
 * its own. One is all lost datagrams, the next all partitions, most are some of everything.
 */
import type { Timing } from '../../src/core/ring/timing.ts';
import type { Weather } from './network.ts';
import type { Random } from './random.ts';
import type { SimNode, World } from './world.ts';

type Fault = (world: World, timing: Timing) => void;

const FAULTS: readonly Fault[] = [
  /* Two or three parts that do not hear each other. */
  (world) => {
    const sides = world.random.whole(2, 3);
    const side = new Map(world.nodes.map(({ name }) => [name, world.random.whole(1, sides)]));
    cut(world, (from, to) => side.get(from.name) !== side.get(to.name));
  },
  /* Some links, each way by itself. */
  (world) => {
    const ratio = world.random.pick([0.05, 0.2, 0.5])!;
    cut(world, () => world.random.chance(ratio));
  },
  /* One node hears and is not heard, or the other way round. */
  (world) => {
    const deaf = world.random.pick(world.nodes);
    const mute = world.random.chance(0.5);
    cut(world, (from, to) => (mute ? from : to) === deaf);
  },
  heal,
  heal,
  (world) => {
    const node = world.random.pick(world.nodes)!;
    world.crash(node);
    const restMs = world.random.pick([0, 5, 100, 3_000])!;
    world.at(world.nowMs + restMs, () => world.start(node));
  },
  (world) => {
    const node = world.random.pick(world.nodes)!;
    world.leave(node);
    world.at(world.nowMs + world.random.exponential(500), () => world.start(node));
  },
  (world, { silenceMs }) => {
    const node = world.random.pick(world.nodes)!;
    // Around what is noticed and what is not, most of all.
    world.freeze(node, silenceMs * world.random.pick([0.2, 0.45, 0.6, 1, 1.3, 5])!);
  },
  /* A cable that is pulled, and that the kernel tells about. */
  (world) => {
    const node = world.random.pick(world.nodes)!;
    const toldMs = world.random.exponential(20);
    cut(world, (from, to) => from === node || to === node);
    world.at(world.nowMs + toldMs, () => world.link(node, false));
    world.at(world.nowMs + toldMs + world.random.exponential(2_000), () => {
      heal(world);
      world.link(node, true);
    });
  },
  (world) => {
    const [node, other] = [world.random.pick(world.nodes)!, world.random.pick(world.nodes)!];
    if (node !== other) world.mourn(node, other);
  },
  (world, timing) => {
    world.network.weather = drawWeather(world.random, timing);
  },
];

export function drawWeather(random: Random, { heartbeatMs }: Timing): Weather {
  return {
    lossRatio: random.pick([0, 0, 0.02, 0.1, 0.3])!,
    duplicateRatio: random.pick([0, 0, 0.05, 0.3])!,
    delayMsMin: 0.1,
    delayMsMax: heartbeatMs * random.pick([0.01, 0.1, 0.5])!,
    lateRatio: random.pick([0, 0.01, 0.05])!,
  };
}

/** Puts the faults of a run on the agenda: from now until `untilMs`. */
export function schedule(world: World, timing: Timing, untilMs: number): void {
  const { random } = world;
  const meanMs = timing.silenceMs * random.pick([1, 4, 12])!;
  const kinds = FAULTS.filter(() => random.chance(0.6));
  world.network.weather = drawWeather(random, timing);
  for (let atMs = random.exponential(meanMs); atMs < untilMs; atMs += random.exponential(meanMs)) {
    const fault = random.pick(kinds.length > 0 ? kinds : FAULTS)!;
    world.at(atMs, () => fault(world, timing));
  }
}

export function heal({ network }: World): void {
  network.cuts.clear();
}

function cut(world: World, apart: (from: SimNode, to: SimNode) => boolean): void {
  for (const from of world.nodes) {
    for (const to of world.nodes) {
      if (from !== to && apart(from, to)) world.network.cuts.add(`${from.name}>${to.name}`);
    }
  }
}
