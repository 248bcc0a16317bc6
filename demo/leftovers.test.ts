/** What a killed demo left is swept, and nothing else. */
import { deepEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { makeDemoDirectory, sweepLeftovers } from './leftovers.ts';

test('sweepLeftovers() removes directories of demos that are gone, and no others', () => {
  const parent = mkdtempSync(join(tmpdir(), 'forehand-leftovers-'));
  try {
    // Ended and waited for, so that its id is nobody's.
    const { pid } = spawnSync(process.execPath, ['--version']);
    const kept = ['forehand-demo-mine', `other-demo-${pid}-abcdef`].map((name) => {
      mkdirSync(join(parent, name));
      return name;
    });
    const own = makeDemoDirectory(parent);
    mkdirSync(join(parent, `forehand-demo-${pid}-abcdef`));
    writeFileSync(join(parent, `forehand-demo-${pid}-abcdef`, 'secret'), 'hush');
    sweepLeftovers(parent);
    deepEqual(readdirSync(parent).toSorted(), [basename(own), ...kept].toSorted());
  } finally {
    rmSync(parent, { recursive: true });
  }
});
