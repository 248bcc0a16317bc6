/**
 * Arguments of candidacy functions as people write them: `5`, `20s`, `0.5`.
 *
 * Both dialects come through here. Apache's `Backhand byAge 5` hands over text, where a bare number
 * means seconds; the native `byAge('5s')` hands over text or a number. What a newcomer gets wrong:
 * a wrong argument in a file is the user's mistake and so a value (`ArgumentError`), but in the
 * native configuration, which is a program, it is thrown at the line that wrote it (`orThrow`).
 */
import type { Candidacy } from './candidates.ts';

/** What is wrong with an argument, in the reader's words and without a full stop. */
export type ArgumentError = { readonly error: string; readonly hint?: string };

/**
 * A duration as the native configuration writes it; a bare number is seconds, as in the article.
 */
export type Seconds = number | `${number}` | `${number}${'ms' | 's' | 'm' | 'h'}`;

const MS_PER: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

export function isArgumentError<T extends object>(
  value: T | ArgumentError,
): value is ArgumentError {
  return 'error' in value;
}

/** A duration in whole ms, rounded. Zero is allowed; a negative or unbounded one is not. */
export function parseDurationMs(argument: string): { readonly ms: number } | ArgumentError {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h)?$/i.exec(argument.trim());
  const ms = match === null ? NaN : Number(match[1]) * MS_PER[(match[2] ?? 's').toLowerCase()]!;
  if (Number.isFinite(ms)) return { ms: Math.round(ms) };
  return {
    error: `expected a number of seconds, found "${argument}"`,
    hint: 'for example 20 or 20s',
  };
}

/** A number with an optional sign and fraction; a comma or a unit is a mistake, not ignored. */
export function parseDecimal(argument: string): { readonly value: number } | ArgumentError {
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(argument.trim())) return { value: Number(argument) };
  return { error: `expected a number, found "${argument}"`, hint: 'for example 0.5' };
}

/** For functions that take none: something written there would be silently without effect. */
export function parseNothing(
  argument: string | null,
  make: () => Candidacy,
): Candidacy | ArgumentError {
  if (argument === null || argument.trim() === '') return make();
  return { error: `takes no argument, found "${argument}"` };
}

/** The name in traces: as written, argument included. */
export function nameOf(name: string, argument: string | number | null | undefined): string {
  return argument === null || argument === undefined ? name : `${name} ${argument}`;
}

/** Turns a mistake in the native configuration into an exception that points at its line. */
export function orThrow<T extends object>(name: string, value: T | ArgumentError): T {
  if (!isArgumentError(value)) return value;
  const hint = value.hint === undefined ? '' : ` (${value.hint})`;
  throw new TypeError(`${name}: ${value.error}${hint}`);
}
