/**
 * What happens to the victim, and how long it is watched.
 *
 * What a newcomer gets wrong: the figure of `heal` is not what the visitor misses but what the
 * kernels show: until when after the mending an address was held twice, and the longest it was
 * dark.
 */
import type { Cluster, ClusterNode, Product } from './cluster.ts';

export type Scenario = {
  readonly name: string;
  readonly title: string;
  /** @returns false when the product cannot do it */
  readonly strike: (victim: ClusterNode, cluster: Cluster) => boolean;
  /** Watched for this long after it: several times what the product takes. */
  readonly watchMs: Readonly<Record<Product, number>>;
  /** Before the strike: how long the victim is cut off, so that both sides have settled. */
  readonly cutOffMs?: Readonly<Record<Product, number>>;
};

const WATCH_MS = { forehand: 2_500, keepalived: 5_000 } as const;

/** Just before the guard starts another node. */
const RESTART_MS = 900;

const done =
  (act: (victim: ClusterNode, cluster: Cluster) => void): Scenario['strike'] =>
  (victim, cluster) => {
    act(victim, cluster);
    return true;
  };

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'power-cut',
    title: 'power cut: the cable and all processes are gone',
    strike: done((victim) => victim.powerCut()),
    watchMs: WATCH_MS,
  },
  {
    name: 'kill-9',
    title: 'kill -9 of the daemon, and what it serves with it',
    strike: done((victim, { product }) => {
      victim.kill('SIGKILL');
      // What is served comes back with the daemon, which forehand's guard starts again.
      if (product === 'forehand') setTimeout(() => void victim.startResponder(), RESTART_MS);
    }),
    watchMs: WATCH_MS,
  },
  {
    name: 'sigstop',
    title: 'SIGSTOP of the daemon, and what it serves with it',
    strike: done((victim) => victim.kill('SIGSTOP')),
    watchMs: { forehand: 4_500, keepalived: 6_000 },
  },
  {
    name: 'stop',
    title: 'graceful stop (SIGTERM)',
    strike: done((victim) => victim.terminate()),
    watchMs: WATCH_MS,
  },
  {
    name: 'drain',
    title: 'drain: the addresses are given away, the daemon stays',
    strike: (victim) => victim.drain(),
    watchMs: WATCH_MS,
  },
  {
    name: 'heal',
    title: 'partition and heal: one machine apart from the others and the visitor',
    strike: done((_, cluster) => cluster.heal()),
    watchMs: { forehand: 3_000, keepalived: 8_000 },
    cutOffMs: { forehand: 1_500, keepalived: 5_000 },
  },
];
