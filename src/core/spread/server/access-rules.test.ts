import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type AccessRule, DEFAULT_ACCESS, isAllowed } from './access-rules.ts';

test('isAllowed() goes by where a client comes from', () => {
  const lan: AccessRule[] = [
    { kind: 'network', network: { address: '192.168.10.0', prefixLength: 24 } },
  ];
  const link: AccessRule[] = [
    { kind: 'network', network: { address: 'fe80::', prefixLength: 10 } },
  ];
  const table: [readonly AccessRule[], string | null, boolean][] = [
    [DEFAULT_ACCESS, null, true],
    [DEFAULT_ACCESS, '127.0.0.1', true],
    [DEFAULT_ACCESS, '127.9.9.9', true],
    [DEFAULT_ACCESS, '::1', true],
    [DEFAULT_ACCESS, '::ffff:127.0.0.1', true],
    [DEFAULT_ACCESS, '10.0.0.1', false],
    [DEFAULT_ACCESS, '::ffff:10.0.0.1', false],
    [DEFAULT_ACCESS, '', false],
    [lan, '192.168.10.9', true],
    [lan, '::ffff:192.168.10.9', true],
    [lan, '192.168.11.9', false],
    [lan, '127.0.0.1', false],
    [lan, null, false],
    [link, 'fe80::7%eth0', true],
    [lan, 'fe80::7%192.168.10.9', false],
    [[], null, false],
  ];
  for (const [rules, from, expected] of table) equal(isAllowed(rules, from), expected, `${from}`);
});
