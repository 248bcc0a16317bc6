import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { EventLog } from './admin/event-log.ts';
import { makeLog } from './log.ts';
import { openLogWriter } from './log-writer.ts';

async function linesOf(format: 'text' | 'json'): Promise<string[]> {
  const lines: string[] = [];
  const write = await openLogWriter({ format, node: 'web1', write: (text) => lines.push(text) });
  const log = makeLog([write]);
  log('a line "with" quotes\nand more');
  log.event('address-up', '10.0.0.1 is up here: web2 is gone', {
    subject: '10.0.0.1',
    cause: 'web2 is gone',
    members: ['web1', 'web3'],
  });
  log.event('problem', 'trouble');
  return lines;
}

test('openLogWriter() writes the time and the text when lines are for people', async () => {
  const lines = await linesOf('text');
  match(lines[0]!, /^\S+ a line "with" quotes\n {2}and more\n$/);
  match(lines[1]!, /^\d{4}-\d\d-\d\dT[\d:.]+Z 10\.0\.0\.1 is up here: web2 is gone\n$/);
});

test('openLogWriter() writes an object a line, with the inputs as fields, when it is JSON', async () => {
  const lines = await linesOf('json');
  const [line, event, problem] = lines.map((text) => {
    equal(text.indexOf('\n'), text.length - 1, 'one line');
    return JSON.parse(text) as Record<string, unknown>;
  });
  const { time, ...rest } = event!;
  equal(new Date(String(time)).toISOString(), time);
  deepEqual(rest, {
    level: 'info',
    node: 'web1',
    kind: 'address-up',
    subject: '10.0.0.1',
    cause: 'web2 is gone',
    members: ['web1', 'web3'],
    msg: '10.0.0.1 is up here: web2 is gone',
  });
  deepEqual([line!['kind'], line!['msg']], ['note', 'a line "with" quotes\nand more']);
  equal(problem!['level'], 'warn');
});

test('EventLog takes what has a kind, and no other line', () => {
  const events = new EventLog(() => 7);
  const log = makeLog([events.write]);
  log('a line');
  log.event('drain', 'web1 is taken out', { subject: 'web1', origin: 'SIGTERM' });
  const event = { kind: 'drain', text: 'web1 is taken out', subject: 'web1', origin: 'SIGTERM' };
  deepEqual(events.latest(9), [{ sequence: 1, atMs: 7, ...event }]);
});
