import { deepEqual, equal } from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { makeSign } from './mac.ts';

/** What `node:crypto` says is what everybody else says. */
function expected(secret: string, bytes: Uint8Array): string {
  return createHmac('sha256', secret).update(bytes).digest('hex');
}

test('signs as everybody does, whatever the lengths of secret and text', () => {
  for (const secret of ['', 's', 'é€😀', 'x'.repeat(64), 'x'.repeat(65), 'x'.repeat(1_000)]) {
    const sign = makeSign(secret);
    for (const size of [0, 1, 55, 56, 63, 64, 65, 2_047, 2_048, 2_049, 65_507, 3]) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7);
      equal(Buffer.from(sign(bytes)).toString('hex'), expected(secret, bytes), `${size}`);
    }
  }
});

test('what one key signs is not what another one signs', () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const [a, b] = [makeSign('a'), makeSign('b')];
  const first = Buffer.from(a(bytes)).toString('hex');
  b(bytes);
  equal(Buffer.from(a(bytes)).toString('hex'), first);
});

test('RFC 4231, test case 2', () => {
  const mac = makeSign('Jefe')(Buffer.from('what do ya want for nothing?'));
  deepEqual(
    Buffer.from(mac).toString('hex'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});
