/** Goal: a redirected client is sent to a name or address that is one, whatever it sent itself. */
import { equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { server } from './candidacy.fixture.ts';
import type { Delivery } from './candidates.ts';
import { formatName, nameFormatError } from './name-format.ts';
import { redirectAuthority } from './redirect.ts';

const names: readonly (readonly [format: string, host: string, name: string | null])[] = [
  ['%S', 'www.shop.example.com', 'web3.dc1.example.net'],
  ['%H', 'www.shop.example.com', 'www.shop.example.com'],
  ['%H', 'www.shop.example.com:8080', 'www.shop.example.com'],
  ['%1S', '', 'web3'],
  ['%2S', '', 'web3.dc1'],
  ['%9S', '', 'web3.dc1.example.net'],
  ['%-1H', 'www.shop.example.com', 'shop.example.com'],
  ['%+2H', 'www.shop.example.com', 'example.com'],
  ['%+9H', 'www.shop.example.com', 'www.shop.example.com'],
  ['www-%1S.%-#H', 'www.shop.example.com', 'www-web3.shop.example.com'],
  ['%1S.%+2H', 'example.com', 'web3.example.com'],
  ['%S:8080', '', 'web3.dc1.example.net:8080'],
  ['fixed.example.com', '', 'fixed.example.com'],
  ['%0S', '', null],
  ['%-9H', 'www.example.com', null],
  ['%H', '', null],
  ['%H', '[2001:db8::1]:80', null],
  ['%H', 'a/../b', null],
  ['%H', 'x@evil.example', null],
  ['%H', 'evil.example\r\nSet-Cookie: a=b', null],
  ['%H', '-a.example', null],
  ['%H', 'a..example', null],
  ['%H', `${'a'.repeat(60)}.`.repeat(8), null],
];

test('formatName() builds a host name, or none at all', () => {
  for (const [format, host, name] of names) {
    equal(formatName(format, 'web3.dc1.example.net', host), name, `${format} of ${host}`);
  }
});

test('nameFormatError() finds escapes that are none', () => {
  const wrong: readonly (readonly [format: string, error: RegExp])[] = [
    ['%X', /unknown escape at "%X" in "%X"/],
    ['a.%', /unknown escape at "%"/],
    ['%-S', /unknown escape at "%-S"/],
    ['%s', /unknown escape/],
    ['%%', /unknown escape/],
    ['a b', /can never be a host name/],
    ['http://%S/', /can never be a host name/],
  ];
  for (const [format, error] of wrong) match(nameFormatError(format)?.error ?? '', error, format);
  for (const [format] of names) equal(nameFormatError(format), null, format);
});

const TO_IP: Delivery = { kind: 'redirectToIp' };
const toName = (format: string): Delivery => ({ kind: 'redirectToName', format });

const redirects: readonly (readonly [
  delivery: Delivery,
  address: string,
  port: number,
  portDefault: number,
  authority: string | null,
])[] = [
  [{ kind: 'proxy' }, '10.0.0.1', 80, 80, null],
  [TO_IP, '10.0.0.1', 80, 80, '10.0.0.1'],
  [TO_IP, '10.0.0.1', 8080, 80, '10.0.0.1:8080'],
  [TO_IP, '10.0.0.1', 80, 443, '10.0.0.1:80'],
  [TO_IP, '2001:db8::1', 8080, 80, '[2001:db8::1]:8080'],
  [toName('%S'), '10.0.0.1', 80, 80, 'web1'],
  [toName('%S'), '10.0.0.1', 8080, 80, 'web1:8080'],
  [toName('%S:90'), '10.0.0.1', 8080, 80, 'web1:90'],
  [toName('%-5H'), '10.0.0.1', 8080, 80, '10.0.0.1:8080'],
];

test('redirectAuthority() falls back to the address where the format yields no name', () => {
  for (const [delivery, address, port, portDefault, authority] of redirects) {
    const facts = { host: 'www.example.com', portDefault };
    equal(redirectAuthority(delivery, server(1, { address, port }), facts), authority);
  }
});
