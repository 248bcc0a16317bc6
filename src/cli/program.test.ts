/** What the commands answer: text, stream and exit code. Run from the top of the project. */
import { equal, match, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PLAIN } from '../config/diagnostic.ts';
import { runProgram } from './program.ts';

const DIRECTOR = 'test/fixtures/article/director.httpd.conf';
/** No configuration at all. */
const BROKEN = 'test/fixtures/llhttp/LICENSE';

async function run(...words: string[]) {
  let out = '';
  let error = '';
  const exitCode = await runProgram(words, {
    out: (text) => void (out += text),
    error: (text) => void (error += text),
    paint: PLAIN,
    paintError: PLAIN,
  });
  return { out, error, exitCode };
}

const answers = [
  [['--version'], 0, /^\d+\.\d+\.\d+\n$/, /^$/],
  [['--help'], 0, /check .*\n.*import /s, /^$/],
  [['check', '--help'], 0, /--json.*--node <name>/s, /^$/],
  [['chek'], 1, /^$/, /unknown command 'chek'\n\(Did you mean check\?\)/],
  [['check', '--jsn', DIRECTOR], 1, /^$/, /unknown option '--jsn'\n\(Did you mean --json\?\)/],
  [['check'], 1, /^$/, /missing required argument 'file'/],
  [['run'], 1, /^$/, /missing required argument 'file'/],
  [['run', '-c', 'missing.conf'], 1, /^$/, /there is no such file/],
  [['check', DIRECTOR], 0, /director\.httpd\.conf: accepted/, /^$/],
  [['check', '--node', 'n7', DIRECTOR], 0, /node +n7\n/, /^$/],
  [['check', BROKEN], 1, /LICENSE: refused/, /^$/],
  [['check', 'missing.conf'], 1, /there is no such file/, /^$/],
  [
    ['import', DIRECTOR],
    0,
    /^\/\/ Made by .*export default defineCluster/s,
    /CONFIG_ACCEPT_EXCLUDES/,
  ],
  [['import', BROKEN], 1, /^$/, /CONFIG_UNKNOWN_DIRECTIVE/],
] as const;

for (const [words, exitCode, out, error] of answers) {
  test(`runProgram() answers ${exitCode} when asked: ${words.join(' ')}`, async () => {
    const answer = await run(...words);
    match(answer.out, out);
    match(answer.error, error);
    equal(answer.exitCode, exitCode);
  });
}

test('check --json gives positions and the configuration without its secret when it is asked for', async () => {
  const { out, exitCode } = await run('check', '--json', DIRECTOR);
  equal(exitCode, 0);
  const report = JSON.parse(out);
  equal(report.ok, true);
  equal(report.config.zones[1].chain.join(' '), 'bySession byAge removeSelf byLoad');
  equal('secret' in report.config.announce, false);
  equal(report.config.announce.signed, false);
  const everything = report.diagnostics.find(
    ({ code }: { code: string }) => code === 'CONFIG_MATCHES_EVERYTHING',
  );
  equal(everything.start.line, 11);
  equal(everything.start.column, 10);
  equal(everything.end.column, 13);
});

/** Configurations that end or hold up the process which loads them. */
const endless = [
  ['process.exit(0)', 'process.exit(0);', /something called process\.exit/],
  ['process.exit(3)', 'process.exit(3);', /something called process\.exit/],
  ['a promise', 'await new Promise(() => {});', /waited for that never comes/],
] as const;

for (const [what, text, error] of endless) {
  for (const command of ['check', 'run']) {
    test(`${command} answers 1 and says why when the configuration has ${what}`, () => {
      const answer = spawned(command, text);
      match(answer.stderr, error);
      equal(answer.stderr.trimEnd().split('\n').length, 1, answer.stderr);
      equal(answer.status, 1);
    });
  }
}

test('check answers with a diagnostic at the place when a getter throws', () => {
  const text = 'export default {\n  get nodes() {\n    throw new Error("oh no");\n  },\n};\n';
  const { stdout, stderr, status } = spawned('check', text);
  match(stdout, /config\.ts:3:11: error: oh no \[CONFIG_LOAD_FAILED\]/);
  equal(stderr, '');
  equal(status, 1);
});

function spawned(command: string, text: string) {
  const directory = mkdtempSync(join(tmpdir(), 'forehand-program-'));
  try {
    const file = join(directory, 'forehand.config.ts');
    writeFileSync(file, text);
    const args = ['--disable-warning=ExperimentalWarning', 'bin/forehand.ts', command, file];
    return spawnSync(process.execPath, args, { encoding: 'utf8' });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('bin/forehand.ts prints no colour and its exit code when it writes to a pipe', () => {
  const args = ['--disable-warning=ExperimentalWarning', 'bin/forehand.ts', 'check', BROKEN];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  equal(status, 1);
  ok(stdout.includes('CONFIG_UNKNOWN_DIRECTIVE'));
  ok(!stdout.includes('\x1b'));
});
