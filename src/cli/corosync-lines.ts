/**
 * What `check` says of the Corosync that is to carry the group: its time-outs, and its members
 * beside ours.
 *
 * What a newcomer gets wrong: it is the file of the machine where `check` runs that is read.
 */
import { readCorosync } from '../config/corosync/read.ts';
import { type Environment, reasonOf } from '../config/environment.ts';
import type { AddressesConfig } from '../core/cluster/config.ts';
import type { SummaryLine } from './summary-addresses.ts';

const PATH = '/etc/corosync/corosync.conf';

/** Our view, once Corosync has agreed on who is there: two rounds of its token. */
const VIEW_MS = 50;

export function corosyncLines(
  { group }: AddressesConfig,
  nodeName: string,
  { readFile, addresses: own }: Pick<Environment, 'readFile' | 'addresses'>,
): SummaryLine[] {
  if (group.engine.kind !== 'corosync') return [];
  let text: string;
  try {
    text = readFile(PATH);
  } catch (error) {
    return [['corosync', `cannot read ${PATH}: ${reasonOf(error)}`]];
  }
  const { tokenMs, consensusMs, nodes } = readCorosync(text);
  const totalMs = tokenMs + consensusMs + VIEW_MS;
  const sum = `token ${tokenMs}, consensus ${consensusMs}, view ${VIEW_MS}`;
  const known = new Set(nodes.flatMap(({ addresses }) => addresses));
  const missing = group.peers.filter((peer) => !known.has(peer));
  const self = nodes.find(({ addresses }) => addresses.some((one) => own.includes(one)));
  const lines = [
    `machine without power or network: at most ${totalMs} ms (${sum})`,
    ...(known.size === 0 ? [`${PATH} has no nodelist`] : []),
    ...missing.map((peer) => `${PATH} has no node at ${peer}, which shares the pool`),
    ...(self?.name != null && self.name !== nodeName
      ? [`${PATH} calls this machine ${self.name}, not ${nodeName}`]
      : []),
  ];
  return lines.map((line, index) => [index === 0 ? 'corosync' : '', line]);
}
