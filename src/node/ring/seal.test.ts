import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Seal } from './seal.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (opened: ReturnType<Seal['open']>) =>
  opened.kind === 'ok' ? new TextDecoder().decode(opened.payload) : opened.reason;

test('open() gives back what seal() was given, and who sent it', () => {
  for (const secrets of [[], ['right']]) {
    const opened = new Seal(secrets, 2).open(new Seal(secrets, 1).seal(bytes('hello')));
    equal(textOf(opened), 'hello');
    equal(opened.kind === 'ok' && opened.bootId, 1);
  }
});

test('open() refuses what does not carry a known secret, and what was changed', () => {
  const receiver = new Seal(['right'], 2);
  equal(textOf(receiver.open(new Seal([], 1).seal(bytes('a')))), 'unsigned');
  equal(textOf(receiver.open(new Seal(['wrong'], 1).seal(bytes('a')))), 'bad-signature');
  const sealed = new Seal(['right'], 1).seal(bytes('hello'));
  for (let at = 0; at < sealed.length; at++) {
    const changed = Uint8Array.from(sealed);
    changed[at]! ^= 0x40;
    // Byte 5 says nothing yet, but is signed as well.
    const expected = at < 4 ? 'foreign' : 'bad-signature';
    equal(textOf(receiver.open(changed)), expected, `byte ${at}`);
  }
  equal(textOf(receiver.open(sealed)), 'hello', 'none of them used up its number');
});

test('open() believes every key it has, so that keys change machine by machine', () => {
  const changing = new Seal(['new', 'old'], 3);
  equal(textOf(changing.open(new Seal(['old'], 1).seal(bytes('a')))), 'a');
  equal(textOf(changing.open(new Seal(['new'], 2).seal(bytes('b')))), 'b');
  equal(textOf(new Seal(['old', 'new'], 4).open(changing.seal(bytes('c')))), 'c');
});

test('open() takes each number of a sender once, in any order, within the window', () => {
  const [sender, receiver] = [new Seal(['s'], 1), new Seal(['s'], 2)];
  const sent = Array.from({ length: 3_000 }, (_, index) => sender.seal(bytes(`${index}`)));
  const taken = (index: number) => textOf(receiver.open(sent[index]!)) === `${index}`;
  deepEqual([0, 2, 1, 2, 1, 0].map(taken), [true, true, true, false, false, false]);
  equal(taken(1_500), true);
  deepEqual([477, 476, 477, 1_499, 1_500].map(taken), [true, false, false, true, false]);
  equal(taken(2_999), true);
  equal(taken(1_975), false, 'too old to know');
  equal(taken(1_976), true);
});

test('open() keeps the numbers of each boot apart, and never takes its own', () => {
  const receiver = new Seal(['s'], 9);
  for (const boot of [1, 2])
    equal(textOf(receiver.open(new Seal(['s'], boot).seal(bytes('x')))), 'x');
  equal(textOf(receiver.open(receiver.seal(bytes('mine')))), 'own');
});

test('open() refuses what is no datagram of ours, whatever its length', () => {
  const receiver = new Seal(['s'], 2);
  const sealed = new Seal(['s'], 1).seal(bytes(''));
  for (let length = 0; length < sealed.length; length++) {
    equal(receiver.open(sealed.subarray(0, length)).kind, 'refused', `${length} bytes`);
  }
  equal(textOf(receiver.open(bytes('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))), 'foreign');
});
