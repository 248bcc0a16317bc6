/**
 * Searches for a seed in which a cluster breaks a promise: 60 simulated seconds for each.
 *
 *     npm run sim -- --seeds 1000              from seed 1
 *     npm run sim -- --seeds 50 --seed 7000    from seed 7000
 *
 * One line for each finding, with the command that repeats it; then what happened in all of them.
 * The exit code says whether there was a finding.
 */
import { parseArgs } from 'node:util';
import { runFleet } from './fleet.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
});
const [count, first] = [values.seeds, values.seed].map(Number);
if (!Number.isSafeInteger(count) || count! < 1 || !Number.isSafeInteger(first)) {
  process.stderr.write('expected --seeds and --seed to be whole numbers, --seeds from 1 on\n');
  process.exit(2);
}

const startMs = performance.now();
const { totals, findings } = await runFleet({
  first: first!,
  count: count!,
  onFinding: ({ seed, text }) => {
    console.log(`seed ${seed}: ${text}`);
    console.log(`  repeat: node scripts/launch.mjs sim/cluster/run.ts ${seed}`);
  },
});
const seconds = (performance.now() - startMs) / 1_000;
const happened = Object.entries(totals).map(([word, number]) => `${word} ${Math.round(number)}`);
console.log(happened.join(', '));
console.log(
  `${count} seeds, ${findings.length} findings, ${(count! / seconds).toFixed(1)} seeds per second`,
);
if (findings.length > 0) process.exitCode = 1;
