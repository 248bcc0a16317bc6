/**
 * A configuration as the text of a `forehand.config.ts` that means the same.
 *
 * For `forehand import`: what was read from Apache files, for one node, is written as a cluster of
 * that one node, and the reader adds the others. What a newcomer gets wrong: `accept` and
 * `announce.to` are always written, empty or not, since in the native dialect their absence means
 * "as the list of nodes says".
 */
import type { Candidacy } from '../../core/candidacy/candidates.ts';
import type {
  AccessLogConfig,
  Application,
  ClusterConfig,
  Destination,
  ListenAddress,
  Zone,
  ZoneScope,
} from '../../core/cluster/config.ts';
import { DEFAULT_LIMITS } from '../../core/cluster/config.ts';
import { DEFAULTS } from '../draft.ts';
import { LIMITS, limitKeys } from '../limits.ts';
import { writeDuration, writeHost } from '../values.ts';
import { addressLines } from './write-addresses.ts';
import { list, quote } from './write-text.ts';

export type WriteOptions = {
  /** For the comment at the top. */
  readonly files: readonly string[];
  /** Named instead of the secret itself, when the secret is from there. */
  readonly secretFile: string | null;
  /** The same for the group that shares addresses. */
  readonly groupSecretFile: string | null;
};

export function writeNative(config: ClusterConfig, options: WriteOptions): string {
  const { files, secretFile, groupSecretFile } = options;
  const functions = new Set<string>();
  const settings = [
    ...settingLines(config, secretFile),
    ...(config.addresses === null ? [] : addressLines(config.addresses, groupSecretFile)),
    ...zoneLines(config.zones, functions),
    ...nodeLines(config),
  ];
  const imports = ['defineCluster', ...functions].toSorted();
  return [
    `// Made by "forehand import" from ${files.map(oneLine).join(', ')}.`,
    ...importLines(imports),
    '',
    'export default defineCluster({',
    ...settings.map((line) => `  ${line}`),
    '});',
    '',
  ].join('\n');
}

/** A file name may hold a newline, and would then end the comment. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\u2028\u2029]/g, ' ');
}

function importLines(names: readonly string[]): string[] {
  const line = `import { ${names.join(', ')} } from 'forehand';`;
  if (line.length <= 100) return [line];
  return ['import {', ...names.map((name) => `  ${name},`), "} from 'forehand';"];
}

/** What differs from the default, in the order of the documentation. */
function settingLines(config: ClusterConfig, secretFile: string | null): string[] {
  const lines: string[] = [];
  const add = (key: string, value: unknown, byDefault: unknown, written: string) => {
    if (JSON.stringify(value) !== JSON.stringify(byDefault)) lines.push(`${key}: ${written},`);
  };
  add('listen', config.listen, DEFAULTS.listen, list(config.listen.map(listenText)));
  lines.push(`announce: { ${announceText(config, secretFile)} },`);
  const networks = config.accept.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
  lines.push(`accept: ${list(networks.map(quote))},`);
  add('loadFrom', config.loadFrom, null, quote(config.loadFrom ?? ''));
  add('stateDirectory', config.stateDirectory, null, quote(config.stateDirectory ?? ''));
  add('application', config.application, null, quote(applicationText(config.application)));
  add('capacity', config.capacity, DEFAULTS.capacity, String(config.capacity));
  add('documentRoot', config.documentRoot, null, quote(config.documentRoot ?? ''));
  add('control', config.control, null, quote(config.control ?? ''));
  const { accessLog } = config;
  add('accessLog', accessLog, null, accessLogText(accessLog));
  add('record', config.record, DEFAULTS.record, String(config.record));
  const { directoryIndex } = config;
  add('directoryIndex', directoryIndex, DEFAULTS.directoryIndex, list(directoryIndex.map(quote)));
  add('onEmpty', config.onEmpty, DEFAULTS.onEmpty, quote(config.onEmpty));
  const { connectionPools, workers, reactor } = config;
  add('connectionPools', connectionPools, DEFAULTS.connectionPools, String(connectionPools));
  add('workers', workers, DEFAULTS.workers, String(workers));
  add('reactor', reactor, DEFAULTS.reactor, quote(reactor));
  const limits = limitTexts(config);
  if (limits.length > 0) lines.push('limits: {', ...limits.map((text) => `  ${text},`), '},');
  return lines;
}

