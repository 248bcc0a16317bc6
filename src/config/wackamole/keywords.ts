/**
 * The words of wackamole.conf, and how to tell such a file from an Apache one.
 *
 * What a newcomer gets wrong: case never counts, and a word of this list is no value unless it is
 * quoted; `Group = all` is a mistake in the original too.
 */

import { Diagnostics } from '../diagnostic.ts';
import { lex } from './lexer.ts';

/** What may begin a statement, as the manual page spells it. */
export const STATEMENTS = [
  'Spread',
  'SpreadRetryInterval',
  'Group',
  'LogFacility',
  'Control',
  'Mature',
  'Arp-Cache',
  'Balance',
  'Notify',
  'Prefer',
  'VirtualInterfaces',
  'VIFs',
  'VIPs',
  'ModuleDir',
  'PerlUseLib',
  'PerlUse',
  'RunDynamic',
  // Ours: the original believes every datagram.
  'SecretFile',
] as const;

export type Statement = (typeof STATEMENTS)[number];

/** What has a meaning inside of one. */
const WORDS = ['AcquisitionsPerRound', 'Interval', 'all', 'none', 'throttle', 'ping'];

export function statementOf(word: string): Statement | null {
  return STATEMENTS.find((name) => name.toLowerCase() === word.toLowerCase()) ?? null;
}

export function isKeyword(word: string): boolean {
  const lower = word.toLowerCase();
  return statementOf(word) !== null || WORDS.some((name) => name.toLowerCase() === lower);
}

/** By its name, `www.wackamole.conf`, or by the word it begins with. */
export function looksLikeWackamole(file: string, source: string | null): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1);
  if (/wackamole/i.test(name)) return true;
  if (source === null) return false;
  const [first, second] = lex(file, source, new Diagnostics());
  if (first?.kind !== 'word') return false;
  // `Group` is a directive of Apache's as well, and is never followed by "=" there.
  const ahead = second?.kind === 'equals' || second?.kind === 'open';
  return statementOf(first.text) !== null && (ahead || !/^group$/i.test(first.text));
}
