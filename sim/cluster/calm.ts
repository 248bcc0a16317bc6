/**
 * One thing after the other happens to a cluster at rest. Addresses go dark only by what takes a
 * node away without a word, and for no longer than the profile promises; by all else not at all.
 */
import { FAIR } from '../ring/network.ts';
import type { SimNode } from '../ring/world.ts';
import type { Cluster } from './cluster.ts';
import { ask } from './faults.ts';
import type { ClusterJudge } from './judge.ts';
import { runFor } from './run.ts';

/** A view, the take-over, a busy main thread on both sides. */
const CHANGE_MS = 100;
/** A member that came and went often must be steady for 10 s. */
const SETTLE_MS = 16_000;

type Act = {
  /** Whether addresses may go dark by it: until another node has them, or for a moment only. */
  readonly darkens: boolean | 'moment';
  readonly happen: (cluster: Cluster, node: SimNode) => void;
  /** Ends it. */
  readonly undo: (cluster: Cluster, node: SimNode) => void;
};

const start = ({ world }: Cluster, node: SimNode): void => world.start(node);

const ACTS: readonly Act[] = [
  ...(['guarded', 'unguarded', 'power'] as const).map((death): Act => {
    return {
      darkens: true,
      happen: (cluster, node) => {
        cluster.kill(node, death);
      },
      undo: start,
    };
  }),
  {
    darkens: true,
    happen: (cluster, node) => {
      const factor = cluster.world.random.pick([0.3, 0.7, 1.2, 3, 8])!;
      cluster.world.freeze(node, factor * cluster.setup.timing.silenceMs);
    },
    undo: () => {},
  },
  {
    darkens: true,
    happen: (cluster, node) => {
      for (const card of cluster.cables(node.name).keys()) cluster.plug(node, card, false);
    },
    undo: plugAll,
  },
  {
    // The other card still reaches the others: they are told, and take over what was here.
    darkens: true,
    happen: (cluster, node) => {
      const cards = [...cluster.cables(node.name).keys()];
      cluster.plug(node, cards.at(-1)!, false);
    },
    undo: plugAll,
  },
  {
    darkens: true,
    happen: ({ world }, node) => {
      world.leave(node);
    },
    undo: start,
  },
  {
    // It hears the others, who do not hear it.
    darkens: true,
    happen: (cluster, node) => {
      const { network, nodes } = cluster.world;
      for (const { name } of nodes) {
        if (name !== node.name) network.cuts.add(`${node.name}>${name}`);
      }
    },
    undo: (cluster, node) => cluster.cut(node, false),
  },
  {
    darkens: 'moment',
    happen: (cluster, node) => {
      cluster.meddle(node);
    },
    undo: () => {},
  },
  {
    darkens: false,
    happen: (cluster, node) => {
      ask(cluster, node, (driver) => void driver.drain(true));
    },
    undo: (cluster, node) => ask(cluster, node, (driver) => void driver.drain(false)),
  },
  {
    darkens: false,
    happen: (cluster, node) => {
      ask(cluster, node, (driver) => driver.proxy('says the simulation'));
    },
    undo: (cluster, node) => ask(cluster, node, (driver) => driver.proxy(null)),
  },
  {
    darkens: false,
    happen: (cluster, node) => {
      cluster.node(node.name)?.hang(cluster.world.random.between(10, 1_000));
    },
    undo: () => {},
  },
];

export function liveCalm(cluster: Cluster, judge: ClusterJudge, runMs: number): void {
  const { world, setup } = cluster;
  const { random } = world;
  world.network.weather = { ...FAIR, delayMsMax: 1 };
  for (const node of world.nodes) world.start(node);
  settle(cluster, judge);
  judge.watchesQuorum = true;
  judge.beginLight();
  const { policy, timing } = setup;
  const { silenceMs, repeatMs } = timing;
  // Clocks that run slow, a lost datagram, both threads of both nodes. Under quorum the margin too,
  // twice if the node is back before it is over: the new view cannot know who held what.
  const marginMs = policy.kind === 'quorum' ? policy.marginMs : 0;
  const boundMs =
    (silenceMs + 2 * marginMs) * (1 + 2 * setup.driftRatioMax) + 2 * repeatMs + CHANGE_MS;
  // What takes a node away may be followed by nobody able: with a quorum, less than half may go.
  const few = policy.kind === 'quorum' && setup.nodes < 3;
  while (world.nowMs < runMs) {
    const node = random.pick(world.nodes)!;
    const act = few ? ACTS.at(-random.whole(1, 3))! : random.pick(ACTS)!;
    judge.tally.faults++;
    if (act.darkens) judge.excuse(act.darkens === 'moment' ? CHANGE_MS : boundMs);
    act.happen(cluster, node);
    runFor(cluster, judge, 2 * silenceMs + random.exponential(2_000));
    while (cluster.nodes.some((one) => one.node.busy)) runFor(cluster, judge, 100);
    act.undo(cluster, node);
    settle(cluster, judge);
  }
}

function settle(cluster: Cluster, judge: ClusterJudge): void {
  const { world, setup } = cluster;
  const limitMs = world.nowMs + SETTLE_MS + setup.configs[0]!.matureMs;
  do {
    runFor(cluster, judge, 500);
    if (world.nowMs > limitMs) throw new Error(`does not settle: ${judge.unsettled()}`);
  } while (judge.unsettled() !== null);
}

function plugAll(cluster: Cluster, node: SimNode): void {
  for (const card of cluster.cables(node.name).keys()) cluster.plug(node, card, true);
}
