/**
 * The reference of what a configuration may say is held to the code, in both directions.
 *
 *     UPDATE=1 node --test test/reference.test.ts     writes configuration.md: read the diff
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { ADDRESS_DEFAULTS } from '../src/config/address-pool.ts';
import { RULES } from '../src/config/apache/walk.ts';
import { limitKeys } from '../src/config/limits.ts';
import { ADDRESSES, NODE_ADDRESSES } from '../src/config/native/addresses-schema.ts';
import { CLUSTER } from '../src/config/native/schema.ts';
import { SPREAD_DEFAULTS } from '../src/config/spread-checks.ts';
import { isComplaint, readDuration } from '../src/config/values.ts';
import { STATEMENTS } from '../src/config/wackamole/keywords.ts';
import { isArgumentError } from '../src/core/candidacy/argument.ts';
import { BUILTINS, builtinNamed } from '../src/core/candidacy/builtins.ts';
import { asking, server } from '../src/core/candidacy/candidacy.fixture.ts';
import { type Candidacy, Candidates } from '../src/core/candidacy/candidates.ts';
import { DEFAULT_LIMITS } from '../src/core/cluster/config.ts';
import { DEFAULT_SPREAD_LIMITS } from '../src/core/spread/server/server-events.ts';
import * as forehand from '../src/index.ts';
import { allPaths, configurationPage, pageKeys } from './reference-configuration.ts';

function pageUrl(name: string): URL {
  return new URL(`../docs/reference/${name}`, import.meta.url);
}

function page(name: string): string {
  return readFileSync(pageUrl(name), 'utf8');
}

/** The text below each `### heading`, by heading, in the parts (`## heading`) asked for. */
function sectionsOf(text: string, parts: (title: string) => boolean): Map<string, string> {
  const wanted = text.split(/^## /m).filter((part) => parts(part.slice(0, part.indexOf('\n'))));
  return new Map(
    wanted
      .flatMap((part) => part.split(/^### /m).slice(1))
      .map((section) => {
        const end = section.indexOf('\n');
        return [section.slice(0, end), section.slice(end + 1)];
      }),
  );
}

test('docs/reference/configuration.md is the types of the native dialect', () => {
  const rendered = configurationPage();
  if (process.env['UPDATE'] === '1') writeFileSync(pageUrl('configuration.md'), rendered);
  equal(page('configuration.md'), rendered);
});

test('configuration.md has each key of the schemas, with a text', () => {
  const told = new Set(allPaths());
  const keys = (schema: object, prefix: string) => entriesOf(schema).map((key) => prefix + key);
  const node = { entries: unwrapped(CLUSTER.entries.nodes)['value'] as object };
  const shared = entriesOf(CLUSTER).filter((key) => key !== 'nodes' && key !== 'addresses');
  const expected = [
    ...keys(CLUSTER, ''),
    ...entriesOf(node.entries)
      .filter((key) => !shared.includes(key))
      .map((key) => `nodes.<name>.${key}`),
    ...keys(unwrapped(CLUSTER.entries.zones)['item'] as object, 'zones[].'),
    ...keys(unwrapped(CLUSTER.entries.announce), 'announce.'),
    ...keys(unwrapped(CLUSTER.entries.limits), 'limits.'),
    ...keys(unwrapped(CLUSTER.entries.accessLog), 'accessLog.'),
    ...keys(ADDRESSES, 'addresses.'),
    ...keys(NODE_ADDRESSES, 'nodes.<name>.addresses.'),
    ...keys(unwrapped(ADDRESSES.entries.group), 'addresses.group.'),
    ...keys(unwrapped(CLUSTER.entries.spread), 'spread.'),
  ];
  ok(expected.length > 60);
  deepEqual([...told].toSorted(), expected.toSorted());
  const mute = pageKeys().filter(({ text }) => text === '');
  deepEqual(mute, []);
});

/** Through `optional`; what is inside of a schema is only known at run time. */
function unwrapped(schema: object): Readonly<Record<string, unknown>> {
  const { wrapped } = schema as { readonly wrapped?: object };
  return (wrapped ?? schema) as Readonly<Record<string, unknown>>;
}

function entriesOf(schema: object): string[] {
  return Object.keys((schema as { readonly entries: object }).entries);
}

test('configuration.md tells the defaults that are in force', () => {
  const inMs = (text: string) => {
    const read = readDuration(text.replace(' ', ''), 's');
    return isComplaint(read) ? text : read.value;
  };
  const told = new Map(
    pageKeys().flatMap(({ path, text }) => {
      const written = /Default: (?:all, after )?(\d+ ?(?:ms|s|m|h)?)\./.exec(text)?.[1];
      return written === undefined ? [] : [[path, written]];
    }),
  );
  for (const key of limitKeys()) {
    const written = told.get(`limits.${key.replace(/Ms$/, '')}`) ?? '';
    equal(key.endsWith('Ms') ? inMs(written) : Number(written), DEFAULT_LIMITS[key], key);
  }
  equal(Number(told.get('spread.port')), SPREAD_DEFAULTS.port);
  equal(Number(told.get('spread.messagesMax')), DEFAULT_SPREAD_LIMITS.sessionMessagesMax);
  equal(inMs(told.get('addresses.mature') ?? ''), ADDRESS_DEFAULTS.matureMs);
  equal(inMs(told.get('addresses.arpCache') ?? ''), ADDRESS_DEFAULTS.arpCacheMs);
  equal(inMs(told.get('addresses.refresh') ?? ''), ADDRESS_DEFAULTS.refreshMs);
  equal(inMs(told.get('addresses.valid') ?? ''), ADDRESS_DEFAULTS.validMs);
  equal(inMs(told.get('addresses.balance') ?? ''), ADDRESS_DEFAULTS.balance.intervalMs);
  equal(Number(told.get('addresses.group.port')), ADDRESS_DEFAULTS.port);
});

const functions = sectionsOf(page('functions.md'), (title) => title === 'The functions');

test('docs/reference/functions.md has every candidacy function, and no others', () => {
  deepEqual(
    [...functions.keys()],
    BUILTINS.map(({ name }) => name),
  );
});

for (const { name, summary } of BUILTINS) {
  const section = functions.get(name) ?? '';
  const block = (tag: string) => {
    const found = new RegExp(`^\`\`\`${tag}\\n(.*?)^\`\`\`$`, 'ms').exec(section)?.[1] ?? '';
    return found.split('\n').filter((line) => line !== '');
  };

  test(`functions.md says of ${name} what its summary says`, () => {
    equal(/^\*(.*)\.\*$/m.exec(section)?.[1]?.toLowerCase(), summary.toLowerCase());
  });

  test(`functions.md spells ${name} alike in both dialects`, () => {
    const apache = block('apache').map(fromApache);
    const native = block('ts').map(fromNative);
    ok(apache.length > 0);
    deepEqual(
      native.map((made) => made.name),
      apache.map((made) => made.name),
    );
  });

  test(`functions.md shows the figure of ${name}`, () => {
    const written = /^\*Figure:\* (.*)$/m.exec(section)?.[1] ?? '';
    const figure = figureOf(fromApache(block('apache')[0] ?? ''));
    const shown = /^`([^`]*)`/.exec(written)?.[1] ?? null;
    ok(shown !== null || written === 'none', written);
    equal(shown === null ? null : withoutNumbers(shown), figure && withoutNumbers(figure));
  });
}

function fromApache(line: string): Candidacy {
  const [, name = '', argument] = /^Backhand(?:FromSO \S+)? (\S+)(?: (\S+))?$/.exec(line) ?? [];
  const made = builtinNamed(name)?.parse(argument ?? null);
  ok(made !== undefined && !isArgumentError(made), line);
  return made;
}

/** `byAge(5)`: a name of the module, and at most one literal. */
function fromNative(line: string): Candidacy {
  const [, name = '', text, number] = /^(\w+)\((?:'([^']*)'|([\d.]+))?\)$/.exec(line) ?? [];
  const make = (forehand as Readonly<Record<string, unknown>>)[name];
  ok(typeof make === 'function', line);
  const argument = text ?? (number === undefined ? undefined : Number(number));
  return make(argument) as Candidacy;
}

function figureOf({ figure }: Candidacy): string | null {
  const one = server(1);
  const candidates = new Candidates();
  candidates.reset([server(0), one]);
  candidates.session = one;
  return figure?.(one, candidates, asking()) ?? null;
}

function withoutNumbers(text: string): string {
  return text.replace(/\d+(?:\.\d+)?(?:e[-+]?\d+)?/g, 'N');
}

const isWackamole = (title: string) => title === 'wackamole.conf';
const directives = sectionsOf(page('directives.md'), (title) => !isWackamole(title));
const statements = sectionsOf(page('directives.md'), isWackamole);

test('directives.md has every directive, with usage and context, and no others', () => {
  const rules = [...RULES.values()];
  deepEqual([...directives.keys()].toSorted(), rules.map(({ name }) => name).toSorted());
  for (const { name, usage, context } of rules) {
    const head = (directives.get(name) ?? '').trim().split('\n')[0] ?? '';
    const said = head.replace(/ · native `[^`]*`$/, '');
    equal(said, `\`${name} ${usage}\` · ${context}`);
  }
});

test('directives.md has every statement of wackamole.conf, and no others', () => {
  deepEqual([...statements.keys()], [...STATEMENTS]);
});

test('directives.md names native keys that exist', () => {
  const known = new Set(allPaths());
  const text = [...directives.values(), ...statements.values()].join('\n');
  const named = [...text.matchAll(/ · native `([^`]*)`$/gm)].map(([, key]) => key!);
  ok(named.length > 40);
  deepEqual(
    named.filter((key) => !known.has(key)),
    [],
  );
});

test('directives.md says of each limit what configuration.md does', () => {
  for (const key of limitKeys()) {
    const native = `limits.${key.replace(/Ms$/, '')}`;
    const section = [...directives.values()].find((text) => text.includes(`native \`${native}\``));
    const told = pageKeys().find(({ path }) => path === native);
    const [, said] = (section ?? '').split('\n\n').map((part) => part.trim());
    // The range is said by what refuses it.
    equal(`${said}`, told?.text.replace(/, 1024 to 131072/, ''), key);
  }
});
