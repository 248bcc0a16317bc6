/** What the demos print. */

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function sayAndExit(problem: string): never {
  process.stderr.write(`forehand: ${problem}\n`);
  process.exit(1);
}
