/**
 * Goal: whatever stands in a file, loading answers: no exception, every place inside its file, and
 * a configuration exactly when there is no error.
 *
 * Method: valid files of both dialects, mutated by seed, and plain random bytes. The seed is in the
 * name of the failing assertion; the same seed gives the same text.
 *
 *     SEEDS=20000 node --test src/config/load.property.test.ts     searches for longer
 */
import { equal, ok } from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { severityOf } from './codes.ts';
import { renderDiagnostic } from './diagnostic.ts';
import { type Loaded, loadConfiguration } from './load.ts';
import { memoryEnvironment } from './memory.fixture.ts';
import { locateKey, locateValue, parseSource } from './native/locate.ts';

const seedCount = Number(process.env['SEEDS'] ?? 600);

function randomFrom(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Pieces that mean something somewhere, so that mutants get past the first check. */
const PIECES = [
  ...['"', "'", '\\', '\\\n', '<', '>', '</', '~', '*', '[', '(', '\n', '\r\n', '\t', '#', '\0'],
  ...[
    '\u2028',
    '\ud800',
    '!',
    '<Files "a">\n',
    '</Files>\n',
    '<IfModule !x.c>\n',
    '<VirtualHost *>\n',
  ],
  ...['Backhand off\n', 'Listen 80\n', 'Include a*.conf\n', 'DocumentRoot /\n', 'é'.repeat(200)],
];

function mutate(text: string, random: (below: number) => number): string {
  let mutant = text;
  for (let count = 1 + random(6); count > 0; count--) {
    const at = random(mutant.length + 1);
    const length = random(12);
    const kind = random(4);
    const copied = mutant.slice(random(mutant.length + 1)).slice(0, length);
    const inserted = [PIECES[random(PIECES.length)]!, '', copied, String.fromCharCode(random(256))];
    const removed = kind === 1 ? length : random(2);
    mutant = mutant.slice(0, at) + inserted[kind]! + mutant.slice(at + removed);
  }
  return mutant;
}

function randomText(random: (below: number) => number): string {
  const codes = Array.from({ length: random(400) }, () => random(random(2) === 0 ? 128 : 0xffff));
  return String.fromCharCode(...codes);
}

function judge({ config, diagnostics, dropped, sources }: Loaded): void {
  const failed = diagnostics.some(({ code }) => severityOf(code) === 'error') || dropped > 0;
  if (dropped === 0) equal(config === null, failed);
  for (const diagnostic of diagnostics) {
    const { file, span } = diagnostic.place;
    const source = sources.get(file);
    if (span !== null) {
      ok(source !== undefined, `${file} was not read`);
      ok(span.start >= 0 && span.start <= span.end && span.end <= source.length, 'inside its file');
    }
    ok(renderDiagnostic(diagnostic, sources).includes(diagnostic.code));
  }
}

const valid = globSync('test/{fixtures/article/*.httpd.conf,transcripts/check/*.txt}').map(
  (path) => {
    return readFileSync(path, 'utf8');
  },
);

test('loadConfiguration() answers when an Apache file is any text', async () => {
  ok(valid.length > 20, 'run from the top of the project');
  let refused = 0;
  for (let seed = 1; seed <= seedCount; seed++) {
    const random = randomFrom(seed);
    const text = seed % 5 === 0 ? randomText(random) : mutate(valid[seed % valid.length]!, random);
    const environment = memoryEnvironment({ '/a.conf': text, '/x/.htaccess': text });
    try {
      const loaded = await loadConfiguration(['/a.conf'], environment);
      judge(loaded);
      if (loaded.config === null) refused++;
    } catch (cause) {
      throw new Error(`seed ${seed}: ${JSON.stringify(text)}`, { cause });
    }
  }
  // Mutants that are all accepted, or all refused, would show that nothing was tried.
  ok(refused > seedCount / 10 && refused < seedCount, `${refused} of ${seedCount} refused`);
});

const WACKAMOLE_PIECES = [
  ' = ',
  '{',
  '}',
  ' none ',
  ' arp-cache ',
  ' throttle 3 ',
  'eth0:',
  '/24n8',
];

test('loadConfiguration() answers when a wackamole.conf is any text', async () => {
  const pools = globSync(
    'test/{fixtures/article/*.wackamole.conf,transcripts/check/wackamole-*.txt}',
  ).map((path) =>
    readFileSync(path, 'utf8')
      .split(/^----\n/m)[0]!
      .replace(/^.*?=== .*?\n/s, ''),
  );
  ok(pools.length > 10, 'run from the top of the project');
  let refused = 0;
  for (let seed = 1; seed <= seedCount; seed++) {
    const random = randomFrom(seed);
    const whole = pools[seed % pools.length]!;
    const at = random(whole.length);
    const piece = WACKAMOLE_PIECES[random(WACKAMOLE_PIECES.length)]!;
    const mixed = random(2) === 0 ? whole : whole.slice(0, at) + piece + whole.slice(at);
    const text = seed % 5 === 0 ? randomText(random) : mutate(mixed, random);
    const environment = memoryEnvironment({ '/wackamole.conf': text });
    try {
      const loaded = await loadConfiguration(['/wackamole.conf'], environment);
      judge(loaded);
      if (loaded.config === null) refused++;
    } catch (cause) {
      throw new Error(`seed ${seed}: ${JSON.stringify(text)}`, { cause });
    }
  }
  ok(refused > seedCount / 10 && refused < seedCount, `${refused} of ${seedCount} refused`);
});

/** Each is quadratic work for a reader that looks back over what it has read. */
const HUGE = [
  ['lines without meaning', 'Frobnicate on\n'],
  ['one line in pieces', 'a \\\n'],
  ['sections never closed', '<Files a>\n'],
  ['ends without a beginning', '</Files>\n'],
  ['words on one line', 'a '],
  ['open quotes', '"\n'],
  ['steps of a chain', 'Backhand byLoad\n'],
  ['listeners', 'Listen 80\n'],
] as const;

for (const [what, piece] of HUGE) {
  test(`loadConfiguration() answers when a file is 512 KB of ${what}`, async () => {
    const text = piece.repeat(524_288 / piece.length);
    judge(await loadConfiguration(['/a.conf'], memoryEnvironment({ '/a.conf': text })));
  });
}

const NATIVE = `import { byLoad, defineCluster } from 'forehand';
const shared = { capacity: 4, 'workers': 2 };
const zones: readonly unknown[] = [{ files: /a/, chain: [byLoad()] }, ...[1, 2]];
export default defineCluster({ ...shared, zones, listen: 80, nodes: { é: { address: '::1' } } });
`;

const PATHS = [
  ['capacity'],
  ['workers'],
  ['zones', 0, 'files'],
  ['zones', 2],
  ['listen', 0],
  ['nodes', 'é', 'x'],
];

for (const piece of ['VIPs { ', 'eth0:10.0.0.1/24 ', '"\n', '= ', 'Group = a\n', 'Notify { x ']) {
  test(`loadConfiguration() answers when a wackamole.conf is 512 KB of ${piece}`, async () => {
    const text = `VIPs { ${piece.repeat(524_288 / piece.length)}`;
    const environment = memoryEnvironment({ '/wackamole.conf': text });
    judge(await loadConfiguration(['/wackamole.conf'], environment));
  });
}

test('locateValue() stays inside the file when a native file is any text', () => {
  let parsed = 0;
  for (let seed = 1; seed <= seedCount; seed++) {
    const source = mutate(NATIVE, randomFrom(seed));
    let program: ReturnType<typeof parseSource>;
    try {
      program = parseSource(source);
    } catch (error) {
      ok(error instanceof SyntaxError || 'code' in (error as object), String(error));
      continue;
    }
    parsed++;
    for (const path of PATHS) {
      for (const span of [locateKey(program, path), locateValue(program, path)]) {
        if (span === null) continue;
        ok(span.start <= span.end && span.end <= source.length, `seed ${seed}: ${path.join('.')}`);
      }
    }
  }
  ok(parsed > seedCount / 50, `only ${parsed} of ${seedCount} parsed`);
});
