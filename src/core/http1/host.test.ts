/** Tables of what is a host with an optional port, and what only looks like one. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { HOST_BYTES_MAX, hostEndOf, isHostAndPort } from './host.ts';
import { latin1 } from './testing/cases.ts';

const accepted: readonly (readonly [text: string, host: string])[] = [
  ['', ''],
  ['example.com', 'example.com'],
  ['EXAMPLE.com.', 'EXAMPLE.com.'],
  ['example.com:8080', 'example.com'],
  ['example.com:', 'example.com'],
  ['example.com:65535', 'example.com'],
  [':80', ''],
  ['192.168.100.183', '192.168.100.183'],
  ['a_b~c', 'a_b~c'],
  ['a'.repeat(HOST_BYTES_MAX), 'a'.repeat(HOST_BYTES_MAX)],
  ['0.0.0.0=5000', '0.0.0.0=5000'],
  ["a!$&'()*+,;=b", "a!$&'()*+,;=b"],
  ['caf%C3%A9.example', 'caf%C3%A9.example'],
  ['[::]', '[::]'],
  ['[::1]:80', '[::1]'],
  ['[1::]', '[1::]'],
  ['[2001:db8::7]', '[2001:db8::7]'],
  ['[1:2:3:4:5:6:7:8]', '[1:2:3:4:5:6:7:8]'],
  ['[1:2:3:4:5:6:7::]', '[1:2:3:4:5:6:7::]'],
  ['[::2:3:4:5:6:7:8]', '[::2:3:4:5:6:7:8]'],
  ['[::ffff:192.0.2.1]', '[::ffff:192.0.2.1]'],
  ['[1:2:3:4:5:6:192.0.2.1]', '[1:2:3:4:5:6:192.0.2.1]'],
];

const refused: readonly string[] = [
  'a'.repeat(HOST_BYTES_MAX + 1),
  'example.com:65536',
  'example.com:080808',
  'example.com:80a',
  'example.com:80:80',
  'example.com: 80',
  'user@example.com',
  'example.com/path',
  'example.com?query',
  'exa mple',
  'exa\tmple',
  'exa"mple',
  'exa<mple',
  'caf\xe9',
  '%',
  '%4',
  '%4g',
  '%g4',
  '[',
  '[]',
  '[::1',
  '::1',
  '[::1]80',
  '[::1]]',
  '[:::]',
  '[:1]',
  '[1:]',
  '[1::2::3]',
  '[1:2:3:4:5:6:7]',
  '[1:2:3:4:5:6:7:8:9]',
  '[1:2:3:4:5:6:7:8::]',
  '[1:2:3:4:5:6:7:192.0.2.1]',
  '[12345::]',
  '[g::]',
  '[::192.0.2]',
  '[::192.0.2.256]',
  '[::192.0.2.1.1]',
  '[::192.0.2.01]',
  '[::192.0.2.1:5]',
  '[::1.]',
  '[fe80::1%25eth0]',
  '[v1.fe]',
  '[192.0.2.1]',
];

test('isHostAndPort() takes names and addresses with or without a port', () => {
  for (const [text, host] of accepted) {
    // Bytes around the text, so that reading past either end shows.
    const bytes = latin1(`:${text}:`);
    equal(isHostAndPort(bytes, 1, 1 + text.length), true, text);
    equal(hostEndOf(bytes, 1, 1 + text.length), 1 + host.length, text);
  }
});

test('isHostAndPort() refuses what is neither', () => {
  for (const text of refused) {
    for (const around of [':', '1', ']']) {
      const bytes = latin1(`${around}${text}${around}`);
      equal(isHostAndPort(bytes, 1, 1 + text.length), false, text);
    }
  }
});
