/**
 * Checks what a `forehand.config.ts` exports, and turns its values into those of `ClusterConfig`.
 *
 * The shape is valibot's work, the values are read by `values.ts` as in the other dialect. What a
 * newcomer gets wrong: valibot's issues carry a text only, and ours need a code and a hint as well.
 * So every message is a complaint as JSON (`say`), and `complaintOf` takes it apart again.
 */
import * as v from 'valibot';
import type { Candidacy } from '../../core/candidacy/candidates.ts';
import type { Limits, ZoneScope } from '../../core/cluster/config.ts';
import { CAPACITY, LIMITS, WORKERS } from '../limits.ts';
import { matchOf, type ScopeKind } from '../scope-match.ts';
import { didYouMean, shorten } from '../suggest.ts';
import {
  type Complaint,
  checkDuration,
  isComplaint,
  type Range,
  type Read,
  readApplication,
  readContact,
  readDestination,
  readDuration,
  readListen,
  readNetwork,
  withoutHostBits,
} from '../values.ts';
import type {
  AnnounceDefinition,
  ClusterDefinition,
  LimitsDefinition,
  SharedDefinition,
  ZoneDefinition,
} from './definition.ts';

function say(complaint: Complaint): string {
  return JSON.stringify(complaint);
}

export function complaintOf(issue: v.BaseIssue<unknown>): Complaint {
  return JSON.parse(issue.message) as Complaint;
}

/** Whether an issue is about a key and not about its value. */
export function isAboutKey({ code }: Complaint): boolean {
  return code === 'CONFIG_UNKNOWN_KEY';
}

function wrongType(expected: string): (issue: v.BaseIssue<unknown>) => string {
  return ({ input }) => {
    const message = `expected ${expected}, found ${describe(input)}`;
    return say({ code: 'CONFIG_WRONG_TYPE', message });
  };
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `"${shorten(value)}"`;
  if (typeof value === 'function') return `the function ${value.name || 'itself'}`;
  if (Array.isArray(value)) return 'a list';
  if (value === null || typeof value !== 'object') return String(value);
  return value instanceof RegExp ? String(value) : 'an object';
}

/** An object with these keys and no others. */
function object<T extends v.ObjectEntries>(what: string, entries: T) {
  const keys = Object.keys(entries);
  return v.strictObject(entries, (issue) => {
    if (issue.expected !== 'never') {
      const missing = /^"(.*)"$/.exec(issue.expected ?? '')?.[1];
      if (missing === undefined) return wrongType(`${what}, as an object`)(issue);
      return say({ code: 'CONFIG_MISSING_KEY', message: `${what} needs the key "${missing}"` });
    }
    const key = String(issue.path?.at(-1)?.key ?? '');
    const hint = didYouMean(key, keys) ?? `the keys of ${what}: ${keys.join(', ')}`;
    return say({ code: 'CONFIG_UNKNOWN_KEY', message: `unknown key "${key}" in ${what}`, hint });
  });
}

/** Takes a value through one of the readers of `values.ts`. */
function reading<I, T>(read: (input: I) => Read<T>) {
  return v.rawTransform<I, T>(({ dataset, addIssue, NEVER }) => {
    const result = read(dataset.value);
    if (!isComplaint(result)) return result.value;
    addIssue({ message: say(result.complaint) });
    return NEVER;
  });
}

function text<T>(expected: string, read: (text: string) => Read<T>) {
  return v.pipe(v.string(wrongType(expected)), reading(read));
}

/** One, or a list of them: most sites need one. */
function oneOrMore<T extends v.GenericSchema>(item: T, expected: string) {
  return v.pipe(
    v.unknown(),
    v.transform((value): unknown => (Array.isArray(value) ? value : [value])),
    v.array(item, wrongType(expected)),
  );
}

const string = (expected: string) =>
  v.pipe(
    v.string(wrongType(expected)),
    v.nonEmpty(() => {
      const message = `expected ${expected}, found an empty text`;
      return say({ code: 'CONFIG_BAD_VALUE', message });
    }),
  );

const boolean = v.boolean(wrongType('true or false'));

function choice<const T extends string>(...words: readonly T[]) {
  return v.picklist(words, wrongType(words.map((word) => `"${word}"`).join(' or ')));
}

function integer({ min, max }: Range) {
  return v.pipe(
    v.number(wrongType(`a number from ${min} to ${max}`)),
    reading((value) => {
      if (Number.isInteger(value) && value >= min && value <= max) return { value };
      const message = `${value} is not a whole number from ${min} to ${max}`;
      return { complaint: { code: 'CONFIG_BAD_NUMBER', message } };
    }),
  );
}

const duration = v.pipe(
  v.unknown(),
  reading((value): Read<number> => {
    if (typeof value === 'number') return checkDuration(Math.round(value), `${value} ms`);
    if (typeof value === 'string') return readDuration(value, null);
    const message = `expected a duration such as 250 (ms) or "2s", found ${describe(value)}`;
    return { complaint: { code: 'CONFIG_WRONG_TYPE', message } };
  }),
);

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
} satisfies Record<keyof SharedDefinition, v.GenericSchema>;

const node = object('a node', {
  address: v.optional(text('an address such as "192.168.10.1"', readContact)),
  ...shared,
});

export const CLUSTER = object('the cluster', {
  ...shared,
  nodes: v.record(string('a name'), node, wrongType('an object with the nodes by name')),
} satisfies Record<keyof ClusterDefinition, v.GenericSchema>);

export type ParsedCluster = v.InferOutput<typeof CLUSTER>;
export type ParsedNode = ParsedCluster['nodes'][string];
export type ParsedZone = v.InferOutput<typeof zone>;
