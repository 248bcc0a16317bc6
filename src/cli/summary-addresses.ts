/**
 * The pool of addresses in a few lines, and how long a fail-over takes at most.
 */
import { writeDuration, writeHost } from '../config/values.ts';
import { type Budget, budgets, fenceMs } from '../core/address/budget.ts';
import { isLoopbackPool } from '../core/address/loopback.ts';
import type { AddressesConfig } from '../core/cluster/config.ts';

/** Where the original looks when nothing is said. */
const OLD_DAEMON = '4803';

/** More groups are counted, not listed: a summary is looked at whole. */
const GROUPS_SHOWN_MAX = 8;

/** Label and text; an empty label goes on with the one above. */
export type SummaryLine = readonly [label: string, text: string];

export function addressLines(config: AddressesConfig): SummaryLine[] {
  const { pool, policy, balance, matureMs, prefer, weight } = config;
  const shown = pool.slice(0, GROUPS_SHOWN_MAX).map(({ addresses }) => {
    return addresses
      .map((one) => `${one.interface} ${writeHost(one.address)}/${one.prefixLength}`)
      .join(' + ');
  });
  if (pool.length > shown.length) shown.push(`... and ${pool.length - shown.length} more`);
  const rate = balance.rate === 'all' ? 'all' : `${balance.rate} at a time`;
  const every = writeDuration(Math.max(1, balance.intervalMs));
  const evening = balance.enabled ? `${rate}, after ${every}` : 'off';
  const own = [
    ...(prefer.length === 0 ? [] : [`prefers ${prefer.join(' ')}`]),
    ...(weight === 1 ? [] : [`weight ${weight}`]),
  ];
  const mature = matureMs === 0 ? 'at once' : `after ${writeDuration(matureMs)}`;
  const addressCount = pool.reduce((sum, { addresses }) => sum + addresses.length, 0);
  return [
    ...shown.map((text, index): SummaryLine => [index === 0 ? 'addresses' : '', text]),
    ...own.map((text): SummaryLine => ['', text]),
    ...groupLines(config),
    ['policy', `${policyText(policy)}; balance ${evening}; mature ${mature}`],
    ...failoverLines(config, addressCount),
    ['', fenceText(config)],
  ];
}

function failoverLines(config: AddressesConfig, addressCount: number): SummaryLine[] {
  if (config.compatibility !== null) {
    return [['fail-over', 'as soon as Spread notices: in about 3 s, as its C daemon comes']];
  }
  const { group, policy } = config;
  if (group.engine.kind === 'corosync') {
    return [['fail-over', "Corosync's time-outs for a machine; at once for a process"]];
  }
  if (group.engine.kind === 'spread' && group.engine.otherwise === 'wait') {
    return [['fail-over', "Spread's time-outs, 2.5 to 3 s, for a machine; at once for a process"]];
  }
  return budgets({ profile: group.profile, policy, addressCount }).map(
    (budget, index): SummaryLine => [index === 0 ? 'fail-over' : '', budgetText(budget)],
  );
}

/** Who is in it, and who carries what they say. */
function groupLines(config: AddressesConfig): SummaryLine[] {
  const { engine, name, port, secrets } = config.group;
  if (config.compatibility !== null) {
    const daemon = engine.kind === 'spread' ? engine.daemon : OLD_DAEMON;
    return [
      ['group', `${name}, an old one: its members may run Wackamole 2.1.4`],
      ['engine', `the Spread daemon at ${daemon}`],
    ];
  }
  const signed = secrets.length === 0 ? 'unsigned' : 'signed';
  const ring = `port ${port}, ${peersText(config)}`;
  if (engine.kind === 'ring') return [['group', `${name}, ${ring}, ${signed}`]];
  const group: SummaryLine = ['group', `${name}, ${signed}`];
  if (engine.kind === 'corosync') return [group, ['engine', 'the Corosync daemon of this machine']];
  const { daemon, otherwise } = engine;
  if (otherwise === 'wait') return [group, ['engine', `the Spread daemon at ${daemon}`]];
  return [
    group,
    ['engine', `the Spread daemon at ${daemon}, if it answers when we start; else our own ring:`],
    ['', ring],
  ];
}

function fenceText({ pool, validMs }: AddressesConfig): string {
  if (isLoopbackPool(pool))
    return 'what is frozen holds on: addresses of the loopback have no fence';
  const { guardMs, kernelMs } = fenceMs(validMs);
  const [guard, kernel] = [guardMs, kernelMs].map(writeDuration);
  return `what is frozen lets go: by the guard in ${guard}, by the kernel in ${kernel}`;
}

function peersText({ group }: AddressesConfig): string {
  if (group.multicast !== null) return `by multicast to ${group.multicast.address}`;
  if (group.peers.length > 0) return `among ${group.peers.join(' ')}`;
  return 'others found by broadcast';
}

function policyText(policy: AddressesConfig['policy']): string {
  switch (policy.kind) {
    case 'serve':
      return 'serve: cut off, each side covers all';
    case 'quorum':
      return `quorum: only with more than half of ${policy.nodes} nodes`;
    case 'gateway':
      return `gateway: only where ${policy.addresses.join(' or ')} answers`;
  }
}

/** `daemon killed: at most 41 ms (reset 1, view 30, take-over 10, announcement 0)`. */
function budgetText({ event, terms, totalMs }: Budget): string {
  const sum = terms.map(({ name, ms }) => `${name} ${ms}`).join(', ');
  return `${event}: at most ${totalMs} ms (${sum})`;
}
