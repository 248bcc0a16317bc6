import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { type ClientEffect, ClientSession, type Multicast } from './client-session.ts';
import { type ByteOrder, encodeFrame, type Frame } from './frame.ts';
import { encodeMethods, encodeRefusal, encodeWelcome } from './handshake.ts';
import { encodeGid, encodeMembership } from './membership.ts';
import type { SpreadEvent } from './session-events.ts';

const WELCOME = encodeWelcome({ version: [4, 4, 0], privateName: '#alice#n1' });

function opened(): ClientSession {
  const session = new ClientSession({ user: 'alice', membership: true });
  session.receive(encodeMethods(['NULL']));
  session.receive(WELCOME);
  return session;
}

function eventsOf(effects: readonly ClientEffect[]): SpreadEvent[] {
  return effects.flatMap((effect) => (effect.kind === 'event' ? [effect.event] : []));
}

function frame(order: ByteOrder, changed: Partial<Frame>): Uint8Array {
  return encodeFrame({
    type: 0x10,
    sender: '#bob#n2',
    groups: ['chat'],
    messageType: 0,
    dataOrder: order,
    data: new Uint8Array(0),
    rejected: null,
    order,
    ...changed,
  });
}

test('ClientSession is connected when the daemon says so, and asks for no authentication', () => {
  const session = new ClientSession({ user: 'alice', membership: true });
  equal(Buffer.from(session.begin()).toString('latin1'), '\x04\x04\0\x01\x05alice');
  const [write, ...rest] = session.receive(encodeMethods(['IP', 'NULL']));
  deepEqual(rest, []);
  ok(write?.kind === 'write');
  equal(Buffer.from(write.bytes).toString('latin1'), 'NULL'.padEnd(90, '\0'));
  deepEqual(eventsOf(session.receive(WELCOME)), [
    { kind: 'connected', privateName: '#alice#n1', version: '4.4.0' },
  ]);
  equal(session.privateName, '#alice#n1');
});

test('ClientSession hears what comes with the welcome', () => {
  const session = new ClientSession({ user: 'alice', membership: true });
  const all = [encodeMethods(['NULL']), WELCOME, frame('little', { data: Buffer.from('hi') })];
  const kinds = session.receive(Buffer.concat(all)).map((effect) => {
    return effect.kind === 'event' ? effect.event.kind : effect.kind;
  });
  deepEqual(kinds, ['write', 'connected', 'message']);
});

test('ClientSession is lost with the code of a refusal', () => {
  const table: [string, Uint8Array[], number][] = [
    ['before the methods', [encodeRefusal(-6)], -6],
    ['instead of the welcome', [encodeMethods(['NULL']), encodeRefusal(-9)], -9],
    ['only by password', [encodeMethods(['PAM'])], -9],
    ['neither 1 nor a code', [encodeMethods(['NULL']), Uint8Array.of(0)], -1],
  ];
  for (const [what, chunks, code] of table) {
    const session = new ClientSession({ user: 'alice', membership: true });
    const events = chunks.flatMap((chunk) => eventsOf(session.receive(chunk)));
    deepEqual(
      events.map((event) => (event.kind === 'lost' ? event.code : event.kind)),
      [code],
      what,
    );
    deepEqual(session.receive(WELCOME), [], what);
    deepEqual(session.join('chat'), { code: -11 }, what);
  }
});

