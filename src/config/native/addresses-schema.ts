/**
 * Checks `addresses` of a `forehand.config.ts`, and turns its values into those of the core.
 *
 * What a newcomer gets wrong: it knows one value at a time. What a preference means depends on the
 * pool, and the default of the peers on all nodes: that is `addresses-build.ts`.
 */
import * as v from 'valibot';
import type { NotifyTarget, VirtualAddress } from '../../core/address/pool.ts';
import type { GroupEngine, Hook, HookChange } from '../../core/cluster/config.ts';
import { PROFILES } from '../../core/ring/timing.ts';
import { ipOctets, ipText } from '../../core/util/ip.ts';
import {
  INTERFACE_NAME_MAX,
  NOTIFY_PREFIX_LENGTH_DEFAULT,
  NOTIFY_PREFIX_LENGTH_DEFAULT_V6,
  RATE,
  spreadEngine,
  THROTTLE,
  WEIGHT,
} from '../address-pool.ts';
import { readSpreadDaemon, readSpreadUser } from '../spread-daemon.ts';
import { didYouMean } from '../suggest.ts';
import { isComplaint, type Read, readHost, readInteger } from '../values.ts';
import type {
  AddressesDefinition,
  GroupDefinition,
  NodeAddressesDefinition,
  SpreadEngineDefinition,
} from './addresses-definition.ts';
import {
  boolean,
  choice,
  duration,
  integer,
  object,
  oneOrMore,
  reading,
  string,
  text,
  wrongType,
} from './schema-parts.ts';

const POOL_FORM = 'an interface and an address such as "eth0 10.0.0.200/24"';

const poolAddress = text(POOL_FORM, readPoolAddress);

/** `'eth0 10.0.0.200/24'`; `n16` behind it is the `NET` of wackamole.conf. */
export function readPoolAddress(written: string): Read<VirtualAddress> {
  const [, name = '', address = '', length = '', net = ''] =
    /^(\S+)\s+([^\s/]+)\/([^\sn]*)(?:n(\S*))?$/.exec(written.trim()) ?? [];
  if (name === '') {
    const bare = /^[0-9a-f.:]+(\/\d+)?$/i.test(written);
    const hint = bare
      ? `did you mean "eth0 ${written}${written.includes('/') ? '' : '/24'}"?`
      : undefined;
    const message = `"${written}" is not ${POOL_FORM}`;
    return { complaint: { code: 'CONFIG_BAD_ADDRESS', message, hint } };
  }
  if (name.length > INTERFACE_NAME_MAX) {
    const message = `"${name}" is too long for the name of an interface`;
    return { complaint: { code: 'CONFIG_BAD_VALUE', message } };
  }
  const host = readHost(address);
  if (isComplaint(host)) return host;
  const octets = ipOctets(host.value)!;
  const bits = octets.length * 8;
  const prefixLength = readInteger(length, { min: 0, max: bits });
  // Neighbours share the network; an address by itself does not tell which one that is.
  const byDefault = bits === 32 ? NOTIFY_PREFIX_LENGTH_DEFAULT : NOTIFY_PREFIX_LENGTH_DEFAULT_V6;
  const told = length === String(bits) ? String(byDefault) : length;
  const notifyPrefixLength = readInteger(net === '' ? told : net, { min: 0, max: bits });
  if (isComplaint(prefixLength) || isComplaint(notifyPrefixLength)) {
    const wrong = isComplaint(prefixLength) ? length : net;
    const message = `"${wrong}" is not a prefix length from 0 to ${bits}`;
    return { complaint: { code: 'CONFIG_BAD_NETWORK', message } };
  }
  return {
    value: {
      interface: name,
      address: ipText(octets),
      prefixLength: prefixLength.value,
      notifyPrefixLength: notifyPrefixLength.value,
    },
  };
}

const poolItem = oneOrMore(poolAddress, POOL_FORM);
const pool = v.array(poolItem, wrongType('a list of addresses'));

const preferred = text('an address of the pool', (written) => {
  const host = readHost(written);
  if (isComplaint(host)) return host;
  return { value: { address: host.value, prefixLength: host.value.includes(':') ? 128 : 32 } };
});

const hook = v.pipe(
  v.unknown(),
  reading((value): Read<Hook> => {
    if (typeof value === 'function') {
      return { value: { kind: 'call', call: value as (change: HookChange) => unknown } };
    }
    const words: readonly unknown[] = Array.isArray(value) ? value : [value];
    const isCommand = words.length > 0 && words.every((word) => typeof word === 'string');
    const [command = '', ...args] = isCommand ? (words as string[]) : [];
    if (command !== '') return { value: { kind: 'command', command, args } };
    const message = 'expected a command, a list of a command and its arguments, or a function';
    return { complaint: { code: 'CONFIG_WRONG_TYPE', message } };
  }),
);

/** `['a', 'b']` is one command with an argument; a list of hooks holds something else as well. */
const hookList = v.pipe(
  v.unknown(),
  v.transform((value): unknown => {
    const several = Array.isArray(value) && value.some((item) => typeof item !== 'string');
    return several ? value : [value];
  }),
  v.array(hook),
);

