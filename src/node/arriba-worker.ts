/**
 * The thread that measures how fast one processor is, and then ends.
 *
 * Many short slices with pauses between, and the best of them counts: other work on the machine can
 * only make a slice slower, and the pauses leave that work four fifths of the processor meanwhile.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';

const SLICES = 20;
const SLICE_MS = 20;
const PAUSE_MS = 80;

/** Turns between two looks at the clock: some tens of microseconds. */
const TURNS = 10_000;

let bestPerSecond = 0;
let sink = 1;
for (let slice = 0; slice < SLICES; slice++) {
  bestPerSecond = Math.max(bestPerSecond, measureSlice());
  await pause(PAUSE_MS);
}
// The sum is used, or the compiler could leave the loop out.
parentPort?.postMessage(Number.isFinite(sink) ? bestPerSecond : 0);

function measureSlice(): number {
  const startMs = performance.now();
  let turns = 0;
  let passedMs = 0;
  while (passedMs < SLICE_MS) {
    sink = spin(sink);
    turns += TURNS;
    passedMs = performance.now() - startMs;
  }
  return (turns * 1_000) / passedMs;
}

/** "Tight floating point loops", as the original's. Each turn needs the one before. */
function spin(start: number): number {
  let x = start;
  for (let i = 0; i < TURNS; i++) x = x * 0.999_999 + 1.000_001 / (x + 1);
  return x;
}
