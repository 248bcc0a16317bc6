import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parseDaemon } from './daemon-address.ts';

test('parseDaemon() reads what SP_connect does', () => {
  const table: [string, ReturnType<typeof parseDaemon>][] = [
    ['', { kind: 'unix', path: '/tmp/4803' }],
    ['4803', { kind: 'unix', path: '/tmp/4803' }],
    ['3333', { kind: 'unix', path: '/tmp/3333' }],
    ['4803@localhost', { kind: 'tcp', host: 'localhost', port: 4803 }],
    ['4804@10.0.0.1', { kind: 'tcp', host: '10.0.0.1', port: 4804 }],
    ['4804@::1', { kind: 'tcp', host: '::1', port: 4804 }],
    ['@localhost', null],
    ['4803@', null],
    ['localhost', null],
    ['0', null],
    ['65536', null],
    ['-1', null],
  ];
  for (const [text, expected] of table) deepEqual(parseDaemon(text), expected, text);
});
