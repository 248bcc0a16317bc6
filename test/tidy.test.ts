/**
 * Rules of the code base that a type checker cannot hold. One message per breach, all at once.
 *
 * The layers are drawn in docs/architecture.md. A rule that turns out wrong is changed there and
 * here, in a commit that says why; a file is never excepted by name without its reason beside it.
 */
import { deepEqual, ok } from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');

/** Each layer, and the layers it may import. Arrows point down only. */
const mayImport: Record<string, readonly string[]> = {
  core: [],
  config: ['core'],
  sys: [],
  io: ['core', 'sys'],
  proxy: ['core', 'io'],
  admin: ['core', 'config', 'io', 'proxy'],
  page: ['core'],
  node: ['core', 'config', 'io', 'proxy', 'admin'],
  lab: ['core', 'config', 'io'],
  cli: ['core', 'config', 'io', 'node', 'lab'],
};

/** Layers whose only packages are Node's own: what the project exists for, it does itself. */
const withoutPackages = new Set(['core', 'sys', 'io', 'proxy']);

/** What would make the core unrepeatable, and what to use instead. */
const bannedInCore: readonly (readonly [RegExp, string])[] = [
  [/\bfrom 'node:/, 'an event or an effect: the core does no I/O'],
  [/\bDate\b|\bperformance\./, 'the nowMs carried by the event'],
  [/\bMath\.random\b/, 'the random number carried by the event'],
  [/\bset(Timeout|Interval|Immediate)\b/, 'a tick event'],
  [/\basync\b|\bawait\b|\bPromise\b/, 'an effect and the event that answers it'],
  [/\bconsole\.|\bprocess\.|\bglobalThis\b/, 'an effect: the core has no surroundings'],
];

/** Nothing of Node's stripping-only TypeScript, and nothing left for later. */
const bannedEverywhere: readonly (readonly [RegExp, string])[] = [
  [/\bFIXME\b|\bXXX\b/, 'unfinished'],
  [/\bTODO\b(?!\(#\d+\))/, 'a TODO names its issue: TODO(#12)'],
  [/^\s*(export )?(const )?enum\b/, 'Node strips types, it does not compile: use `as const`'],
  [/^\s*(export )?(declare )?namespace\b/, 'use a module'],
  [/\b(test|it|describe)\.(only|todo)\b/, 'a test runs or is not there'],
];

const COLUMNS_MAX = 100;
const LINES_MAX = 600;
const FUNCTION_LINES_MAX = 70;

type Source = { readonly path: string; readonly text: string; readonly lines: readonly string[] };

function sources(pattern: string): Source[] {
  return globSync(pattern, { cwd: root })
    .filter((path) => !path.includes('node_modules'))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, lines: text.split('\n') };
    });
}

const layered = sources('src/*/**/*.ts');
const everything = sources('{bin,src,test,scripts,bench,demo,sim}/**/*.{ts,mjs}');

function isTest({ path }: Source): boolean {
  return /\.(test|conformance)\.ts$/.test(path);
}

/** Code without comments, so that prose may name what code may not do. */
function codeOf(line: string): string {
  return line.replace(/\/\/.*|^\s*\/?\*.*/, '');
}

/** A string is not broken for its length: it must be found by searching for it. */
function columnsOf(line: string): number {
  const isProse = /^\s*(\*|\/\/)/.test(line);
  const measured = isProse ? line : line.replace(/'[^']*'|"[^"]*"|`[^`]*`|\/\S+\/[a-z]*/g, '');
  return [...measured].length;
}

test('tidy: there is something to look at', () => {
  ok(layered.length > 50, `${layered.length} files`);
});

test('tidy: layers import downwards only, and packages only where they may', () => {
  const breaches: string[] = [];
  for (const source of layered) {
    const { path, text } = source;
    const layer = path.split('/')[1] ?? '';
    for (const [, specifier = ''] of text.matchAll(/\b(?:from|import) ?\(?'([^']+)'/g)) {
      if (specifier.startsWith('.')) {
        const target = relative('src', join(dirname(path), specifier)).split('/')[0] ?? '';
        const allowed = target === layer || mayImport[layer]?.includes(target);
        // A test may also use the twins of the simulator.
        if (allowed || (isTest(source) && join(dirname(path), specifier).startsWith('sim/')))
          continue;
        breaches.push(`${path}: ${layer} may not import ${specifier}`);
      } else if (specifier.startsWith('node:')) {
        const ffi = specifier === 'node:ffi' && layer !== 'sys';
        if (ffi) breaches.push(`${path}: only src/sys may import node:ffi`);
      } else if (withoutPackages.has(layer) && !isTest(source)) {
        breaches.push(`${path}: ${layer} may import no package, and "${specifier}" is one`);
      }
    }
  }
  deepEqual(breaches, []);
});

test('tidy: the core is pure', () => {
  const breaches: string[] = [];
  for (const source of layered) {
    if (!source.path.startsWith('src/core/') || isTest(source)) continue;
    source.lines.forEach((line, index) => {
      for (const [pattern, instead] of bannedInCore) {
        if (pattern.test(codeOf(line))) {
          breaches.push(`${source.path}:${index + 1}: not in core, use ${instead}`);
        }
      }
    });
  }
  deepEqual(breaches, []);
});

test('tidy: lines and files keep their size, nothing is unfinished', () => {
  const breaches: string[] = [];
  for (const { path, lines } of everything) {
    if (lines.length > LINES_MAX) breaches.push(`${path}: ${lines.length} lines; split it`);
    lines.forEach((line, index) => {
      const where = `${path}:${index + 1}`;
      if (columnsOf(line) > COLUMNS_MAX) breaches.push(`${where}: over ${COLUMNS_MAX} columns`);
      if (path === 'test/tidy.test.ts') return;
      for (const [pattern, why] of bannedEverywhere) {
        if (pattern.test(line)) breaches.push(`${where}: ${why}`);
      }
      if (path.startsWith('src/') && /\bconsole\./.test(codeOf(line))) {
        breaches.push(`${where}: a library does not print`);
      }
    });
  }
  deepEqual(breaches, []);
});

test('tidy: functions fit on a page', () => {
  const breaches: string[] = [];
  for (const { path, lines } of everything) {
    // The formatter puts a function's end at the indent of its beginning.
    const open =
      /^( *)(?:export )?(?:async )?(?:function |(?:static |async |get |set )*#?\w+\(.*\{$)/;
    lines.forEach((line, index) => {
      const match = open.exec(line);
      // A callback ends in `});`, and is as long as what it is passed to makes it.
      const isBlock = /^\s*(if|for|while|switch|return)\b|=> \{$/.test(line);
      if (match === null || isBlock) return;
      const end = lines.findIndex((later, at) => at > index && later === `${match[1]}}`);
      const length = end - index + 1;
      if (length > FUNCTION_LINES_MAX) breaches.push(`${path}:${index + 1}: ${length} lines`);
    });
  }
  deepEqual(breaches, []);
});

test('tidy: every source file says first what it is', () => {
  const breaches = layered
    .filter((source) => !isTest(source) && !/^(#!.*\n)?\/\*\*/.test(source.text))
    .map(({ path }) => path);
  deepEqual(breaches, []);
});

test('tidy: only the public index is called index', () => {
  deepEqual(
    layered.map(({ path }) => path).filter((path) => path.endsWith('/index.ts')),
    [],
  );
});
