import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SLOTS } from '../../core/report/record-layout.ts';
import { AccessLog } from './access-log.ts';
import { Desk, until } from './records.fixture.ts';

const directory = mkdtempSync(join(tmpdir(), 'forehand-access-'));
after(() => rmSync(directory, { recursive: true }));

let files = 0;

function open(desk: Desk): { log: AccessLog; path: string } {
  files++;
  const path = join(directory, `${files}.log`);
  const log = new AccessLog(desk.requests, desk.log);
  log.use({ path, format: 'common' });
  return { log, path };
}

function targetsIn(path: string): string[] {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  return lines.map((line) => /"GET (\S+) HTTP/.exec(line)?.[1] ?? line);
}

test('AccessLog writes a line for every request of every worker', async () => {
  const desk = new Desk();
  const { log, path } = open(desk);
  for (let i = 0; i < 500; i++) desk.request(`/${i}`, { worker: i % 2 });
  await until(() => log.written === 500);
  equal(new Set(targetsIn(path)).size, 500);
  await log.close();
});

test('AccessLog writes what has just ended before it is closed', async () => {
  const desk = new Desk();
  const { log, path } = open(desk);
  desk.request('/last');
  desk.requests.stop();
  await log.close();
  deepEqual(targetsIn(path), ['/last']);
});

test('AccessLog goes on in a new file when it is told to, and loses no line', async () => {
  const desk = new Desk();
  const { log, path } = open(desk);
  desk.request('/old');
  await until(() => log.written === 1);
  renameSync(path, `${path}.1`);
  log.reopen();
  desk.request('/new');
  await until(() => log.written === 2);
  deepEqual([targetsIn(`${path}.1`), targetsIn(path)], [['/old'], ['/new']]);
  await log.close();
});

test('AccessLog sees by itself that its file was moved away', async () => {
  const desk = new Desk();
  const { log, path } = open(desk);
  desk.request('/old');
  await until(() => log.written === 1);
  renameSync(path, `${path}.1`);
  await until(() => existsSync(path));
  desk.request('/new');
  await until(() => log.written === 2);
  deepEqual([targetsIn(`${path}.1`), targetsIn(path)], [['/old'], ['/new']]);
  await log.close();
});

test('AccessLog counts and says what it left out when the disk is full', async () => {
  const desk = new Desk();
  const log = new AccessLog(desk.requests, desk.log);
  log.use({ path: '/dev/full', format: 'json' });
  desk.request('/1');
  await until(() => log.leftOut === 1);
  await log.close();
  const texts = desk.entries.map(({ kind, text }) => `${kind}: ${text}`);
  deepEqual(texts, [
    'problem: access log: /dev/full cannot be written (ENOSPC)',
    'problem: access log: 1 requests were left out of /dev/full',
  ]);
  equal(desk.entries[1]!.fields['leftOutTotal'], 1);
});

test('AccessLog counts what the workers have overwritten meanwhile', async () => {
  const desk = new Desk();
  const { log } = open(desk);
  for (let i = 0; i < 2 * SLOTS; i++) desk.request('/');
  await until(() => log.written > 0);
  desk.requests.stop();
  await log.close();
  equal(log.written + log.leftOut, 2 * SLOTS);
  ok(log.leftOut > SLOTS / 2);
  match(desk.entries.at(-1)!.text, /requests were left out/);
});

test('AccessLog says once that it cannot be opened, and writes when it can', async () => {
  const desk = new Desk();
  const log = new AccessLog(desk.requests, desk.log);
  log.use({ path: join(directory, 'none', 'x.log'), format: 'json' });
  match(desk.entries[0]!.text, /cannot be opened \(ENOENT\)/);
  const { path } = open(new Desk());
  log.use({ path, format: 'json' });
  desk.request('/1');
  await until(() => log.written === 1);
  log.use(null);
  await log.close();
  equal(desk.entries.length, 1);
});

test('AccessLog waits for nobody at a pipe without a reader', async () => {
  const desk = new Desk();
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  const log = new AccessLog(desk.requests, desk.log);
  log.use({ path, format: 'common' });
  match(desk.entries[0]!.text, /pipe cannot be opened \(ENXIO\)/);
  await log.close();
});
