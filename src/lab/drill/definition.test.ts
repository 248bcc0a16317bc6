import { deepEqual, equal, match, notDeepEqual, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadDrill } from './definition.ts';
import { nodesOf, randomEvents, shortestS } from './random.ts';

const directory = mkdtempSync(join(tmpdir(), 'forehand-drill-'));
after(() => rmSync(directory, { recursive: true }));
writeFileSync(
  join(directory, 'site.lab.ts'),
  `export default {
  networks: { lan: '10.0.0.0/24' },
  machines: {
    a: { plugs: { lan: '10.0.0.1' }, run: ['a.conf'], programs: [['node', './app.ts', 'a']] },
    client: { plugs: { lan: '10.0.0.9' } },
  },
};`,
);

let count = 0;
async function load(text: string) {
  const file = join(directory, `drill-${count++}.ts`);
  writeFileSync(file, `export default ${text};`);
  const loaded = await loadDrill(file);
  return 'errors' in loaded ? { errors: loaded.errors.join('; ') } : { loaded };
}

const LOAD = "load: { from: 'client', perSecond: 10, targets: ['http://10.0.0.1/'] }";

test('loadDrill() loads the lab beside it, with its programs', async () => {
  const { loaded } = await load(`{ lab: './site.lab.ts', ${LOAD}, lastS: 5 }`);
  deepEqual(nodesOf(loaded!), ['a']);
  deepEqual(loaded!.lab.machines['a']!.programs, [
    [process.execPath, join(directory, 'app.ts'), 'a'],
  ]);
});

const wrong = [
  ['7', /exports no drill/],
  [`{ lab: './site.lab.ts', ${LOAD}, lastS: 5, last: 1 }`, /unknown key "last"/],
  [`{ ${LOAD}, lastS: 5 }`, /expected lab:/],
  [`{ lab: './none.ts', ${LOAD}, lastS: 5 }`, /none\.ts: cannot be read/],
  [`{ lab: './site.lab.ts', ${LOAD.replace('client', 'b')}, lastS: 5 }`, /no machine "b"/],
  [`{ lab: './site.lab.ts', ${LOAD.replace('10,', '0,')}, lastS: 5 }`, /load\.perSecond/],
  [`{ lab: './site.lab.ts', ${LOAD.replace('http:', 'ftp:')}, lastS: 5 }`, /load\.targets/],
  [`{ lab: './site.lab.ts', ${LOAD}, lastS: 5, events: [{ atS: 9, do: 'off a' }] }`, /events\[0\]/],
] as const;

for (const [text, why] of wrong) {
  test(`loadDrill() says what is wrong with ${text.slice(0, 60)}`, async () => {
    match((await load(text)).errors ?? 'accepted', why);
  });
}

const MACHINES = ['d1', 'd2', 'w1', 'w2', 'w3'];

test('randomEvents() switches each machine off and on once, one at a time, within the time', () => {
  for (let seed = 0; seed < 200; seed++) {
    const lastS = shortestS(MACHINES);
    const events = randomEvents(MACHINES, lastS, seed);
    const words = events.map((event) => event.do);
    for (const name of MACHINES) {
      const off = words.indexOf(`off ${name}`);
      equal(words[off + 1], `on ${name}`);
      equal(words.filter((word) => word === `off ${name}`).length, 1);
    }
    const drains = words.flatMap((word, i) => (word.startsWith('drain') ? [i] : []));
    for (const i of drains) equal(words[i + 1], words[i]!.replace('drain', 'resume'));
    const times = events.map(({ atS }) => atS);
    deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    ok(times[0]! >= 5 && times.at(-1)! <= lastS - 5);
    ok(times.every((atS, i) => i === 0 || atS - times[i - 1]! >= 5 - 1e-9));
  }
});

test('randomEvents() are the same for the same seed, and others for another', () => {
  deepEqual(randomEvents(MACHINES, 120, 7), randomEvents(MACHINES, 120, 7));
  notDeepEqual(randomEvents(MACHINES, 120, 7), randomEvents(MACHINES, 120, 8));
});
