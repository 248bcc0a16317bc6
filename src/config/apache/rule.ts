/**
 * What a directive is to us: a name, how many words it takes, where it may stand, what it does.
 *
 * A rule is applied only after `walk.ts` has checked count and context, so it reads its words
 * without looking. What a newcomer gets wrong: a rule sets something in the draft or the zone and
 * reports what it cannot read, but never stops; the rest of the file is worth checking too.
 */
import type { ZoneScope } from '../../core/cluster/config.ts';
import type { Diagnostics, Place } from '../diagnostic.ts';
import type { Draft } from '../draft.ts';
import type { Environment } from '../environment.ts';
import { type Complaint, isComplaint, type Read } from '../values.ts';
import type { Word } from './lexer.ts';
import type { ZoneDraft } from './zone-draft.ts';

/** All that reading one set of files shares. */
export type Reading = {
  readonly draft: Draft;
  readonly environment: Environment;
  readonly diagnostics: Diagnostics;
  readonly sources: Map<string, string>;
  readonly defines: Set<string>;
};

/** Where in the files we are: the zone that lines belong to, and what is around it. */
export type Position = {
  /** The section's own, or the server's where there is none around. */
  readonly zone: ZoneDraft;
  readonly scopes: readonly ZoneScope[];
  /** `htaccess` files belong to users: they may balance, and nothing else. */
  readonly context: 'server' | 'section' | 'htaccess';
};

export type Call = {
  readonly reading: Reading;
  readonly position: Position;
  readonly name: Word;
  readonly words: readonly Word[];
};

export type Rule = {
  /** As the documentation spells it; files may use any case. */
  readonly name: string;
  /** What follows the name, for messages. */
  readonly usage: string;
  readonly words: { readonly min: number; readonly max: number };
  /** `server`: outside of sections only. */
  readonly context: 'server' | 'anywhere';
  readonly apply: (call: Call) => void;
};

/** Reports a complaint at the word it is about, or at the part of the word. */
export function report(diagnostics: Diagnostics, word: Word, complaint: Complaint): void {
  const { code, message, hint, part } = complaint;
  diagnostics.add({ code, place: partOf(word, part), message, hint });
}

/** A spot inside a word. The part is looked for from behind: what follows a colon or comma. */
function partOf(word: Word, part: string | undefined): Place {
  const from = part === undefined ? -1 : word.text.lastIndexOf(part);
  const { start, end } = word.span;
  // Quotes, escapes and continued lines make the text shorter than the span: then point at it all.
  if (part === undefined || from === -1 || end - start !== word.text.length) return word;
  return { file: word.file, span: { start: start + from, end: start + from + part.length } };
}

/** The value of a word, or null after having said what is wrong with it. */
export function take<T>(call: Call, word: Word, read: (text: string) => Read<T>): T | null {
  const result = read(word.text);
  if (!isComplaint(result)) return result.value;
  report(call.reading.diagnostics, word, result.complaint);
  return null;
}

export function takeSwitch(call: Call, word: Word): boolean | null {
  const value = takeChoice(call, word, ['On', 'Off']);
  return value === null ? null : value === 'On';
}

/** One of a closed set of words, without regard to case. */
export function takeChoice<T extends string>(
  call: Call,
  word: Word,
  choices: readonly T[],
): T | null {
  const found = choices.find((choice) => choice.toLowerCase() === word.text.toLowerCase());
  if (found !== undefined) return found;
  const message = `"${word.text}" is not ${choices.join(' or ')}`;
  report(call.reading.diagnostics, word, { code: 'CONFIG_BAD_VALUE', message });
  return null;
}
