/**
 * A configuration in a few lines: what this node would do if it were started now.
 *
 *     node      www1 (192.168.10.11)
 *     listen    *:80
 *     zones     <Files ~ "\.php$">   byAge, byLoad
 */

import type { Paint } from '../config/diagnostic.ts';
import type { Environment } from '../config/environment.ts';
import { applicationText, destinationText } from '../config/native/write.ts';
import { writeDuration, writeHost } from '../config/values.ts';
import type { ClusterConfig, SpreadConfig, Zone } from '../core/cluster/config.ts';
import { corosyncLines } from './corosync-lines.ts';
import { addressLines } from './summary-addresses.ts';

const LABEL_WIDTH = 10;

/** Wider names are not lined up, or one regular expression would push everything off the screen. */
const NAME_WIDTH_MAX = 40;

export function summaryLines(
  config: ClusterConfig,
  paint: Paint,
  environment: Pick<Environment, 'readFile' | 'addresses'>,
): string[] {
  const line = (label: string, text: string) => {
    return `  ${paint('faint', label.padEnd(LABEL_WIDTH))}${text}`;
  };
  const { announce, contact, listen, accept, addresses, accessLog, spread } = config;
  const shared = addresses === null ? [] : addressLines(addresses);
  const pool = [
    ...shared.map(([label, text]) => line(label, text)),
    ...(addresses === null ? [] : corosyncLines(addresses, config.nodeName, environment)).map(
      ([label, text]) => line(label, text),
    ),
    ...(spread === null ? [] : [line('spread', spreadText(spread))]),
  ];
  const own = contact.host === null ? '' : ` (${writeHost(contact.host)}${portText(contact.port)})`;
  const signed = announce.secret === null ? 'unsigned' : 'signed';
  const every = `every ${writeDuration(announce.intervalMs)}, ${signed}`;
  const to = announce.destinations.map(destinationText).join(' ');
  const networks = accept.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
  const node = line('node', `${config.nodeName}${own}`);
  if (listen.length === 0) {
    return [node, line('listen', 'nowhere: it holds addresses and serves nothing'), ...pool];
  }
  return [
    node,
    line('listen', listen.map(({ host, port }) => `${writeHost(host)}:${port}`).join(' ')),
    line('announce', to === '' ? 'to nobody' : `to ${to} ${every}`),
    line('accept', networks.join(' ') || 'nobody'),
    line('serves', servesText(config)),
    ...(config.loadFrom === null ? [] : [line('load', `from ${config.loadFrom}`)]),
    ...(accessLog === null ? [] : [line('logs', `${accessLog.format} to ${accessLog.path}`)]),
    ...zoneLines(config.zones).map((text, index) => line(index === 0 ? 'zones' : '', text)),
    ...pool,
  ];
}

function spreadText({ listen, path, access, group }: SpreadConfig): string {
  const at = listen.map(({ host, port }) => `${writeHost(host)}:${port}`);
  const from = access.map((rule) => {
    return rule.kind === 'unix' ? 'unix' : `${rule.network.address}/${rule.network.prefixLength}`;
  });
  const where = [...at, ...(path === null ? [] : [path])].join(' ');
  return `served at ${where} to ${from.join(' ')}, daemons by port ${group.port}`;
}

function portText(port: number | null): string {
  return port === null ? '' : `:${port}`;
}

function servesText({ application, documentRoot, capacity }: ClusterConfig): string {
  if (application === null) {
    return documentRoot === null ? 'nothing of its own' : `files below ${documentRoot}`;
  }
  const most = capacity === 0 ? '' : `, ${capacity} requests at once`;
  return `${applicationText(application)}${most}`;
}

function zoneLines(zones: readonly Zone[]): string[] {
  if (zones.length === 0) return ['none: every request is served here'];
  const width = Math.max(...zones.map(({ name }) => Math.min(name.length, NAME_WIDTH_MAX)));
  return zones.map((zone) => `${zone.name.padEnd(width)}  ${zoneText(zone)}`);
}

function zoneText({ chain, handler, selfRedirect }: Zone): string {
  const parts: string[] = [];
  if (handler === 'status') parts.push('the status page');
  if (handler === 'none') parts.push('no handler');
  if (chain?.length === 0) parts.push('balancing off');
  else if (chain !== null) parts.push(chain.map(({ name }) => name).join(', '));
  if (selfRedirect !== null) parts.push(`self-redirect ${selfRedirect ? 'on' : 'off'}`);
  return parts.join('; ');
}
