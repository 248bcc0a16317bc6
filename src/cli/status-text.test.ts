/** What a person reads of a node's Spread daemon; the rest is tried with real nodes. */
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN } from '../config/diagnostic.ts';
import type { SpreadStatus } from '../core/spread/server/server-events.ts';
import { statusText } from './status-text.ts';

const SPREAD: SpreadStatus = {
  daemon: 'web1',
  daemons: ['web1', 'web2'],
  delivered: 7,
  slow: 0,
  sessions: [
    { name: '#alice#web1', groups: 2, undelivered: 0 },
    { name: '#bob#web1', groups: 0, undelivered: 12 },
  ],
  groups: [{ name: 'chat', members: ['#alice#web1', '#carol#web2'] }],
};

function linesOf(spread: SpreadStatus | null): string[] {
  const rest = { node: 'web1', pid: 1, upMs: 1_000, proxy: null, addresses: null };
  return statusText({ ...rest, spread }, PLAIN)
    .split('\n')
    .slice(2);
}

test('statusText() lists sessions and groups of the Spread daemon when one runs', () => {
  deepEqual(linesOf(null), ['']);
  deepEqual(linesOf(SPREAD), [
    '',
    'spread: daemon web1, one of web1, web2, 2 sessions',
    '  #alice#web1: in 2 groups',
    '  #bob#web1: in 0 groups, 12 messages wait for it',
    '  group chat: #alice#web1 #carol#web2',
    '',
  ]);
});

test('statusText() counts the groups of the Spread daemon when there are many', () => {
  const groups = Array.from({ length: 25 }, (_, i) => ({ name: `g${i}`, members: [] }));
  const lines = linesOf({ ...SPREAD, daemons: [], sessions: [], groups });
  deepEqual(lines[1], 'spread: daemon web1, agreeing with the others, 0 sessions');
  deepEqual(lines.slice(-2), ['  and 5 more groups', '']);
});
