/**
 * Who can talk with whom, and how many of them must hold each address.
 *
 * What a newcomer gets wrong: what we expect does not come from the keepers. It follows from links,
 * cables and the policy alone; only `run` and the views are asked of the daemons.
 */
import type { Cluster } from './cluster.ts';

export type Component = {
  readonly names: readonly string[];
  /** Everybody hears everybody. */
  readonly whole: boolean;
  readonly phases: readonly string[];
  readonly views: readonly (string | null)[];
  /** No cable of the pool is out. */
  readonly able: readonly string[];
  /** So many hold each address, at least and, where all hear all, at most; planned moves aside. */
  readonly least: number;
  readonly most: number;
  /** Whether these are too many, or too close to each other. */
  readonly crowded: (holders: readonly string[]) => boolean;
};

/** Each hears the other. */
export function isJoined({ world }: Cluster, a: string, b: string): boolean {
  const { cuts } = world.network;
  return !cuts.has(`${a}>${b}`) && !cuts.has(`${b}>${a}`);
}

export function componentsOf(cluster: Cluster): readonly Component[] {
  const names = cluster.nodes.map(({ name }) => name);
  const joined = (a: string, b: string): boolean => isJoined(cluster, a, b);
  const components: Component[] = [];
  const left = new Set(names);
  for (const start of names) {
    if (!left.delete(start)) continue;
    const found = [start];
    for (const name of found) {
      for (const other of left) if (joined(name, other)) found.push(other);
      for (const other of found) left.delete(other);
    }
    const whole = found.every((a) => found.every((b) => a === b || joined(a, b)));
    components.push(describe(cluster, found.sort(), whole));
  }
  return components;
}

function describe(cluster: Cluster, names: readonly string[], whole: boolean): Component {
  const { policy } = cluster.setup;
  const able = names.filter((name) => [...cluster.cables(name).values()].every((up) => up));
  const quorum = policy.kind !== 'quorum' || names.length * 2 > policy.nodes;
  const most = able.length > 0 && quorum ? 1 : 0;
  // In a part of a component that goes first there may be too few, or nobody able.
  const statuses = names.map((name) => cluster.node(name)!.keeper.status());
  const views = new Map(names.map((name, index) => [name, statuses[index]!.view]));
  const fellows = (name: string): readonly string[] => {
    return names.filter((other) => views.get(other) === views.get(name));
  };
  const serves =
    policy.kind !== 'quorum' || names.some((name) => fellows(name).length * 2 > policy.nodes);
  const certain = whole || (able.length === names.length && serves);
  // Heard one way, a node may be unknown here, and what it answers for is not taken from it.
  const { cuts } = cluster.world.network;
  const overheard = cluster.nodes.some(({ name: other }) => {
    return !names.includes(other) && names.some((name) => !cuts.has(`${other}>${name}`));
  });
  // Two views that only a third one touches do not know of each other (`beside` in group.ts).
  const areClose = (holders: readonly string[]): boolean => {
    return holders.some((a, index) => {
      return holders.slice(index + 1).some((b) => touch(cluster, fellows(a), fellows(b)));
    });
  };
  return {
    names,
    whole,
    able,
    phases: statuses.map(({ phase }) => phase),
    views: [...views.values()],
    least: certain && !overheard ? most : 0,
    most,
    crowded: (holders) =>
      whole ? holders.length > most : areClose(holders) || (most === 0 && holders.length > 0),
  };
}

function touch(cluster: Cluster, as: readonly string[], bs: readonly string[]): boolean {
  return as.some((a) => bs.some((b) => a === b || isJoined(cluster, a, b)));
}