test('ClientSession says what every frame means, in both byte orders', () => {
  const members = ['#alice#n1', '#bob#n2'];
  for (const order of ['little', 'big'] as const) {
    const gid = encodeGid({ representative: 1, time: 2, index: 3 }, order);
    const sets = [['#alice#n1'], ['#bob#n2']];
    const data = encodeMembership({ gid, sets, ownSet: 0 }, order);
    const membership = { kind: 'membership', group: 'chat', members, selfIndex: 0, sets, gid };
    const bytes = new TextEncoder().encode('hi');
    const plain = { sender: '#bob#n2', groups: ['chat'], type: -2, bytes };
    const swapped = order === 'big';
    const of = (changed: Partial<Frame>): Uint8Array =>
      frame(order, { sender: 'chat', ...changed });
    const table: [Uint8Array, object][] = [
      [of({ type: 0x1100, groups: members, data }), { ...membership, cause: 'join', ownSet: 0 }],
      [of({ type: 0x1200, groups: members, data }), { ...membership, cause: 'leave', ownSet: 0 }],
      [
        of({ type: 0x1400, groups: members, data }),
        { ...membership, cause: 'disconnect', ownSet: 0 },
      ],
      [of({ type: 0x1800, groups: members, data }), { ...membership, cause: 'network', ownSet: 0 }],
      [of({ type: 0x2000, groups: [], data: gid }), { kind: 'transition', group: 'chat', gid }],
      [of({ type: 0x200, groups: [] }), { kind: 'left', group: 'chat' }],
      [
        frame(order, { messageType: -2, data: bytes }),
        { kind: 'message', service: 0x10, swapped, ...plain },
      ],
      [
        frame(order, { type: 0x60, messageType: -2, data: bytes }),
        { kind: 'message', service: 0x20, swapped, ...plain },
      ],
      [
        frame(order, { type: 0x400040, messageType: -2, data: bytes, rejected: 0x50 }),
        { kind: 'rejected', service: 0x50, groups: ['chat'], type: -2, bytes },
      ],
    ];
    for (const [written, event] of table) {
      const [effect, ...rest] = opened().receive(written);
      deepEqual(rest, []);
      ok(effect?.kind === 'event');
      deepEqual(effect.event, event);
    }
  }
});

test('ClientSession is lost when the daemon says what has no meaning', () => {
  const gid = new Uint8Array(12);
  const table: [string, Uint8Array][] = [
    ['no service', frame('little', { type: 0 })],
    ['two services', frame('little', { type: 0x30 })],
    ['a membership without a cause', frame('little', { type: 0x1000 })],
    ['a membership without a body', frame('little', { type: 0x1100 })],
    ['a short gid', frame('little', { type: 0x2000, data: gid.subarray(1) })],
    ['a join', frame('little', { type: 0x10000 })],
  ];
  for (const [what, bytes] of table) {
    const session = opened();
    const [event, ...rest] = eventsOf(session.receive(bytes));
    deepEqual(rest, [], what);
    equal(event?.kind === 'lost' && event.code, -13, what);
    deepEqual(session.receive(frame('little', {})), [], what);
  }
});

test('ClientSession sends nothing that a daemon closes for or dies of', () => {
  const good: Multicast = { service: 0x10, groups: ['a'], type: 1, bytes: new Uint8Array(0) };
  const table: [string, Partial<Multicast>, number | null][] = [
    ['all well', {}, null],
    ['a private name', { groups: ['#bob#n2'] }, null],
    ['no service', { service: 0 }, -12],
    ['two', { service: 0x30 }, -12],
    ['a join as a service', { service: 0x10000 }, -12],
    ['no group', { groups: [] }, -14],
    ['too many', { groups: Array.from({ length: 101 }, (_, i) => `g${i}`) }, -14],
    ['a name too long', { groups: ['x'.repeat(32)] }, -14],
    ['type too large', { type: 32_768 }, -13],
    ['type too small', { type: -32_769 }, -13],
    ['as long as may be', { bytes: new Uint8Array(143_120) }, null],
    ['longer', { bytes: new Uint8Array(143_121) }, -17],
    ['as long, to two', { groups: ['a', 'b'], bytes: new Uint8Array(143_089) }, -17],
  ];
  for (const [what, changed, code] of table) {
    const request = opened().multicast({ ...good, ...changed });
    equal('code' in request ? request.code : null, code, what);
  }
  deepEqual(opened().join('#alice#n1'), { code: -14 });
  deepEqual(opened().leave(''), { code: -14 });
});
