/**
 * A node's status for reading: who holds what, why, and why each other node does not.
 *
 * What a newcomer gets wrong: it is this node's picture. Nodes of one view have the same; a node
 * that shows another one is in another view, and the table of links says whom it does not hear.
 */

import type { Paint } from '../config/diagnostic.ts';
import { ENGINE_NAMES } from '../core/report/cluster-picture.ts';
import type { SpreadStatus } from '../core/spread/server/server-events.ts';
import type { NodeStatus } from '../node/node-status.ts';

type Addresses = NonNullable<NodeStatus['addresses']>;
type Group = Addresses['keeper']['groups'][number];

/** What the keeper's phases mean to an operator. */
const PHASES: Readonly<Record<Addresses['keeper']['phase'], string>> = {
  joining: 'looking for the others',
  gather: 'the members are saying what they hold',
  boot: 'waiting for others to come before taking addresses alone',
  run: 'all is settled',
};

export function statusText(status: NodeStatus, paint: Paint): string {
  const { node, pid, upMs, proxy, addresses, spread } = status;
  const lines = [`${paint('strong', node)}  process ${pid}, up ${durationText(upMs)}`];
  if (proxy !== null) lines.push(`proxy: ${proxy.state}, listens at ${proxy.listen.join(', ')}`);
  if (addresses === null) lines.push('addresses: none are shared by this node');
  else lines.push(...addressLines(addresses, node, paint));
  if (spread !== null) lines.push(...spreadLines(spread));
  return `${lines.join('\n')}\n`;
}

/** Groups beyond these are counted: a program may make one for each of its users. */
const GROUPS_SHOWN = 20;

function spreadLines({ daemon, daemons, sessions, groups }: SpreadStatus): string[] {
  const others = daemons.length === 0 ? 'agreeing with the others' : `one of ${daemons.join(', ')}`;
  const lines = ['', `spread: daemon ${daemon}, ${others}, ${sessions.length} sessions`];
  for (const { name, groups: count, undelivered } of sessions) {
    const waiting = undelivered === 0 ? '' : `, ${undelivered} messages wait for it`;
    lines.push(`  ${name}: in ${count} groups${waiting}`);
  }
  for (const { name, members } of groups.slice(0, GROUPS_SHOWN)) {
    lines.push(`  group ${name}: ${members.join(' ')}`);
  }
  const more = groups.length - GROUPS_SHOWN;
  return more > 0 ? [...lines, `  and ${more} more groups`] : lines;
}

function addressLines({ keeper, ring, engine }: Addresses, self: string, paint: Paint): string[] {
  const view = keeper.view === null ? 'no view' : `view ${keeper.view}`;
  const lines = [`addresses: ${view}, ${PHASES[keeper.phase]}`];
  if (keeper.pending !== null) lines.push(paint('warning', keeper.pending));
  lines.push('');
  for (const group of keeper.groups) lines.push(...groupLines(group, paint));
  lines.push('', 'members:');
  for (const { name, eligible, reasons, count, silent } of keeper.members) {
    const why = reasons.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
    const fit = silent ? 'has not said what it holds' : eligible ? 'fit' : 'not fit';
    lines.push(
      `  ${name}${name === self ? ' (this node)' : ''}: ${fit}, holds ${count}${why === '' ? '' : `: ${why}`}`,
    );
  }
  if (engine !== null && engine.kind !== 'ring') lines.push(...engineLines(engine));
  return ring === null ? lines : [...lines, ...linkLines(ring)];
}

/** How it stands with the daemon that carries the group. */
function engineLines(engine: NonNullable<Addresses['engine']>): string[] {
  const { kind, connected, connectedForMs, as, reconnects, trouble, strangers } = engine;
  const forText = connectedForMs === null ? '' : ` for ${Math.floor(connectedForMs / 1_000)} s`;
  const state = connected ? `connected as ${as}${forText}` : `not connected: ${trouble}`;
  const again = reconnects === 0 ? '' : `, reconnected ${reconnects} times`;
  return [
    `engine: ${ENGINE_NAMES[kind]}, ${state}${again}`,
    ...strangers.map(({ member, why }) => `  it counts ${member}, which is none of ours: ${why}`),
  ];
}

function linkLines(ring: NonNullable<Addresses['ring']>): string[] {
  const lines = ['links:'];
  for (const { member, at, bothWays, inView, heardMs } of ring.hears) {
    const ways = bothWays ? 'both ways' : 'one way only: it does not hear us';
    const line = ring.lifelines.includes(member.name) ? ', lifeline' : '';
    const where = inView ? '' : ', not in this view';
    lines.push(
      `  ${member.name} at ${at.replace(' ', ' port ')}: ${ways}${line}${where}, heard at ${Math.round(heardMs)} ms`,
    );
  }
  if (ring.hears.length === 0) lines.push('  nobody is heard');
  const counts = Object.entries({ ...ring.refused, ...ring.dropped }).filter(
    ([, count]) => count > 0,
  );
  if (counts.length > 0) {
    lines.push(`datagrams refused: ${counts.map(([why, count]) => `${why} ${count}`).join(', ')}`);
  }
  return lines;
}

function groupLines(
  { group, owner, heir, preferred, stranger, here, why, others }: Group,
  paint: Paint,
): string[] {
  if (stranger) {
    const text = `nobody, as a machine outside the group answers for it; ${owner} looks when it stops`;
    return [`${paint('strong', group)}  ${text}`];
  }
  const who = owner ?? 'nobody';
  const extra = [
    ...(preferred ? ['preferred'] : []),
    ...(heir === null ? [] : [`moving to ${heir}`]),
    ...(here === 'coming' ? ['coming up here'] : []),
    ...(here === 'up' ? ['in this kernel'] : []),
  ];
  const notes = extra.length === 0 ? '' : ` (${extra.join(', ')})`;
  return [
    `${paint('strong', group)}  ${who}${notes}: ${why}`,
    ...others.map((other) => paint('faint', `    not ${other.name}: ${other.why}`)),
  ];
}

function durationText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
