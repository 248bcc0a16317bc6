/**
 * The whole cluster as one node can tell it: its own view of everybody, and what the others have
 * said of themselves when they were asked last.
 *
 * What a newcomer gets wrong: a report that is not fresh is shown with its age, never as if it were
 * true now; a node that could not be asked is `unknown`, not well. All times in a picture are by
 * the clock of the node that tells it: those of a node whose clock differs are moved.
 */
import type { GroupStatus } from '../address/keeper-status.ts';
import type { GroupEngineReport, LoggedEvent, NodeReport, SecondRow } from './node-report.ts';
import type { ServerStatus, State } from './server-status.ts';

/** An older report says nothing of now: whoever asks each second has missed it several times. */
export const FRESH_MS = 3_500;

/** Of all nodes together; the newest. */
const EVENTS_MAX = 100;

/** Less may be the time that a report took on its way: asking one ends after two seconds. */
const CLOCK_NOISE_MS = 2_500;

/** So far apart, logs of two machines tell different stories. At 30 s commands are refused. */
const CLOCK_WARN_MS = 10_000;

/** What came of asking a node for its report. */
export type Heard = {
  readonly name: string;
  /** The last one it gave; null: none yet. */
  readonly report: NodeReport | null;
  /** Since that came, whatever our clock has done since. */
  readonly ageMs: number | null;
  /** How far its clock seemed to be ahead of ours then. */
  readonly aheadMs: number | null;
  /** Why there is no newer one; null: there is nothing wrong. */
  readonly problem: string | null;
};

export type NodePicture = {
  readonly name: string;
  readonly self: boolean;
  /** `unknown`: neither its announcements nor a fresh report say. */
  readonly state: State | 'unknown';
  /** Of its last announcement, null: it announces nothing that we hear. */
  readonly ageMs: number | null;
  readonly reportAgeMs: number | null;
  readonly reportProblem: string | null;
  /** How far its clock is ahead of the teller's; 0: not enough to tell. Null: no report yet. */
  readonly clockAheadMs: number | null;
  /** As we know it by its announcements. */
  readonly server: ServerStatus | null;
  readonly software: string | null;
  readonly startedMs: number | null;
  readonly seconds: readonly SecondRow[];
  readonly clientsOpen: number | null;
  readonly inFlight: number | null;
  /** Of the pool, in its kernel; null: not known, or it has no part in a pool. */
  readonly holding: readonly string[] | null;
};

export type AddressPicture = {
  readonly group: string;
  /** Those whose kernels have it, by fresh reports. Two for a moment in a planned move. */
  readonly holders: readonly string[];
  /** Nodes of the pool that we have no fresh word of: they may hold it, too. */
  readonly unknown: readonly string[];
  readonly owner: string | null;
  readonly heir: string | null;
  readonly why: string;
  readonly stranger: boolean;
  readonly others: GroupStatus['others'];
  /** Whose view of the pool this is. */
  readonly saidBy: string;
  readonly ageMs: number;
};

export type NodeEvent = LoggedEvent & { readonly node: string };

export type ClusterPicture = {
  readonly version: 1;
  /** Who tells it. */
  readonly node: string;
  readonly nowMs: number;
  /** By name. */
  readonly nodes: readonly NodePicture[];
  readonly addresses: readonly AddressPicture[];
  /** Each that somebody is in, by fresh reports; more than one: the pool's group is parted. */
  readonly views: readonly { readonly view: string; readonly members: readonly string[] }[];
  /** Who carries the group, by fresh reports. */
  readonly engines: readonly (GroupEngineReport & { readonly node: string })[];
  readonly events: readonly NodeEvent[];
  /** Everything that is not as it should be, one line each; empty only when all is known. */
  readonly warnings: readonly string[];
};

/** For people. */
export const ENGINE_NAMES = {
  ring: 'our own ring',
  corosync: 'Corosync',
  spread: 'Spread',
} as const;

type Known = {
  readonly report: NodeReport;
  readonly ageMs: number;
  /** In whole seconds, so that rows of seconds stay a second apart. */
  readonly aheadMs: number;
};

