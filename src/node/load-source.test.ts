/** Goal: the load is what the file says, and unknown, not zero, when it says nothing. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { LoadSource } from './load-source.ts';

function sourceOf(text: () => string): { source: LoadSource; problems: string[]; at: Clock } {
  const problems: string[] = [];
  const at = { ms: 0 };
  const source = new LoadSource('/run/load', {
    readFile: text,
    nowMs: () => at.ms,
    onProblem: (problem) => problems.push(problem),
  });
  return { source, problems, at };
}

type Clock = { ms: number };

test('LoadSource.loadMilli() is the number in the file', () => {
  const { source, problems } = sourceOf(() => '1.50\n');
  equal(source.loadMilli(), 1_500);
  deepEqual(problems, []);
});

test('LoadSource.loadMilli() is unknown when the file is gone, or says nothing', () => {
  const gone = sourceOf(() => {
    throw Object.assign(new Error('no'), { code: 'ENOENT' });
  });
  equal(gone.source.loadMilli(), null);
  deepEqual(gone.problems, [
    'load: cannot read /run/load (ENOENT); the load of the machine counts instead',
  ]);
  const empty = sourceOf(() => '');
  equal(empty.source.loadMilli(), null);
  equal(empty.problems.length, 1);
});

test('LoadSource.loadMilli() of a control group nears the processors it uses', () => {
  let usedUs = 5_000_000;
  const { source, at } = sourceOf(() => `usage_usec ${usedUs}\n`);
  equal(source.loadMilli(), null, 'one reading of a counter says nothing');
  const loads: number[] = [];
  for (let second = 0; second < 30; second++) {
    at.ms += 1_000;
    usedUs += 2_000_000;
    loads.push(source.loadMilli() ?? -1);
  }
  ok(loads[0]! > 300 && loads[0]! < 400, `${loads[0]}`);
  ok(loads.at(-1)! > 1_990 && loads.at(-1)! <= 2_000, `${loads.at(-1)}`);
  deepEqual(
    loads,
    loads.toSorted((a, b) => a - b),
    'it rises and never jumps',
  );
});
