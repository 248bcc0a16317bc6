/**
 * Does a busy machine look dead? Nodes that share addresses, every processor saturated, and nobody
 * has failed: each change of who holds what is a false alarm.
 *
 *     node scripts/launch.mjs bench/false-alarms.ts                       3 nodes, ten minutes
 *     node scripts/launch.mjs bench/false-alarms.ts --nodes 5 --minutes 1 --profile fast
 *     node scripts/launch.mjs bench/false-alarms.ts --burners 0     where something else burns
 *
 * What a newcomer gets wrong: all nodes share the processors here, with twice as many programs that
 * never sleep. A machine of one node has it easier.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Cluster } from './failover/cluster.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '3' },
    minutes: { type: 'string', default: '10' },
    profile: { type: 'string', default: 'lan' },
    burners: { type: 'string', default: String(2 * availableParallelism()) },
  },
});

/** Long enough for a start on an idle machine, and for the addresses to be evenly spread. */
const SETTLE_MS = 12_000;

const directory = mkdtempSync(join(tmpdir(), 'forehand-alarms-'));
const nodes = Number(values.nodes);
const profile = values.profile === 'fast' ? 'fast' : 'lan';
const cluster = new Cluster(
  'forehand',
  { nodes, addresses: nodes * 2, profile, engine: 'ring' },
  directory,
);
const burners: ChildProcess[] = [];
try {
  await cluster.start();
  await sleep(SETTLE_MS);
  const before = cluster.changes.length;
  const held = [...cluster.holders.values()].filter((holders) => holders.size === 1).length;
  for (let i = 0; i < Number(values.burners); i++) {
    burners.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  }
  await sleep(Number(values.minutes) * 60_000);
  const changes = cluster.changes.slice(before);
  console.log(
    `${nodes} nodes, ${profile}, ${values.minutes} minutes, load average ${loadavg()[0]?.toFixed(1)}: ` +
      `${held} of ${nodes * 2} addresses held once before, ${changes.length} changes`,
  );
  for (const { atMs, machine, address, here } of changes) {
    console.log(
      `  ${new Date(atMs).toISOString()} ${address} ${here ? 'came to' : 'left'} ${machine}`,
    );
  }
  process.exitCode = changes.length === 0 && held === nodes * 2 ? 0 : 1;
} finally {
  for (const burner of burners) burner.kill('SIGKILL');
  cluster.close();
  rmSync(directory, { recursive: true, force: true });
}
