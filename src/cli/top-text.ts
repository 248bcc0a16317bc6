/**
 * The cluster on one screen: `forehand top`.
 *
 * What a newcomer gets wrong: what is not known is a dash, and what is old says so. A row that
 * looks well has been heard from within the last seconds.
 */
import type { Paint } from '../config/diagnostic.ts';
import {
  type AddressPicture,
  type ClusterPicture,
  FRESH_MS,
  type NodePicture,
} from '../core/report/cluster-picture.ts';
import type { SecondRow } from '../core/report/node-report.ts';
import { type Column, columns, cut } from './columns.ts';

export type Screen = { readonly columns: number; readonly rows: number };

const NODE_COLUMNS: readonly Column[] = [
  { title: 'NODE', align: 'left' },
  { title: 'STATE', align: 'left' },
  { title: 'AGE', align: 'right' },
  { title: 'LOAD', align: 'right' },
  { title: 'IDLE', align: 'right' },
  { title: 'REQ/S', align: 'right' },
  { title: 'FAIL', align: 'right' },
  { title: 'P50', align: 'right' },
  { title: 'P99', align: 'right' },
  { title: 'BUSY', align: 'right' },
  { title: 'HOLDS', align: 'left' },
];

const ADDRESS_COLUMNS: readonly Column[] = [
  { title: 'ADDRESS', align: 'left' },
  { title: 'HOLDER', align: 'left' },
  { title: 'WHY', align: 'left' },
];

export function topText(
  picture: ClusterPicture,
  { columns: width, rows }: Screen,
  paint: Paint,
): string {
  const { nodes, addresses, warnings, events } = picture;
  const time = new Date(picture.nowMs).toISOString().slice(11, 19);
  const well = warnings.length === 0 ? 'nothing is wrong that is known' : '';
  const lines = [cut(`${paint('strong', picture.node)}  ${time}  ${well}`.trimEnd(), width)];
  for (const warning of warnings) lines.push(cut(paint('warning', `! ${warning}`), width));
  lines.push('', ...headed(columns(NODE_COLUMNS, nodes.map(nodeCells), width), paint));
  if (addresses.length > 0) {
    const cells = addresses.map(addressCells);
    lines.push('', ...headed(columns(ADDRESS_COLUMNS, cells, width), paint));
  }
  const room = rows - lines.length - 2;
  if (room > 0 && events.length > 0) {
    lines.push('');
    for (const { atMs, node, text } of events.slice(-room)) {
      const at = new Date(atMs).toISOString().slice(11, 19);
      lines.push(paint('faint', cut(`${at} ${node}: ${text}`, width)));
    }
  }
  return `${lines.slice(0, rows).join('\n')}\n`;
}

function headed([head = '', ...rest]: readonly string[], paint: Paint): string[] {
  return [paint('faint', head), ...rest];
}

function nodeCells(node: NodePicture): string[] {
  const { name, self, state, ageMs, reportAgeMs, server, seconds, inFlight, holding } = node;
  const fresh = reportAgeMs !== null && reportAgeMs <= FRESH_MS;
  const second = fresh ? seconds.at(-1) : undefined;
  return [
    self ? `${name} *` : name,
    state,
    ageMs === null ? '-' : ageText(ageMs),
    server === null ? '-' : server.load.toFixed(2),
    server === null ? '-' : `${Math.round(server.cpuIdleRatio * 100)}%`,
    ...rateCells(second),
    inFlight === null ? '-' : String(inFlight),
    holding === null ? '-' : holding.join(' '),
  ];
}

function rateCells(second: SecondRow | undefined): string[] {
  if (second === undefined) return ['-', '-', '-', '-'];
  const { requests, failed, p50Ms, p99Ms } = second;
  return [String(requests), String(failed), msText(p50Ms), msText(p99Ms)];
}

function addressCells({ group, holders, unknown, heir, why, ageMs }: AddressPicture): string[] {
  const held = holders.length > 0 ? holders.join(' and ') : '-';
  const maybe = unknown.length === 0 ? '' : ` (or ${unknown.join(', ')})`;
  const moving = heir === null ? '' : ` > ${heir}`;
  const old = ageMs > FRESH_MS ? ` (as of ${ageText(ageMs)} ago)` : '';
  return [group, `${held}${moving}${maybe}`, `${why}${old}`];
}

function msText(ms: number | null): string {
  if (ms === null) return '-';
  return ms < 9.95 ? ms.toFixed(1) : String(Math.round(ms));
}

function ageText(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  return seconds < 120 ? `${Math.round(seconds)}s` : `${Math.round(seconds / 60)}m`;
}
