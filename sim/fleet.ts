/**
 * Many seeds over all processors: child processes that take a share of the seeds each, and say line
 * by line what they found.
 *
 * What a newcomer gets wrong: a seed is the whole of a run. Which child it ran in, and what ran
 * there before it, makes no difference; so a finding is repeated by its seed alone.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { runClusterSeed } from './cluster/run.ts';
import { addTotals, type Totals } from './cluster/tally.ts';

export type Finding = { readonly seed: number; readonly text: string };

/** What a child says, one JSON text a line. */
type Said = { readonly seed: number; readonly totals: Totals } | Finding;

export type FleetOutcome = { readonly totals: Totals; readonly findings: readonly Finding[] };

export type FleetOptions = {
  readonly first: number;
  readonly count: number;
  readonly onFinding?: (finding: Finding) => void;
};

export async function runFleet({ first, count, onFinding }: FleetOptions): Promise<FleetOutcome> {
  const workers = Math.min(availableParallelism(), count);
  let totals: Totals = {};
  const findings: Finding[] = [];
  const hear = (said: Said): void => {
    if ('totals' in said) totals = addTotals(totals, said.totals);
    else {
      findings.push(said);
      onFinding?.(said);
    }
  };
  // Every so manieth seed for each, so that all have their part of the long ones.
  const shares = Array.from({ length: workers }, (_, index) => runShare(first + index, hear));
  await Promise.all(shares);
  return { totals, findings };

  function runShare(from: number, onSaid: (said: Said) => void): Promise<void> {
    const args = [import.meta.filename, String(from), String(first + count), String(workers)];
    const flags = ['--disable-warning=ExperimentalWarning'];
    const child = spawn(process.execPath, [...flags, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => onSaid(JSON.parse(line) as Said));
    return new Promise((resolve, reject) => {
      const heard = new Promise((done) => lines.once('close', done));
      child.once('error', reject);
      child.once('close', (code) => {
        if (code !== 0) reject(new Error(`a child of the simulation ended with ${code}`));
        else void heard.then(() => resolve());
      });
    });
  }
}

function runAsChild(): void {
  const [from = 0, end = 0, stride = 1] = process.argv.slice(2).map(Number);
  for (let seed = from; seed < end; seed += stride) {
    let said: Said;
    try {
      said = { seed, totals: runClusterSeed(seed).totals };
    } catch (error) {
      said = { seed, text: error instanceof Error ? error.message : String(error) };
    }
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }
}

if (import.meta.main) runAsChild();
