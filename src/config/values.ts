/**
 * The values both dialects know: durations, addresses, networks, the application.
 *
 * Each reader takes what the user typed and answers with the value or with a complaint, which the
 * dialect turns into a diagnostic at the right place. What a newcomer gets wrong: host names are
 * refused everywhere. A name that fails to resolve while a machine starts is how clusters split.
 */
import type { Application, Destination, ListenAddress, Network } from '../core/cluster/config.ts';
import { assert } from '../core/util/assert.ts';
import { ipOctets, ipText, networkContains } from '../core/util/ip.ts';
import type { Code } from './codes.ts';

export type Complaint = {
  readonly code: Code;
  readonly message: string;
  readonly hint?: string | undefined;
  /** What of the text is wrong, when it is not all of it: where the caret goes. */
  readonly part?: string | undefined;
};

export type Read<T> = { readonly value: T } | { readonly complaint: Complaint };

export function isComplaint<T>(read: Read<T>): read is { readonly complaint: Complaint } {
  return 'complaint' in read;
}

function complain(code: Code, message: string, more: Partial<Complaint> = {}) {
  return { complaint: { code, message, ...more } };
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

export const DURATION_FORMS = 'a duration such as 250ms, 2s, 10m or 1h';

/**
 * `250ms`, `2s`, `1.5m`. A bare number has the unit `bareUnit`, or is refused when that is null.
 */
export function readDuration(text: string, bareUnit: keyof typeof UNIT_MS | null): Read<number> {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(text.trim()) ?? [];
  const isUnit = (word: string): word is keyof typeof UNIT_MS => Object.hasOwn(UNIT_MS, word);
  const name = unit === '' ? bareUnit : (unit ?? '').toLowerCase();
  if (digits === undefined || name === null || !isUnit(name)) {
    const hint = digits !== undefined && unit === '' ? `did you mean "${text}s"?` : undefined;
    return complain('CONFIG_BAD_DURATION', `"${text}" is not ${DURATION_FORMS}`, { hint });
  }
  const durationMs = Math.round(Number(digits) * UNIT_MS[name]);
  return checkDuration(durationMs, text);
}

/** Node's timers hold 31 bits of milliseconds (24 days); more would fire at once. */
const DURATION_MS_MAX = 2 ** 31 - 1;

export function checkDuration(durationMs: number, text: string): Read<number> {
  if (Number.isFinite(durationMs) && durationMs >= 1 && durationMs <= DURATION_MS_MAX) {
    return { value: durationMs };
  }
  const message = `"${text}" is not between 1ms and 24 days`;
  return complain('CONFIG_BAD_DURATION', message);
}

/** The shortest way to write a duration that `readDuration` reads back. */
export function writeDuration(durationMs: number): `${number}${keyof typeof UNIT_MS}` {
  for (const unit of ['h', 'm', 's'] as const) {
    if (durationMs % UNIT_MS[unit] === 0) return `${durationMs / UNIT_MS[unit]}${unit}`;
  }
  return `${durationMs}ms`;
}

export type Range = { readonly min: number; readonly max: number };

export function readInteger(text: string, { min, max }: Range): Read<number> {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return { value };
  return complain('CONFIG_BAD_NUMBER', `"${text}" is not a whole number from ${min} to ${max}`);
}

const PORT: Range = { min: 1, max: 65_535 };

function readPort(text: string, whole: string): Read<number> {
  const port = readInteger(text, PORT);
  if (!isComplaint(port)) return port;
  const message = `"${text}" is not a port: expected a number from 1 to 65535`;
  const part = text === '' || text === whole ? undefined : text;
  return complain('CONFIG_BAD_ADDRESS', message, { part });
}

/** An IP literal, with or without the brackets an IPv6 one wears in front of a port. */
export function readHost(text: string): Read<string> {
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  const octets = ipOctets(bare);
  if (octets !== null) return { value: ipText(octets) };
  const isName = /^[a-z0-9][a-z0-9.-]*[a-z]$/i.test(text);
  return complain('CONFIG_BAD_ADDRESS', `"${text}" is not an IP address`, {
    hint: isName ? 'host names are not resolved here: write the address itself' : undefined,
    part: text === '' ? undefined : text,
  });
}

/** Splits `host:port`, `[v6]:port`, `host` and `port` alone; which one it is, the caller knows. */
function splitPort(text: string): { host: string | null; port: string | null } {
  if (/^\d+$/.test(text)) return { host: null, port: text };
  const [, bracketed, port] = /^(\[[^\]]*\])(?::(.*))?$/.exec(text) ?? [];
  if (bracketed !== undefined) return { host: bracketed, port: port ?? null };
  const colon = text.indexOf(':');
  // Two colons without brackets are an IPv6 address, whose end cannot be told from a port.
  if (colon === -1 || text.includes(':', colon + 1)) return { host: text, port: null };
  return { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

/** All forms of Apache's `Listen`: `80`, `192.168.1.1:80`, `[::]:80`, `*:80`. */
export function readListen(text: string): Read<ListenAddress> {
  const { host, port } = splitPort(text);
  if (port === null) {
    return complain('CONFIG_BAD_ADDRESS', `"${text}" has no port`, { hint: portHint(text) });
  }
  const number = readPort(port, text);
  if (isComplaint(number)) return number;
  if (host === null || host === '*') return { value: { host: null, port: number.value } };
  const address = readHost(host);
  if (isComplaint(address)) return address;
  return { value: { host: address.value, port: number.value } };
}

/** `192.168.10.1` or `192.168.10.1:8080`: where other nodes reach this one. */
export function readContact(text: string): Read<{ host: string; port: number | null }> {
  const { host, port } = splitPort(text);
  const address = readHost(host ?? text);
  if (isComplaint(address)) return address;
  if (port === null) return { value: { host: address.value, port: null } };
  const number = readPort(port, text);
  return isComplaint(number) ? number : { value: { host: address.value, port: number.value } };
}

/** Hops a datagram without `,ttl` may make: announcements stay in the local network. */
const TTL_DEFAULT = 1;

/** `address:port[,ttl]`, as `MulticastStats` takes it. */
export function readDestination(text: string): Read<Destination> {
  const comma = text.indexOf(',');
  const target = comma === -1 ? text : text.slice(0, comma);
  const { host, port } = splitPort(target);
  if (host === null || port === null) {
    const message = `"${target}" is not an address and a port, such as 192.168.10.255:4445`;
    return complain('CONFIG_BAD_ADDRESS', message, { part: target === '' ? undefined : target });
  }
  const address = readHost(host);
  if (isComplaint(address)) return address;
  const number = readPort(port, text);
  if (isComplaint(number)) return number;
  const ttl = comma === -1 ? { value: TTL_DEFAULT } : readTtl(text.slice(comma + 1));
  if (isComplaint(ttl)) return ttl;
  return { value: { host: address.value, port: number.value, ttl: ttl.value } };
}

function readTtl(text: string): Read<number> {
  const ttl = readInteger(text, { min: 0, max: 255 });
  if (!isComplaint(ttl)) return ttl;
  const message = `"${text}" is not a ttl: expected a number of hops from 0 to 255`;
  return complain('CONFIG_BAD_TTL', message, { part: text === '' ? undefined : text });
}

/** Of `::ffff:0:0/96`, where IPv6 has the addresses of IPv4 (RFC 4291 2.5.5.2). */
const MAPPED_BITS = 96;

/** `192.168.10.0/24`, `192.168.10.0/255.255.255.0`, or one address. Bits below the mask stay. */
export function readNetwork(text: string): Read<Network> {
  const [address = '', mask, ...more] = text.split('/');
  const octets = ipOctets(address);
  if (octets === null || more.length > 0) {
    const hint = octetHint(address, mask);
    const message = `"${text}" is not a network: expected address/length`;
    return complain('CONFIG_BAD_NETWORK', message, { hint });
  }
  const bits = octets.length * 8;
  const prefixLength = mask === undefined ? bits : prefixOf(mask, bits);
  if (prefixLength === null) {
    const message = `"${mask}" is not a prefix length from 0 to ${bits}`;
    const part = mask === '' ? undefined : mask;
    return complain('CONFIG_BAD_NETWORK', message, { part });
  }
  const written = ipText(octets);
  const isMapped = octets.length === 16 && !written.includes(':');
  if (!isMapped) return { value: { address: written, prefixLength } };
  // IPv4 in IPv6: whoever comes is looked for as what it is.
  if (prefixLength >= MAPPED_BITS) {
    return { value: { address: written, prefixLength: prefixLength - MAPPED_BITS } };
  }
  const message = `"${text}" is not a network of IPv4 addresses, nor one without any`;
  return complain('CONFIG_BAD_NETWORK', message, { hint: 'leave "::ffff:" out' });
}

/** Old habit: `192.168.10/24` for `192.168.10.0/24`. */
function octetHint(address: string, mask: string | undefined): string | undefined {
  const octets = address.split('.').filter((octet) => octet !== '');
  if (octets.length < 1 || octets.length > 3 || !octets.every((o) => /^\d{1,3}$/.test(o))) {
    return undefined;
  }
  const full = [...octets, '0', '0', '0'].slice(0, 4).join('.');
  return ipOctets(full) === null
    ? undefined
    : `did you mean "${full}/${mask ?? octets.length * 8}"?`;
}

function prefixOf(mask: string, bits: number): number | null {
  if (/^\d{1,3}$/.test(mask)) return Number(mask) <= bits ? Number(mask) : null;
  const octets = bits === 32 ? ipOctets(mask) : null;
  if (octets?.length !== 4) return null;
  const binary = Array.from(octets, (octet) => octet.toString(2).padStart(8, '0')).join('');
  // 255.0.255.0 is a mask to some old routers; no network has one.
  return /^1*0*$/.test(binary) ? binary.lastIndexOf('1') + 1 : null;
}

/** The network as networks are written: with the bits below the mask cleared. */
export function withoutHostBits({ address, prefixLength }: Network): Network {
  const octets = ipOctets(address);
  assert(octets !== null, 'a network that was read holds an IP literal');
  octets.forEach((octet, index) => {
    const kept = Math.max(0, Math.min(8, prefixLength - index * 8));
    octets[index] = octet & (0xff << (8 - kept));
  });
  return { address: ipText(octets), prefixLength };
}

export function networksContain(networks: readonly Network[], address: string): boolean {
  // An interface's own link-local address carries its zone, fe80::1%eth0.
  const octets = ipOctets(address.replace(/%.*$/, ''));
  return octets !== null && networks.some((network) => networkContains(network, octets));
}

/** `http://127.0.0.1:3000`, or `unix:/run/app.sock`. */
export function readApplication(text: string): Read<Application> {
  const path = /^unix:(.*)$/i.exec(text)?.[1];
  if (path !== undefined) {
    if (path.startsWith('/')) return { value: { kind: 'unix', path } };
    const message = `"${path}" is not an absolute path`;
    return complain('CONFIG_BAD_ADDRESS', message, { part: path === '' ? undefined : path });
  }
  const target = /^http:\/\/([^/]*)\/?$/i.exec(text)?.[1];
  if (target === undefined) {
    const hint = 'expected http://127.0.0.1:3000 or unix:/run/app.sock';
    return complain('CONFIG_BAD_ADDRESS', `"${text}" is not an application`, { hint });
  }
  const { host, port } = splitPort(target);
  // The one name that is an address by definition (RFC 6761 6.3).
  const address = readHost(host === 'localhost' ? '127.0.0.1' : (host ?? target));
  if (isComplaint(address)) return address;
  const number = readPort(port ?? '80', text);
  if (isComplaint(number)) return number;
  return { value: { kind: 'tcp', host: address.value, port: number.value } };
}

function portHint(text: string): string | undefined {
  if (ipOctets(text)?.length === 16) return `did you mean "[${text}]:80"?`;
  return text.includes(':') ? undefined : `did you mean "${text}:80"?`;
}

export function writeHost(host: string | null): string {
  return host === null ? '*' : host.includes(':') ? `[${host}]` : host;
}
