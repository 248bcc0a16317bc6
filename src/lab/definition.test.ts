import { deepEqual, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadLab } from './definition.ts';

async function loaded(exported: string) {
  const directory = mkdtempSync(join(tmpdir(), 'lab-'));
  const file = join(directory, 'lab.ts');
  try {
    writeFileSync(file, `import { defineLab } from 'forehand';\nexport default ${exported};\n`);
    return { directory, lab: await loadLab(file) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('loadLab() finds configuration files beside the lab file', async () => {
  const { directory, lab } = await loaded(`defineLab({
    networks: { lan: '10.0.0.0/24', v6: 'fd00::/64' },
    machines: {
      web1: { plugs: { lan: '10.0.0.1', v6: 'fd00::1' }, run: ['a.conf', '/etc/b.conf'] },
      visitor: { plugs: { lan: '10.0.0.9' } },
    },
  })`);
  ok(!('errors' in lab));
  deepEqual(lab.machines['web1']?.run, [join(directory, 'a.conf'), '/etc/b.conf']);
  deepEqual(lab.machines['visitor'], { plugs: { lan: '10.0.0.9' } });
});

const broken: readonly (readonly [string, readonly string[]])[] = [
  ['undefined', ['the file exports no lab: export default defineLab({ ... })']],
  ['{}', ['expected networks: { lan: "10.0.0.0/24", ... }']],
  ["{ networks: { lan: '10.0.0.0/24' } }", ['expected machines: { web1: { plugs: ... }, ... }']],
  [
    "{ networks: { lan: '10.0.0.0' }, machines: {}, speed: 1 }",
    ['unknown key "speed"', 'network lan: "10.0.0.0" is no a.b.c.d/len'],
  ],
  [
    "{ networks: { lan: '10.0.0.0/24' }, machines: { 'much-too-long-a-name': { plugs: {} } } }",
    ['machine "much-too-long-a-name": expected up to 12 letters or digits'],
  ],
  [
    `{ networks: { lan: '10.0.0.0/24' }, machines: {
      a: { plugs: { wan: '10.0.0.1' } }, b: { plugs: { lan: '10.0.1.1' } },
      c: { plugs: { lan: 7 }, run: 'x' }, d: {}, e: { plugs: {}, runs: [] } } }`,
    [
      'machine a: there is no network "wan"',
      'machine b: 10.0.1.1 is not in lan (10.0.0.0/24)',
      'machine c: expected run to be a list of texts',
      'machine c: "7" is no address',
      'machine d: expected plugs: { lan: "..." }',
      'machine e: unknown key "runs"',
    ],
  ],
];
for (const [exported, errors] of broken) {
  test(`loadLab() says all that is wrong with ${exported.slice(0, 60)}`, async () => {
    deepEqual((await loaded(exported)).lab, { errors });
  });
}

test('loadLab() says that the file is missing, or does not run', async () => {
  deepEqual(await loadLab('/nonexistent/lab.ts'), { errors: ['cannot be read (ENOENT)'] });
  const { lab } = await loaded('defineLabb({})');
  ok('errors' in lab && lab.errors[0]?.includes('defineLabb'), JSON.stringify(lab));
});
