/**
 * A pool of addresses as the `addresses` of a `forehand.config.ts` that means the same.
 *
 * What a newcomer gets wrong: a secret is never copied, only the name of its file.
 */
import type { NotifyTarget, VirtualAddress } from '../../core/address/pool.ts';
import type { AddressesConfig, GroupEngine } from '../../core/cluster/config.ts';
import { ADDRESS_DEFAULTS, spreadEngine } from '../address-pool.ts';
import { writeDuration, writeHost } from '../values.ts';
import { list, quote } from './write-text.ts';

/** @param secretFile of the group; null: it has the secret of the announcements, or none */
export function addressLines(config: AddressesConfig, secretFile: string | null): string[] {
  const lines: string[] = ['pool: ['];
  for (const { addresses } of config.pool) {
    const written = addresses.map(poolText);
    lines.push(`  ${written.length === 1 ? written[0] : list(written)},`);
  }
  lines.push('],');
  if (config.prefer.length > 0) lines.push(`prefer: ${list(config.prefer.map(quote))},`);
  if (config.weight !== ADDRESS_DEFAULTS.weight) lines.push(`weight: ${config.weight},`);
  lines.push(...durationLine('mature', config.matureMs, ADDRESS_DEFAULTS.matureMs));
  lines.push(...balanceLines(config));
  if (config.notify.length > 0) lines.push(`notify: ${list(config.notify.map(notifyText))},`);
  lines.push(...durationLine('arpCache', config.arpCacheMs, ADDRESS_DEFAULTS.arpCacheMs));
  if (config.compatibility !== null) lines.push(`compatibility: ${quote(config.compatibility)},`);
  lines.push(`group: { ${groupText(config, secretFile)} },`);
  return ['addresses: {', ...lines.map((line) => `  ${line}`), '},'];
}

function poolText(one: VirtualAddress): string {
  const { interface: name, address, prefixLength, notifyPrefixLength } = one;
  const net = notifyPrefixLength === prefixLength ? '' : `n${notifyPrefixLength}`;
  return quote(`${name} ${address}/${prefixLength}${net}`);
}

function durationLine(key: string, durationMs: number, byDefaultMs: number): string[] {
  if (durationMs === byDefaultMs) return [];
  return [`${key}: ${quote(writeDuration(Math.max(1, durationMs)))},`];
}

function balanceLines({ balance }: AddressesConfig): string[] {
  const byDefault = ADDRESS_DEFAULTS.balance;
  if (!balance.enabled) return [`balance: 'off',`];
  if (balance.rate === byDefault.rate && balance.intervalMs === byDefault.intervalMs) return [];
  const rate = balance.rate === 'all' ? quote('all') : String(balance.rate);
  const interval = quote(writeDuration(Math.max(1, balance.intervalMs)));
  return [`balance: { rate: ${rate}, interval: ${interval} },`];
}

function notifyText(target: NotifyTarget): string {
  const to =
    target.kind === 'arp-cache'
      ? quote('arp-cache')
      : quote(`${target.interface} ${target.address}/${target.prefixLength}`);
  const throttle = target.kind === 'network' ? target.throttle : 0;
  if (throttle === 0 && !target.ping) return to;
  const more = [
    ...(throttle === 0 ? [] : [`throttle: ${throttle}`]),
    ...(target.ping ? ['ping: true'] : []),
  ];
  return `{ to: ${to}, ${more.join(', ')} }`;
}

function groupText({ group }: AddressesConfig, secretFile: string | null): string {
  const { engine, name, port, profile, peers, multicast } = group;
  const hops = multicast === null || multicast.ttl === 1 ? '' : `,${multicast.ttl}`;
  return [
    ...(engine.kind === 'ring' ? [] : [`engine: ${engineText(engine)}`]),
    `name: ${quote(name)}`,
    ...(port === ADDRESS_DEFAULTS.port ? [] : [`port: ${port}`]),
    ...(profile === ADDRESS_DEFAULTS.profile ? [] : [`profile: ${quote(profile)}`]),
    // Without it, nodes that are added later without an address would not be looked for.
    `peers: ${list(peers.map((peer) => quote(writeHost(peer))))}`,
    ...(multicast === null ? [] : [`multicast: ${quote(multicast.address + hops)}`]),
    ...(secretFile === null ? [] : [`secretFile: ${quote(secretFile)}`]),
  ].join(', ');
}

function engineText(engine: GroupEngine): string {
  if (engine.kind !== 'spread') return quote(engine.kind);
  const { daemon, user, retryMs, otherwise } = engine;
  const parts = [
    `spread: ${quote(daemon)}`,
    ...(user === null ? [] : [`user: ${quote(user)}`]),
    ...(retryMs === spreadEngine({}).retryMs ? [] : [`retry: ${quote(writeDuration(retryMs))}`]),
    ...(otherwise === 'wait' ? [] : [`otherwise: ${quote(otherwise)}`]),
  ];
  return `{ ${parts.join(', ')} }`;
}
