/**
 * `byHostname regex`: keeps servers whose announced name the expression matches anywhere.
 *
 * `^web` and `(sun|alpha)` are typical. Case does not count, as in host names. The expression is
 * JavaScript's, which reads the POSIX extended ones of the original alike but for classes such as
 * `[:alpha:]`; those are refused rather than read as a set of letters.
 */
import { type ArgumentError, orThrow } from './argument.ts';
import type { Candidacy, Server } from './candidates.ts';

export function byHostname(pattern: string | RegExp): Candidacy {
  if (typeof pattern === 'string') return orThrow('byHostname', parseByHostname(pattern));
  // A global or sticky expression keeps its place between calls and would skip every other server.
  const flags = pattern.flags.replace(/[gy]/g, '');
  return byPattern(new RegExp(pattern.source, flags), `byHostname ${pattern}`);
}

export function parseByHostname(argument: string | null): Candidacy | ArgumentError {
  if (argument === null || argument === '') {
    return { error: 'expected a regular expression', hint: 'for example byHostname ^web' };
  }
  if (/\[:\w+:\]/.test(argument)) {
    const hint = 'write [A-Za-z] for [[:alpha:]], [0-9] for [[:digit:]]';
    return { error: `POSIX classes are not supported, found "${argument}"`, hint };
  }
  try {
    return byPattern(new RegExp(argument, 'i'), `byHostname ${argument}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { error: `expected a regular expression, found "${argument}": ${reason}` };
  }
}

function byPattern(pattern: RegExp, name: string): Candidacy {
  return { name, apply: (candidates) => candidates.keep(isNamed, pattern) };
}

function isNamed(server: Server, pattern: RegExp): boolean {
  return pattern.test(server.name);
}
