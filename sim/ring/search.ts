/**
 * The command line of a simulation: one seed to be read, or many to be searched.
 *
 * With FIRST=1 in the environment a search ends at the first failure. The exit code says whether
 * there was one.
 */
export type RunOne = (seed: number, read?: (lines: readonly string[]) => void) => unknown;

export function search(runOne: RunOne): void {
  const [first = 1, count] = process.argv.slice(2).map(Number);
  if (count === undefined) {
    console.log(runOne(first, (lines) => console.log(lines.join('\n'))));
    return;
  }
  let failures = 0;
  for (let seed = first; seed < first + count; seed++) {
    try {
      runOne(seed);
    } catch (error) {
      failures++;
      console.log(`seed ${seed}: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
      if (process.env['FIRST'] !== undefined) return;
    }
  }
  console.log(`${failures} of ${count} runs failed`);
}