const notifyTarget = (written: string): Read<NotifyTarget> => {
  if (written === 'arp-cache') return { value: { kind: 'arp-cache', ping: false } };
  const address = readPoolAddress(written);
  if (isComplaint(address)) {
    if (written.includes(' ')) return address;
    const message = `"${written}" is not ${NOTIFY_FORM}`;
    const hint = didYouMean(written, ['arp-cache']);
    return { complaint: { code: 'CONFIG_BAD_VALUE', message, hint } };
  }
  const { interface: name, address: host, prefixLength } = address.value;
  const to = { interface: name, address: host, prefixLength };
  return { value: { kind: 'network', ...to, throttle: 0, ping: false } };
};

const NOTIFY_FORM = '"arp-cache" or a network such as "eth0 10.0.0.0/24"';

const notifyObject = v.pipe(
  object('notify', {
    to: text(NOTIFY_FORM, notifyTarget),
    throttle: v.optional(integer(THROTTLE), 0),
    ping: v.optional(boolean, false),
  }),
  v.transform(({ to, throttle, ping }): NotifyTarget => {
    return to.kind === 'network' ? { ...to, throttle, ping } : { ...to, ping };
  }),
);

const notify = v.lazy((value) => {
  return typeof value === 'object' ? notifyObject : text(NOTIFY_FORM, notifyTarget);
});

const rate = v.lazy((value) => (value === 'all' ? v.literal('all') : integer(RATE)));

const balanceObject = object('balance', {
  rate: v.optional(rate),
  interval: v.optional(duration),
});

const BALANCE_FORM = '"all", "off" or { rate: 1, interval: "4s" }';

const balance = v.lazy((value) => {
  const isObject = typeof value === 'object' && value !== null;
  return isObject ? balanceObject : v.picklist(['all', 'off'], wrongType(BALANCE_FORM));
});

const address = text('an IP address', readHost);

const gateway = object('policy', { gateway: oneOrMore(address, 'addresses') });

const POLICY_FORM = '"serve", "quorum" or { gateway: "10.0.0.1" }';

const policy = v.lazy((value) => {
  const isObject = typeof value === 'object' && value !== null;
  return isObject ? gateway : v.picklist(['serve', 'quorum'], wrongType(POLICY_FORM));
});

const multicast = text('an address such as "239.1.1.1"', (written) => {
  const [host = '', ttl = '1', ...more] = written.split(',');
  const read = readHost(host);
  if (isComplaint(read)) return read;
  const first = ipOctets(read.value)![0]!;
  const isMulticast = read.value.includes(':') ? first === 0xff : first >= 224 && first < 240;
  const hops = readInteger(ttl, { min: 0, max: 255 });
  if (isMulticast && !isComplaint(hops) && more.length === 0) {
    return { value: { address: read.value, ttl: hops.value } };
  }
  const message = `"${written}" is not a multicast address, such as 239.1.1.1 or 239.1.1.1,4`;
  return { complaint: { code: 'CONFIG_BAD_ADDRESS', message } };
});

const spread = v.pipe(
  object('engine', {
    spread: text('a text such as "4803" or "4803@10.0.0.1"', readSpreadDaemon),
    user: v.optional(text('a name of at most 10 characters', readSpreadUser)),
    retry: v.optional(duration),
    otherwise: v.optional(choice('wait', 'ring')),
  } satisfies Record<keyof SpreadEngineDefinition, v.GenericSchema>),
  v.transform(({ spread: daemon, user, retry, otherwise = 'wait' }): GroupEngine => {
    return spreadEngine({ daemon, user, retryMs: retry, otherwise });
  }),
);

const ENGINE_FORM = '"ring", "corosync" or { spread: "4803" }';

const engine = v.lazy((value) => {
  if (typeof value === 'object' && value !== null) return spread;
  return v.pipe(
    v.picklist(['ring', 'corosync'], wrongType(ENGINE_FORM)),
    v.transform((kind): GroupEngine => ({ kind })),
  );
});

const group = object('group', {
  engine: v.optional(engine),
  name: v.optional(string('a name')),
  port: v.optional(integer({ min: 1, max: 65_535 })),
  profile: v.optional(choice(...(Object.keys(PROFILES) as (keyof typeof PROFILES)[]))),
  peers: v.optional(v.array(address, wrongType('a list of addresses'))),
  multicast: v.optional(multicast),
  secret: v.optional(string('a text')),
  secretFile: v.optional(string('a path')),
  oldSecretFiles: v.optional(v.array(string('a path'), wrongType('a list of paths'))),
} satisfies Record<keyof GroupDefinition, v.GenericSchema>);

const own = {
  prefer: v.optional(oneOrMore(preferred, 'addresses')),
  weight: v.optional(integer(WEIGHT)),
  hooks: v.optional(object('hooks', { up: v.optional(hookList), down: v.optional(hookList) })),
};

export const NODE_ADDRESSES = object("a node's addresses", {
  pool: v.optional(pool),
  ...own,
} satisfies Record<keyof NodeAddressesDefinition, v.GenericSchema>);

export const ADDRESSES = object('addresses', {
  pool,
  ...own,
  nodes: v.optional(v.array(string('a name'), wrongType('a list of names'))),
  mature: v.optional(duration),
  balance: v.optional(balance),
  notify: v.optional(oneOrMore(notify, 'whom to tell')),
  arpCache: v.optional(duration),
  policy: v.optional(policy),
  group: v.optional(group),
  compatibility: v.optional(choice('wackamole')),
  refresh: v.optional(duration),
  valid: v.optional(duration),
} satisfies Record<keyof AddressesDefinition, v.GenericSchema>);

export type ParsedAddresses = v.InferOutput<typeof ADDRESSES>;
export type ParsedNodeAddresses = v.InferOutput<typeof NODE_ADDRESSES>;
