/**
 * What is done to a cluster, drawn from the seed, so that each run has a character of its own.
 *
 * What a newcomer gets wrong: faults leave things behind. A storm ends, and some cables are still
 * out, some nodes dead and some links cut; that is what the judge then looks at.
 */
import { drawWeather } from '../ring/faults.ts';
import type { SimNode } from '../ring/world.ts';
import type { Cluster, Death } from './cluster.ts';

export type Fault = (cluster: Cluster) => void;

const DEATHS: readonly Death[] = ['guarded', 'guarded', 'unguarded', 'power'];

export const FAULTS: Readonly<Record<string, Fault>> = {
  parts: (cluster) => {
    const { random, nodes } = cluster.world;
    const count = random.whole(2, 3);
    const part = new Map(nodes.map((node) => [node, random.whole(1, count)]));
    cutLinks(cluster, (from, to) => part.get(from) !== part.get(to));
  },
  links: (cluster) => {
    const { random } = cluster.world;
    const ratio = random.pick([0.05, 0.2, 0.5])!;
    cutLinks(cluster, () => random.chance(ratio));
  },
  wires: (cluster) => {
    const { random } = cluster.world;
    const ratio = random.pick([0.1, 0.3])!;
    cutLinks(cluster, (from, to) => from.name < to.name && random.chance(ratio), 'both ways');
  },
  deaf: (cluster) => {
    const { random, nodes } = cluster.world;
    const one = random.pick(nodes);
    const mute = random.chance(0.5);
    cutLinks(cluster, (from, to) => (mute ? from : to) === one);
  },
  heal,
  healAgain: heal,
  die: (cluster) => {
    const { random } = cluster.world;
    const node = pickNode(cluster);
    cluster.kill(node, random.pick(DEATHS)!);
    // A guard starts a daemon again when it has cleaned up, and not before.
    cluster.later(random.pick([20, 100, 1_000, 5_000])!, () => cluster.world.start(node));
  },
  leave: (cluster) => {
    const { world } = cluster;
    const node = pickNode(cluster);
    const politely = world.random.chance(0.5);
    if (politely) ask(cluster, node, (driver) => void driver.drain(true));
    cluster.later(politely ? world.random.between(0, 3_000) : 0, () => world.leave(node));
    cluster.later(3_000 + world.random.exponential(1_000), () => world.start(node));
  },
  freeze: (cluster) => {
    const { world, setup } = cluster;
    // Around what is noticed and what is not, most of all.
    const factor = world.random.pick([0.2, 0.6, 1, 1.3, 5, 8])!;
    world.freeze(pickNode(cluster), setup.timing.silenceMs * factor);
  },
  hang: (cluster) => {
    const { name } = pickNode(cluster);
    // The others go on without its state after 1 s. Its ring does not cover for it after 1.5 s, and
    // its guard, where there is one, has killed it by then.
    cluster.node(name)?.hang(cluster.world.random.between(10, 1_400));
  },
  cable: (cluster) => {
    const { random } = cluster.world;
    const node = pickNode(cluster);
    const cards = [...cluster.cables(node.name).keys()];
    const some = cards.filter(() => random.chance(0.6));
    for (const card of some) cluster.plug(node, card, false);
    cluster.later(random.exponential(3_000), () => {
      for (const card of some) cluster.plug(node, card, true);
    });
  },
  meddle: (cluster) => {
    for (let i = cluster.world.random.whole(1, 4); i > 0; i--) cluster.meddle(pickNode(cluster));
  },
  drain: (cluster) => {
    const node = pickNode(cluster);
    const on = cluster.world.random.chance(0.6);
    ask(cluster, node, (driver) => void driver.drain(on));
  },
  sicken: (cluster) => {
    const node = pickNode(cluster);
    ask(cluster, node, (driver) => driver.proxy('says the simulation'));
    const restMs = cluster.world.random.exponential(2_000);
    cluster.later(restMs, () => ask(cluster, node, (driver) => driver.proxy(null)));
  },
  weather: (cluster) => {
    cluster.world.network.weather = drawWeather(cluster.world.random, cluster.setup.timing);
  },
};

export function heal(cluster: Cluster): void {
  cluster.world.network.cuts.clear();
  cluster.cutUnplugged();
}

/** Everything that one can mend from outside. */
export function mend(cluster: Cluster): void {
  const { world } = cluster;
  for (const node of world.nodes) {
    for (const card of cluster.cables(node.name).keys()) cluster.plug(node, card, true);
    world.start(node);
    ask(cluster, node, (driver) => {
      driver.proxy(null);
      void driver.drain(false);
    });
  }
  heal(cluster);
}

export function ask(
  cluster: Cluster,
  { name }: SimNode,
  wish: Parameters<NonNullable<ReturnType<Cluster['node']>>['ask']>[0],
): void {
  cluster.node(name)?.ask(wish);
}

function pickNode({ world }: Cluster): SimNode {
  return world.random.pick(world.nodes)!;
}

function cutLinks(
  { world }: Cluster,
  apart: (from: SimNode, to: SimNode) => boolean,
  ways: 'one way' | 'both ways' = 'one way',
): void {
  const { nodes, network } = world;
  for (const from of nodes) {
    for (const to of nodes) {
      if (from === to || !apart(from, to)) continue;
      network.cuts.add(`${from.name}>${to.name}`);
      if (ways === 'both ways') network.cuts.add(`${to.name}>${from.name}`);
    }
  }
}