function accessLogText(accessLog: AccessLogConfig | null): string {
  if (accessLog === null) return '';
  const { path, format } = accessLog;
  return `{ path: ${quote(path)}, format: ${quote(format)} }`;
}

function announceText({ announce }: ClusterConfig, secretFile: string | null): string {
  const parts = [`to: ${list(announce.destinations.map((to) => quote(destinationText(to))))}`];
  if (announce.intervalMs !== DEFAULTS.announce.intervalMs) {
    parts.push(`interval: ${quote(writeDuration(announce.intervalMs))}`);
  }
  if (secretFile !== null) parts.push(`secretFile: ${quote(secretFile)}`);
  else if (announce.secret !== null) parts.push(`secret: ${quote(announce.secret)}`);
  return parts.join(', ');
}

function limitTexts({ limits }: ClusterConfig): string[] {
  return limitKeys()
    .filter((key) => limits[key] !== DEFAULT_LIMITS[key])
    .map((key) => {
      const isDuration = LIMITS[key] === 'duration';
      const value = isDuration ? quote(writeDuration(limits[key])) : String(limits[key]);
      return `${key.replace(/Ms$/, '')}: ${value}`;
    });
}

function nodeLines({ nodeName, contact }: ClusterConfig): string[] {
  const port = contact.port === null ? '' : `:${contact.port}`;
  const address =
    contact.host === null ? '' : ` address: ${quote(writeHost(contact.host) + port)} `;
  return [
    '// The machines of the cluster: add the others, each with its address.',
    `nodes: { ${quote(nodeName)}: {${address}} },`,
  ];
}

function zoneLines(zones: readonly Zone[], functions: Set<string>): string[] {
  if (zones.length === 0) return [];
  const lines = zones.flatMap((zone) => {
    const chain = zone.chain?.map((candidacy) => callText(candidacy, functions));
    return [
      '  {',
      `    name: ${quote(zone.name)},`,
      ...zone.scopes.map((scope) => `    ${scopeText(scope)},`),
      ...(chain === undefined ? [] : [`    chain: ${list(chain)},`]),
      ...(zone.handler === null ? [] : [`    handler: ${quote(zone.handler)},`]),
      ...(zone.selfRedirect === null ? [] : [`    selfRedirect: ${zone.selfRedirect},`]),
      '  },',
    ];
  });
  return ['zones: [', ...lines, '],'];
}

/** An access file's zone becomes one on its directory, which is merged at the same point. */
function scopeText({ kind, match }: ZoneScope): string {
  const key = kind === 'htaccess' || kind === 'directoryMatch' ? 'directory' : kind;
  switch (match.kind) {
    case 'everything':
      return kind === 'files' ? "files: '*'" : `${key}: /(?:)/`;
    case 'prefix':
      return `${key}: ${quote(match.path)}`;
    case 'glob':
      return `${key}: ${quote(match.pattern)}`;
    case 'regex':
      return `${key}: ${String(new RegExp(match.source))}`;
  }
}

/** Functions that take a number, and whose argument is written as one where it is one. */
const NUMERIC = ['byAge', 'byBusyChildren', 'byLoad'];

/**
 * Candidacy functions are called as in Apache files, but for the two whose names begin otherwise.
 */
function callText({ name }: Candidacy, functions: Set<string>): string {
  const blank = name.indexOf(' ');
  const word = blank === -1 ? name : name.slice(0, blank);
  const argument = blank === -1 ? null : name.slice(blank + 1);
  const identifier = word.replace(/^HTTP/, 'http');
  functions.add(identifier);
  if (argument === null) return `${identifier}()`;
  const isNumber = /^[-+]?(\d+\.?\d*|\.\d+)$/.test(argument) && NUMERIC.includes(word);
  return `${identifier}(${isNumber ? String(Number(argument)) : quote(argument)})`;
}

function listenText({ host, port }: ListenAddress): string {
  return host === null ? String(port) : quote(`${writeHost(host)}:${port}`);
}

export function destinationText({ host, port, ttl }: Destination): string {
  return `${writeHost(host)}:${port}${ttl === 1 ? '' : `,${ttl}`}`;
}

export function applicationText(application: Application | null): string {
  if (application === null) return '';
  if (application.kind === 'unix') return `unix:${application.path}`;
  return `http://${writeHost(application.host)}:${application.port}`;
}
