import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { ambientOf, commandOf } from './lesser-command.ts';

test('ambientOf() finds the mask', () => {
  equal(ambientOf('Name:\tnode\nCapAmb:\t0000000000803400\nNoNewPrivs:\t1\n'), 0x803400n);
  equal(ambientOf('Name:\tnode\n'), 0n);
});

test('commandOf() keeps nothing but the right to a priority', () => {
  const line = ['node', 'main.ts'] as const;
  const less = (caps: string): unknown => [
    'setpriv',
    [`--ambient-caps=${caps}`, `--inh-caps=${caps}`, '--', 'node', 'main.ts'],
  ];
  deepEqual(commandOf(line, 0n), ['node', ['main.ts']]);
  deepEqual(commandOf(line, 0x3400n), less('-all'));
  deepEqual(commandOf(line, 0x803400n), less('-all,+sys_nice'));
});
