/**
 * Runs a `forehand.config.ts` and hands out what it exports by default.
 *
 * Node strips the types. `import 'forehand'` leads here from any directory, by a resolve hook that
 * exists only while the file is loading. What a newcomer gets wrong: a module is run once and then
 * remembered by its URL for as long as the thread lives. So each load gives the file, and what it
 * imports from beside it, a URL of its own; a reload costs the memory of the old modules.
 */
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Program } from 'acorn';
import type { Code } from '../codes.ts';
import type { Diagnostic, Span } from '../diagnostic.ts';
import { didYouMean } from '../suggest.ts';
import { parseSource } from './locate.ts';

const FOREHAND_URL = new URL('../../index.ts', import.meta.url).href;

export type Ran =
  | {
      readonly exported: unknown;
      readonly program: Program;
      /** For what is thrown later, by code of the file that reading its values runs. */
      readonly thrown: (error: unknown) => Diagnostic;
    }
  | { readonly failure: Diagnostic };

/** An `await` at the top may wait for what never comes, and all later reloads would with it. */
const PATIENCE_MS = 5_000;

let loadCount = 0;

export async function runFile(file: string, path: string, source: string): Promise<Ran> {
  let program: Program;
  try {
    program = parseSource(source);
  } catch (error) {
    return {
      failure: failureOf('CONFIG_SYNTAX', file, positionOfSyntaxError(error, source), error),
    };
  }
  const mark = `?load=${++loadCount}`;
  const url = `${pathToFileURL(path).href}${mark}`;
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'forehand') return { url: FOREHAND_URL, shortCircuit: true };
      // Said outright, as without a package.json around it Node would first try it as CommonJS.
      if (specifier === url) return { url, format: 'module-typescript', shortCircuit: true };
      const found = next(specifier, context);
      const isBeside = /^\.\.?\//.test(specifier) && context.parentURL?.endsWith(mark) === true;
      if (!isBeside) return found;
      const format = /\.ts$/.test(found.url) ? 'module-typescript' : found.format;
      return { ...found, format, url: `${found.url}${mark}` };
    },
  });
  try {
    const module = await withinPatience<{ readonly default?: unknown }>(import(url));
    const thrown = (error: unknown) => thrownBy(file, { url, source, error });
    return { exported: module.default, program, thrown };
  } catch (error) {
    return { failure: await loadFailure(file, { url, source, error }) };
  } finally {
    hooks.deregister();
  }
}

async function withinPatience<T>(loading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const text = `it waits for something for longer than ${PATIENCE_MS / 1_000} s`;
    timer = setTimeout(() => {
      const error = new Error(text);
      // Where it was made says nothing to whoever wrote the file.
      error.stack = '';
      reject(error);
    }, PATIENCE_MS);
    // A command that has nothing else to wait for ends at once, and says so (cli/verdict-guard.ts).
    timer.unref();
  });
  try {
    return await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
}

type Failed = { readonly url: string; readonly source: string; readonly error: unknown };

async function loadFailure(file: string, { url, source, error }: Failed): Promise<Diagnostic> {
  const text = messageOf(error);
  const [, missing] = /does not provide an export named '([^']+)'/.exec(text) ?? [];
  if (missing !== undefined) {
    const names = Object.keys((await import(FOREHAND_URL)) as object);
    const span = spanOfText(source, missing);
    const message = `there is no "${missing}" to import`;
    const hint = didYouMean(missing, names);
    return { code: 'CONFIG_LOAD_FAILED', place: { file, span }, message, hint };
  }
  const [, specifier] = /Cannot find (?:package|module) '([^']+)'/.exec(text) ?? [];
  if (specifier !== undefined) {
    const written = specifier.split('/').at(-1) ?? specifier;
    const message = `cannot import "${written}": there is no such file or package`;
    const span = spanOfText(source, written);
    return { code: 'CONFIG_LOAD_FAILED', place: { file, span }, message };
  }
  return thrownBy(file, { url, source, error });
}

function thrownBy(file: string, { url, source, error }: Failed): Diagnostic {
  const span = positionInStack(error, url, source);
  const failure = failureOf('CONFIG_LOAD_FAILED', file, span, error);
  return span === null ? { ...failure, hint: elsewhereHint(error) } : failure;
}

function failureOf(code: Code, file: string, span: Span | null, error: unknown): Diagnostic {
  return { code, place: { file, span }, message: messageOf(error) };
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : `thrown: ${String(error)}`;
  // Acorn repeats the position behind its messages; ours stands in front.
  return (text.split('\n')[0] ?? text).replace(/ \(\d+:\d+\)$/, '');
}

/** Acorn says where in a field. Node's stripping says it in text only: line, code, then carets. */
export function positionOfSyntaxError(error: unknown, source: string): Span | null {
  if (!(error instanceof Error)) return null;
  if ('pos' in error && typeof error.pos === 'number') {
    return clamped(source, error.pos, error.pos + 1);
  }
  const lines = (error.stack ?? '').split('\n');
  const line = Number(/:(\d+)$/.exec(lines[0] ?? '')?.[1]);
  const carets = lines.find((candidate) => /^\s*\^+\s*$/.test(candidate));
  if (!Number.isInteger(line) || carets === undefined) return null;
  const start = offsetOf(source, line, carets.indexOf('^') + 1);
  return clamped(source, start, start + carets.trim().length);
}

/** The first place in the file itself among the callers of what threw. */
function positionInStack(error: unknown, url: string, source: string): Span | null {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = stack.indexOf(`${url}:`);
  if (at === -1) return null;
  const [, line, column] = /^:(\d+)(?::(\d+))?/.exec(stack.slice(at + url.length)) ?? [];
  const start = offsetOf(source, Number(line), Number(column ?? 1));
  const word = /^[\w$.]+/.exec(source.slice(start))?.[0].length ?? 1;
  return clamped(source, start, start + word);
}

/** Where it was thrown when that was in another file. */
function elsewhereHint(error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, place, position] = /(file:\/\/[^\s?)]+)(?:\?load=\d+)?(:\d+(?::\d+)?)/.exec(stack) ?? [];
  return place === undefined ? undefined : `thrown in ${fileURLToPath(place)}${position}`;
}

function offsetOf(source: string, line: number, column: number): number {
  let start = 0;
  for (let count = 1; count < line; count++) {
    const newline = source.indexOf('\n', start);
    if (newline === -1) break;
    start = newline + 1;
  }
  return start + column - 1;
}

function spanOfText(source: string, text: string): Span | null {
  const start = source.indexOf(text);
  return start === -1 ? null : { start, end: start + text.length };
}

function clamped(source: string, start: number, end: number): Span {
  const from = Math.max(0, Math.min(start, source.length));
  return { start: from, end: Math.max(from, Math.min(end, source.length)) };
}
