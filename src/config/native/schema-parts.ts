/**
 * The pieces that schemas of the native dialect are made of, and how they complain.
 *
 * What a newcomer gets wrong: valibot's issues carry a text only, and ours need a code and a hint
 * as well. So every message is a complaint as JSON (`say`), and `complaintOf` takes it apart again.
 */
import * as v from 'valibot';
import { didYouMean, shorten } from '../suggest.ts';
import {
  type Complaint,
  checkDuration,
  isComplaint,
  type Range,
  type Read,
  readDuration,
} from '../values.ts';

export function say(complaint: Complaint): string {
  return JSON.stringify(complaint);
}

export function complaintOf(issue: v.BaseIssue<unknown>): Complaint {
  return JSON.parse(issue.message) as Complaint;
}

/** Whether an issue is about a key and not about its value. */
export function isAboutKey({ code }: Complaint): boolean {
  return code === 'CONFIG_UNKNOWN_KEY';
}

export function wrongType(expected: string): (issue: v.BaseIssue<unknown>) => string {
  return ({ input }) => {
    const message = `expected ${expected}, found ${describe(input)}`;
    return say({ code: 'CONFIG_WRONG_TYPE', message });
  };
}

export function describe(value: unknown): string {
  if (typeof value === 'string') return `"${shorten(value)}"`;
  if (typeof value === 'function') return `the function ${value.name || 'itself'}`;
  if (Array.isArray(value)) return 'a list';
  if (value === null || typeof value !== 'object') return String(value);
  return value instanceof RegExp ? String(value) : 'an object';
}

/** An object with these keys and no others. */
export function object<T extends v.ObjectEntries>(what: string, entries: T) {
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
export function reading<I, T>(read: (input: I) => Read<T>) {
  return v.rawTransform<I, T>(({ dataset, addIssue, NEVER }) => {
    const result = read(dataset.value);
    if (!isComplaint(result)) return result.value;
    addIssue({ message: say(result.complaint) });
    return NEVER;
  });
}

export function text<T>(expected: string, read: (text: string) => Read<T>) {
  return v.pipe(v.string(wrongType(expected)), reading(read));
}

/** One, or a list of them: most sites need one. */
export function oneOrMore<T extends v.GenericSchema>(item: T, expected: string) {
  return v.pipe(
    v.unknown(),
    v.transform((value): unknown => (Array.isArray(value) ? value : [value])),
    v.array(item, wrongType(expected)),
  );
}

export const string = (expected: string) =>
  v.pipe(
    v.string(wrongType(expected)),
    v.nonEmpty(() => {
      const message = `expected ${expected}, found an empty text`;
      return say({ code: 'CONFIG_BAD_VALUE', message });
    }),
  );

export const boolean = v.boolean(wrongType('true or false'));

export function choice<const T extends string>(...words: readonly T[]) {
  return v.picklist(words, wrongType(words.map((word) => `"${word}"`).join(' or ')));
}

export function integer({ min, max }: Range) {
  return v.pipe(
    v.number(wrongType(`a number from ${min} to ${max}`)),
    reading((value) => {
      if (Number.isInteger(value) && value >= min && value <= max) return { value };
      const message = `${value} is not a whole number from ${min} to ${max}`;
      return { complaint: { code: 'CONFIG_BAD_NUMBER', message } };
    }),
  );
}

export const duration = v.pipe(
  v.unknown(),
  reading((value): Read<number> => {
    if (typeof value === 'number') return checkDuration(Math.round(value), `${value} ms`);
    if (typeof value === 'string') return readDuration(value, null);
    const message = `expected a duration such as 250 (ms) or "2s", found ${describe(value)}`;
    return { complaint: { code: 'CONFIG_WRONG_TYPE', message } };
  }),
);