/**
 * @param own this node's report of now
 * @param heard of the others; also those that only a pool's view names
 */
export function clusterPicture(own: NodeReport, heard: readonly Heard[]): ClusterPicture {
  const { nowMs } = own;
  const others = heard.filter(({ name }) => name !== own.node);
  const known: Known[] = [{ report: own, ageMs: 0, aheadMs: 0 }];
  for (const { report, ageMs, aheadMs } of others) {
    if (report === null) continue;
    const apart = Math.abs(aheadMs ?? 0) > CLOCK_NOISE_MS ? aheadMs! : 0;
    known.push({ report, ageMs: ageMs ?? 0, aheadMs: Math.round(apart / 1_000) * 1_000 });
  }
  const names = new Set([own.node, ...others.map(({ name }) => name)]);
  for (const { name } of own.servers) names.add(name);
  for (const { report, ageMs } of known) {
    if (ageMs > FRESH_MS) continue;
    for (const { name } of report.addresses?.keeper.members ?? []) names.add(name);
  }
  const nodes = [...names].sort().map((name) => {
    const itsOwn = known.find(({ report }) => report.node === name) ?? null;
    const problem = others.find((one) => one.name === name)?.problem ?? null;
    return nodePicture(name, { own, known: itsOwn, problem });
  });
  const addresses = addressPictures(known, nodes);
  const views = viewsOf(known);
  const engines = enginesOf(known);
  return {
    version: 1,
    node: own.node,
    nowMs,
    nodes,
    addresses,
    views,
    engines,
    events: eventsOf(known),
    warnings: [...warningsOf(nodes, addresses, views), ...engines.flatMap(engineWarnings)],
  };
}

function enginesOf(known: readonly Known[]): ClusterPicture['engines'] {
  return known.flatMap(({ report, ageMs }) => {
    const engine = ageMs > FRESH_MS ? null : (report.addresses?.engine ?? null);
    return engine === null ? [] : [{ ...engine, node: report.node }];
  });
}

function engineWarnings(engine: ClusterPicture['engines'][number]): readonly string[] {
  const { node, kind, connected, trouble, strangers } = engine;
  const name = ENGINE_NAMES[kind];
  return [
    ...(connected ? [] : [`${node} is without ${name}${trouble === null ? '' : `: ${trouble}`}`]),
    ...strangers.map(
      ({ member, why }) => `${name} at ${node} counts ${member}, none of ours: ${why}`,
    ),
  ];
}

function nodePicture(
  name: string,
  from: { own: NodeReport; known: Known | null; problem: string | null },
): NodePicture {
  const { own, known } = from;
  const self = name === own.node;
  const server = own.servers.find((one) => one.name === name) ?? null;
  const fresh = known !== null && known.ageMs <= FRESH_MS;
  return {
    name,
    self,
    state: server?.state ?? (fresh ? (stateOf(known.report) ?? 'unknown') : 'unknown'),
    ageMs: server?.ageMs ?? null,
    reportAgeMs: known?.ageMs ?? null,
    reportProblem: from.problem,
    clockAheadMs: known?.aheadMs ?? null,
    server,
    software: known?.report.software ?? null,
    startedMs: known === null ? null : known.report.startedMs - known.aheadMs,
    seconds: known === null ? [] : known.report.seconds.map((row) => inOurTime(row, known)),
    clientsOpen: fresh ? known.report.clientsOpen : null,
    inFlight: fresh ? known.report.inFlight : null,
    holding: fresh ? (known.report.addresses?.holding ?? null) : null,
  };
}

function inOurTime<T extends { readonly atMs: number }>(one: T, { aheadMs }: Known): T {
  return aheadMs === 0 ? one : { ...one, atMs: one.atMs - aheadMs };
}

/** One with a part in the pool and no proxy is up when it says anything at all. */
function stateOf({ state, addresses }: NodeReport): State | null {
  if (state !== null) return state as State;
  return addresses === null ? null : 'up';
}

