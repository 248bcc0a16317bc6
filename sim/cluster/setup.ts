/** What one seed's cluster is like: how large, which pool, which rules. Drawn once for each run. */
import type { AddressGroup, NotifyTarget, PartitionPolicy } from '../../src/core/address/pool.ts';
import type { AddressesConfig } from '../../src/core/cluster/config.ts';
import { PROFILES, type Timing } from '../../src/core/ring/timing.ts';
import type { Random } from '../ring/random.ts';

/** As `lan`, but with fewer heartbeats, so that more of what matters happens in a second. */
const SLOW: Timing = { heartbeatMs: 100, silenceMs: 500, repeatMs: 50, steadyMs: 100 };
/** For large worlds, where everybody hears everybody. */
const SLOWER: Timing = { heartbeatMs: 250, silenceMs: 1_250, repeatMs: 125, steadyMs: 250 };

export type Setup = {
  readonly nodes: number;
  readonly timing: Timing;
  /** Between the two threads of a daemon. */
  readonly hopMs: number;
  readonly driftRatioMax: number;
  readonly lifelines: boolean;
  readonly policy: PartitionPolicy;
  /** By node, in the order of their names. */
  readonly configs: readonly AddressesConfig[];
};

export function drawSetup(random: Random): Setup {
  const nodes = random.pick([2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6, random.whole(7, 16)])!;
  const timing = nodes > 5 ? SLOWER : random.pick([SLOW, SLOW, SLOW, SLOW, PROFILES.lan])!;
  const pool = drawPool(random);
  const { silenceMs } = timing;
  const policy: PartitionPolicy = random.chance(0.25)
    ? { kind: 'quorum', nodes, marginMs: silenceMs }
    : { kind: 'serve' };
  const arpCache: NotifyTarget = { kind: 'arp-cache', ping: random.chance(0.5) };
  const preferring = random.chance(0.3);
  const weighted = random.chance(0.3);
  const common: Omit<AddressesConfig, 'prefer' | 'weight'> = {
    pool,
    policy,
    matureMs: random.pick([500, 2_000, 5_000])!,
    balance: {
      rate: random.pick(['all', 1, 4] as const)!,
      intervalMs: random.pick([200, 1_000])!,
      enabled: random.chance(0.9),
    },
    group: {
      engine: { kind: 'ring' },
      name: 'sim',
      port: 1,
      profile: 'lan',
      peers: [],
      multicast: null,
      host: null,
      secrets: [],
    },
    notify: random.chance(0.3) ? [arpCache] : [],
    arpCacheMs: 10_000,
    refreshMs: 30_000,
    validMs: 2_000,
    compatibility: null,
    hooks: { up: [], down: [] },
  };
  const configs = Array.from({ length: nodes }, () => ({
    ...common,
    prefer: preferring && random.chance(0.5) ? [random.pick(pool)!.name] : [],
    weight: weighted ? random.whole(1, 4) : 1,
  }));
  return {
    nodes,
    timing,
    hopMs: random.pick([0, 0, 0.2, 3])!,
    driftRatioMax: random.pick([0, 0.01, 0.03])!,
    lifelines: random.chance(0.5),
    policy,
    configs,
  };
}

function drawPool(random: Random): readonly AddressGroup[] {
  const count = random.pick([1, 2, 3, 5, 5, 8, random.whole(9, 24)])!;
  // A second card, so that a cable may be out and the group still be reached by the other.
  const cards = random.pick(['eth0', 'eth1'])! === 'eth0' ? ['eth0'] : ['eth0', 'eth1'];
  return Array.from({ length: count }, (_, index) => {
    const card = cards[index % cards.length]!;
    const addresses = [`10.0.1.${index + 1}`, `10.0.2.${index + 1}`]
      .slice(0, random.chance(0.2) ? 2 : 1)
      .map((address) => {
        return { interface: card, address, prefixLength: 24, notifyPrefixLength: 0 };
      });
    return { name: addresses[0]!.address, addresses };
  });
}
