/** For leash.test.ts: a program that says when it is told to end. */
const PATIENCE_MS = 20_000;

process.once('SIGTERM', () => {
  process.stdout.write('SIGTERM\n');
  process.exit();
});
setTimeout(() => process.stdout.write('nobody told me\n'), PATIENCE_MS);
process.stdout.write('ready\n');
