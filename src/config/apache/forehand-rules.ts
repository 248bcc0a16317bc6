/**
 * Our own directives: what neither Apache nor mod_backhand has a word for.
 *
 * With them every field of `ClusterConfig` can be set from an Apache file. A bare number in a
 * duration is seconds here, as everywhere in Apache.
 */
import type { Limits } from '../../core/cluster/config.ts';
import { reasonOf } from '../environment.ts';
import { CAPACITY, LIMITS, limitKeys, WORKERS } from '../limits.ts';
import {
  type Range,
  type Read,
  readApplication,
  readContact,
  readDuration,
  readInteger,
} from '../values.ts';
import { type Call, type Rule, report, take, takeChoice, takeSwitch } from './rule.ts';
import { pathOf } from './server-rules.ts';

export const FOREHAND_RULES: readonly Rule[] = [
  rule('ForehandNodeName', 'name', (call) => {
    call.reading.draft.nodeName = call.words[0]!.text;
  }),
  rule('ForehandContact', 'address[:port]', (call) => {
    const contact = take(call, call.words[0]!, readContact);
    if (contact === null) return;
    call.reading.draft.contactHost = contact.host;
    call.reading.draft.contactPort = contact.port;
  }),
  rule('ForehandApplication', 'http://address:port|unix:/path', (call) => {
    call.reading.draft.application = take(call, call.words[0]!, readApplication);
  }),
  rule('ForehandCapacity', 'number', (call) => {
    call.reading.draft.capacity = take(call, call.words[0]!, integerIn(CAPACITY));
  }),
  rule('ForehandLoadFrom', 'file', (call) => {
    call.reading.draft.loadFrom = pathOf(call, 0);
  }),
  rule('ForehandOnEmpty', 'unavailable|local', (call) => {
    call.reading.draft.onEmpty = takeChoice(call, call.words[0]!, ['unavailable', 'local']);
  }),
  rule('ForehandWorkers', 'number', (call) => {
    call.reading.draft.workers = take(call, call.words[0]!, integerIn(WORKERS));
  }),
  rule('ForehandReactor', 'auto|epoll|uv', (call) => {
    call.reading.draft.reactor = takeChoice(call, call.words[0]!, ['auto', 'epoll', 'uv']);
  }),
  rule('ForehandRecord', 'On|Off', (call) => {
    call.reading.draft.record = takeSwitch(call, call.words[0]!);
  }),
  rule('ForehandAnnounceInterval', 'duration', (call) => {
    call.reading.draft.intervalMs = take(call, call.words[0]!, readSeconds);
  }),
  rule('ForehandSecret', 'text', (call) => {
    call.reading.draft.secret = takeSecret(call, call.words[0]!.text);
    call.reading.draft.secretFile = null;
  }),
  rule('ForehandSecretFile', 'file', secretFile),
  ...limitKeys().map(limitRule),
];

function rule(name: string, usage: string, apply: (call: Call) => void): Rule {
  return { name, usage, words: { min: 1, max: 1 }, context: 'server', apply };
}

/** `headTimeoutMs` is `ForehandHeadTimeout`: the unit is in the value, `10s`. */
function limitRule(key: keyof Limits): Rule {
  const bare = key.replace(/Ms$/, '');
  const name = `Forehand${bare[0]!.toUpperCase()}${bare.slice(1)}`;
  const allowed = LIMITS[key];
  const isDuration = allowed === 'duration';
  return rule(name, isDuration ? 'duration' : 'number', (call) => {
    const read = isDuration ? readSeconds : integerIn(allowed);
    const value = take(call, call.words[0]!, read);
    if (value !== null) call.reading.draft.limits[key] = value;
  });
}

function readSeconds(text: string): Read<number> {
  return readDuration(text, 's');
}

function integerIn(range: Range): (text: string) => Read<number> {
  return (text) => readInteger(text, range);
}

/** Kept out of the configuration, so that the configuration can be shown and shared. */
function secretFile(call: Call): void {
  const path = pathOf(call, 0);
  const word = call.words[0]!;
  try {
    // One newline at the end is the editor's, not the secret's.
    const secret = call.reading.environment.readFile(path).replace(/\r?\n$/, '');
    call.reading.draft.secret = takeSecret(call, secret);
    call.reading.draft.secretFile = path;
  } catch (error) {
    const message = `cannot read the secret in "${word.text}": ${reasonOf(error)}`;
    const complaint = { code: 'CONFIG_FILE_UNREADABLE', message } as const;
    report(call.reading.diagnostics, word, complaint);
  }
}

function takeSecret(call: Call, secret: string): string | null {
  if (secret !== '') return secret;
  const message = 'the secret is empty';
  report(call.reading.diagnostics, call.words[0]!, { code: 'CONFIG_BAD_VALUE', message });
  return null;
}