function addressPictures(
  known: readonly Known[],
  nodes: readonly NodePicture[],
): readonly AddressPicture[] {
  // Our own word first, then the freshest: the table is the same at all members of a view.
  const sayers = known
    .filter(({ report }) => report.addresses !== null)
    .toSorted((a, b) => a.ageMs - b.ageMs);
  const pictures = new Map<string, AddressPicture>();
  for (const { report, ageMs } of sayers) {
    const { keeper } = report.addresses!;
    for (const { group, owner, heir, why, stranger, others } of keeper.groups) {
      if (pictures.has(group)) continue;
      const holders = nodes.filter(({ holding }) => holding?.includes(group));
      const unknown = nodes.filter(({ name, holding }) => {
        return holding === null && keeper.members.some((member) => member.name === name);
      });
      pictures.set(group, {
        group,
        holders: holders.map(({ name }) => name),
        unknown: unknown.map(({ name }) => name),
        owner,
        heir,
        why,
        stranger,
        others,
        saidBy: report.node,
        ageMs,
      });
    }
  }
  return [...pictures.values()];
}

function viewsOf(known: readonly Known[]): ClusterPicture['views'] {
  const views = new Map<string, readonly string[]>();
  for (const { report, ageMs } of known) {
    const { view, members } = report.addresses?.keeper ?? { view: null, members: [] };
    if (view === null || ageMs > FRESH_MS) continue;
    views.set(
      view,
      members.map(({ name }) => name),
    );
  }
  return [...views].map(([view, members]) => ({ view, members }));
}

function eventsOf(known: readonly Known[]): readonly NodeEvent[] {
  return known
    .flatMap((one) => {
      const { node, events } = one.report;
      return events.map((event) => ({ ...inOurTime(event, one), node }));
    })
    .toSorted((a, b) => a.atMs - b.atMs)
    .slice(-EVENTS_MAX);
}

type Amiss = Exclude<NodePicture['state'], 'up' | 'relaying'>;

const MEANINGS: Readonly<Record<Amiss, string>> = {
  silent: 'not heard for so long that it gets no requests',
  stale: 'several of its announcements were missed',
  suspect: 'it took no connection',
  sick: 'its application takes no requests',
  draining: 'it gets no new requests until it is told to resume',
  unknown: 'it is not heard',
};

function warningsOf(
  nodes: readonly NodePicture[],
  addresses: readonly AddressPicture[],
  views: ClusterPicture['views'],
): readonly string[] {
  const warnings: string[] = [];
  for (const { name, state, self, reportProblem, clockAheadMs } of nodes) {
    if (state !== 'up' && state !== 'relaying') {
      // A later version's word may be none of ours.
      const meaning = Object.hasOwn(MEANINGS, state) ? MEANINGS[state as Amiss] : null;
      const why = state === 'unknown' && reportProblem !== null ? reportProblem : meaning;
      warnings.push(`${name} is ${state}${why === null ? '' : `: ${why}`}`);
    } else if (!self && reportProblem !== null) {
      warnings.push(`${name} cannot be asked: ${reportProblem}`);
    }
    if (Math.abs(clockAheadMs ?? 0) >= CLOCK_WARN_MS) {
      const apartS = Math.abs(clockAheadMs! / 1_000);
      const side = clockAheadMs! > 0 ? 'ahead of' : 'behind';
      warnings.push(`the clock of ${name} is ${apartS} s ${side} ours`);
    }
  }
  if (views.length > 1) {
    const parts = views.map(({ members }) => members.join(' ')).join(' | ');
    warnings.push(`the nodes that share addresses do not all see each other: ${parts}`);
  }
  for (const { group, holders, unknown, heir, why, stranger } of addresses) {
    if (stranger) warnings.push(`${group} is in use by a stranger`);
    if (holders.length === 0 && unknown.length === 0) warnings.push(`${group} is dark: ${why}`);
    else if (holders.length === 0) {
      warnings.push(`${group}: nobody is known to hold it; ${unknown.join(', ')} may`);
    } else if (holders.length > 1 && heir === null) {
      warnings.push(`${group} is held by ${holders.join(' and ')}`);
    }
  }
  return warnings;
}
