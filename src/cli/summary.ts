/**
 * A configuration in a few lines: what this node would do if it were started now.
 *
 *     node      www1 (192.168.10.11)
 *     listen    *:80
 *     zones     <Files ~ "\.php$">   byAge, byLoad
 */

import type { Paint } from '../config/diagnostic.ts';
import { applicationText, destinationText } from '../config/native/write.ts';
import { writeDuration, writeHost } from '../config/values.ts';
import type { ClusterConfig, Zone } from '../core/cluster/config.ts';

const LABEL_WIDTH = 10;

/** Wider names are not lined up, or one regular expression would push everything off the screen. */
const NAME_WIDTH_MAX = 40;

export function summaryLines(config: ClusterConfig, paint: Paint): string[] {
  const line = (label: string, text: string) => {
    return `  ${paint('faint', label.padEnd(LABEL_WIDTH))}${text}`;
  };
  const { announce, contact, listen, accept } = config;
  const own = contact.host === null ? '' : ` (${writeHost(contact.host)}${portText(contact.port)})`;
  const signed = announce.secret === null ? 'unsigned' : 'signed';
  const every = `every ${writeDuration(announce.intervalMs)}, ${signed}`;
  const to = announce.destinations.map(destinationText).join(' ');
  const networks = accept.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
  return [
    line('node', `${config.nodeName}${own}`),
    line('listen', listen.map(({ host, port }) => `${writeHost(host)}:${port}`).join(' ')),
    line('announce', to === '' ? 'to nobody' : `to ${to} ${every}`),
    line('accept', networks.join(' ') || 'nobody'),
    line('serves', servesText(config)),
    ...(config.loadFrom === null ? [] : [line('load', `from ${config.loadFrom}`)]),
    ...zoneLines(config.zones).map((text, index) => line(index === 0 ? 'zones' : '', text)),
  ];
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
