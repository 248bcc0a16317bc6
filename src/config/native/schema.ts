/**
 * Checks what a `forehand.config.ts` exports, and turns its values into those of `ClusterConfig`.
 *
 * The shape is valibot's work, the values are read by `values.ts` as in the other dialect. What a
 * newcomer gets wrong: a key is here and in `definition.ts`, and does not compile in one alone.
 */
import * as v from 'valibot';
import type { Candidacy } from '../../core/candidacy/candidates.ts';
import { ACCESS_LOG_FORMATS, type Limits, type ZoneScope } from '../../core/cluster/config.ts';
import { CAPACITY, LIMITS, WORKERS } from '../limits.ts';
import { matchOf, type ScopeKind } from '../scope-match.ts';
import {
  isComplaint,
  type Read,
  readApplication,
  readContact,
  readDestination,
  readListen,
  readNetwork,
  withoutHostBits,
} from '../values.ts';
import { ADDRESSES, NODE_ADDRESSES } from './addresses-schema.ts';
import type {
  AccessLogDefinition,
  AnnounceDefinition,
  ClusterDefinition,
  LimitsDefinition,
  NodeDefinition,
  SharedDefinition,
  ZoneDefinition,
} from './definition.ts';
import {
  boolean,
  choice,
  describe,
  duration,
  integer,
  object,
  oneOrMore,
  reading,
  say,
  string,
  text,
  wrongType,
} from './schema-parts.ts';
import { SPREAD } from './spread-schema.ts';

const listen = v.pipe(
  v.union([v.string(), v.number()], wrongType('a port, or an address with a port')),
  reading((value) => readListen(String(value))),
);

const network = text('a network such as "192.168.10.0/24"', (value) => {
  const read = readNetwork(value);
  return isComplaint(read) ? read : { value: withoutHostBits(read.value) };
});

const candidacy = v.custom<Candidacy>(isCandidacy, ({ input }) => {
  const message = `expected a candidacy function, found ${describe(input)}`;
  const name = typeof input === 'function' ? input.name : typeof input === 'string' ? input : '';
  const hint = /^\w+$/.test(name) ? `write ${name}(), imported from 'forehand'` : undefined;
  return say({ code: 'CONFIG_WRONG_TYPE', message, hint });
});

function isCandidacy(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { name, apply } = value as { name?: unknown; apply?: unknown };
  return typeof name === 'string' && typeof apply === 'function';
}

/** A pattern of a zone: a regular expression as such, or text that the kind of scope explains. */
function pattern(kind: ScopeKind, expected: string) {
  return v.pipe(
    v.union([v.string(), v.instance(RegExp)], wrongType(expected)),
    reading((value): Read<ZoneScope['match']> => {
      if (typeof value !== 'string') return readRegex(value);
      if (value !== '') return { value: matchOf(kind, value) };
      const message = `expected ${expected}, found an empty text`;
      return { complaint: { code: 'CONFIG_BAD_VALUE', message } };
    }),
  );
}

/** Flags travel inside the source, as a zone keeps nothing but that: `/x/i` is `(?i:x)`. */
function readRegex(regex: RegExp): Read<ZoneScope['match']> {
  if (/[uv]/.test(regex.flags)) {
    const message = `${regex} has a flag that zones cannot keep: leave out "u" and "v"`;
    return { complaint: { code: 'CONFIG_BAD_REGEX', message } };
  }
  const flags = regex.flags.replace(/[^ims]/g, '');
  const source = flags === '' ? regex.source : `(?${flags}:${regex.source})`;
  return { value: { kind: 'regex', source } };
}

const zone = object('a zone', {
  name: v.optional(string('a name')),
  directory: v.optional(pattern('directory', 'a directory or a regular expression')),
  location: v.optional(pattern('location', 'a path or a regular expression')),
  files: v.optional(pattern('files', 'a file name or a regular expression')),
  chain: v.optional(v.array(candidacy, wrongType('a list of candidacy functions'))),
  handler: v.optional(choice('status', 'none')),
  selfRedirect: v.optional(boolean),
} satisfies Record<keyof ZoneDefinition, v.GenericSchema>);

const announce = object('announce', {
  to: v.optional(oneOrMore(text('an address and a port', readDestination), 'addresses')),
  interval: v.optional(duration),
  secret: v.optional(string('a text')),
  secretFile: v.optional(string('a path')),
} satisfies Record<keyof AnnounceDefinition, v.GenericSchema>);

function limit(key: keyof Limits) {
  const allowed = LIMITS[key];
  return v.optional(allowed === 'duration' ? duration : integer(allowed));
}

const limits = object('limits', {
  headBytesMax: limit('headBytesMax'),
  headTimeout: limit('headTimeoutMs'),
  keepAliveTimeout: limit('keepAliveTimeoutMs'),
  connectTimeout: limit('connectTimeoutMs'),
  responseTimeout: limit('responseTimeoutMs'),
  tunnelTimeout: limit('tunnelTimeoutMs'),
  poolIdleMax: limit('poolIdleMax'),
  poolIdleTimeout: limit('poolIdleTimeoutMs'),
  clientsMax: limit('clientsMax'),
} satisfies Record<keyof LimitsDefinition, v.GenericSchema>);

const accessLog = object('accessLog', {
  path: string('a file'),
  format: v.optional(choice(...ACCESS_LOG_FORMATS)),
} satisfies Record<keyof AccessLogDefinition, v.GenericSchema>);

const shared = {
  listen: v.optional(oneOrMore(listen, 'ports or addresses')),
  announce: v.optional(announce),
  accept: v.optional(oneOrMore(network, 'networks')),
  loadFrom: v.optional(string('a file')),
  stateDirectory: v.optional(string('a directory')),
  zones: v.optional(v.array(zone, wrongType('a list of zones'))),
  application: v.optional(text('an application such as "http://127.0.0.1:3000"', readApplication)),
  capacity: v.optional(integer(CAPACITY)),
  documentRoot: v.optional(string('a directory')),
  directoryIndex: v.optional(oneOrMore(string('a file name'), 'file names')),
  onEmpty: v.optional(choice('unavailable', 'local')),
  connectionPools: v.optional(boolean),
  workers: v.optional(integer(WORKERS)),
  reactor: v.optional(choice('auto', 'epoll', 'uv')),
  limits: v.optional(limits),
  accessLog: v.optional(accessLog),
  record: v.optional(boolean),
  control: v.optional(string('a path')),
  spread: v.optional(SPREAD),
} satisfies Record<keyof SharedDefinition, v.GenericSchema>;

const node = object('a node', {
  address: v.optional(text('an address such as "192.168.10.1"', readContact)),
  ...shared,
  addresses: v.optional(NODE_ADDRESSES),
} satisfies Record<keyof NodeDefinition, v.GenericSchema>);

export const CLUSTER = object('the cluster', {
  ...shared,
  addresses: v.optional(ADDRESSES),
  nodes: v.record(string('a name'), node, wrongType('an object with the nodes by name')),
} satisfies Record<keyof ClusterDefinition, v.GenericSchema>);

export type ParsedCluster = v.InferOutput<typeof CLUSTER>;
export type ParsedNode = ParsedCluster['nodes'][string];
export type ParsedZone = v.InferOutput<typeof zone>;
