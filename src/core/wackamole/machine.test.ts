/** What the machine does beside the original's rules; those are judged in `sim/wackamole`. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { SpreadEvent } from '../spread/session-events.ts';
import { encodeKin, KIN_TYPE } from './kin.ts';
import { WackamoleMachine } from './machine.ts';
import type { MachineEffect, MachineEvent } from './machine-events.ts';
import {
  decode,
  encode,
  type Gid,
  MessageType,
  OWN_ORDER,
  orderOf,
  type WackamoleMessage,
} from './messages.ts';

const POOL = ['10.0.0.100', '10.0.0.101', '10.0.0.102'];
const SELF = '#web1#n1';
const ORIGINAL = '#wack7#n2';
const KIN = '#web3#n3';

type State = Extract<WackamoleMessage, { readonly kind: 'state' }>;

/** One machine, and all that its group says. */
class Rig {
  nowMs = 0;
  #gid = 0;
  effects: readonly MachineEffect[] = [];
  readonly machine = new WackamoleMachine(
    {
      name: 'web1',
      spreadGroup: 'wack1',
      real: '10.0.0.1',
      pool: POOL.map((address) => ({
        name: address,
        addresses: [{ interface: 'eth0', address, prefixLength: 24, notifyPrefixLength: 24 }],
      })),
      prefer: [],
      matureMs: 5_000,
      balance: { rate: 1, intervalMs: 4_000, enabled: true },
      weight: 1,
      policy: { kind: 'serve' },
    },
    0,
  );

  get gid(): Gid {
    return [1, 2, this.#gid];
  }

  step(event: MachineEvent): void {
    this.effects = this.machine.step(event);
  }

  spread(event: SpreadEvent): void {
    this.step({ kind: 'spread', nowMs: this.nowMs, event });
  }

  connect(): void {
    this.spread({ kind: 'connected', privateName: SELF, version: '4.4.0' });
  }

  members(...members: readonly string[]): void {
    this.#gid++;
    const gid = new Uint8Array(Int32Array.from(this.gid).buffer);
    const selfIndex = members.indexOf(SELF);
    const how = { group: 'wack1', cause: 'network', sets: [members], ownSet: 0 } as const;
    this.spread({ kind: 'membership', gid, members, selfIndex, ...how });
  }

  bytes(sender: string, type: number, bytes: Uint8Array, swapped = false): void {
    const groups = ['wack1'];
    this.spread({ kind: 'message', service: 0x10, sender, groups, type, swapped, bytes });
  }

  says(sender: string, message: WackamoleMessage, swapped = false): void {
    this.bytes(sender, MessageType[message.kind], encode(message, orderOf({ swapped })), swapped);
  }

  state(sender: string, more: Partial<State> & Pick<State, 'real' | 'index'>): void {
    const { gid } = this;
    this.says(sender, { kind: 'state', gid, mature: true, claims: [], prefers: [], ...more });
  }

  /** What the machine has just said comes back to it, as it does from Spread. */
  echo(): void {
    for (const effect of this.effects.slice()) {
      if (effect.kind === 'multicast') this.bytes(SELF, effect.type, effect.bytes, effect.swapped);
    }
  }

  at(nowMs: number): void {
    this.nowMs = nowMs;
    this.step({ kind: 'tick', nowMs });
  }

  said(kind: WackamoleMessage['kind']): WackamoleMessage[] {
    return this.effects.flatMap((effect) => {
      if (effect.kind !== 'multicast') return [];
      const message = decode(effect.type, effect.bytes, orderOf(effect));
      return message?.kind === kind ? [message] : [];
    });
  }

  did(kind: 'hold' | 'release' | 'announce'): string[] {
    return this.effects.flatMap((effect) => (effect.kind === kind ? [effect.group] : []));
  }

  get reports(): string {
    return this.effects.map((effect) => (effect.kind === 'report' ? effect.text : '')).join('\n');
  }

  /** Alone, mature, and all held. */
  alone(): this {
    this.connect();
    this.members(SELF);
    this.echo();
    this.echo();
    this.at(5_000);
    this.echo();
    for (const group of this.did('hold')) this.step({ kind: 'held', nowMs: this.nowMs, group });
    return this;
  }
}

test('step() joins when it is connected, and takes all once it is mature', () => {
  const rig = new Rig();
  rig.connect();
  ok(rig.effects.some(({ kind }) => kind === 'join'));
  rig.members(SELF);
  equal(rig.said('state').length, 0, 'HELLO comes first');
  rig.echo();
  deepEqual(rig.said('state'), [
    {
      kind: 'state',
      gid: rig.gid,
      real: '10.0.0.1',
      index: 0,
      mature: false,
      claims: [],
      prefers: [],
    },
  ]);
  rig.echo();
  equal(rig.machine.status().phase, 'boot');
  rig.at(4_999);
  equal(rig.said('maturing').length, 0);
  rig.at(5_000);
  equal(rig.said('maturing').length, 1);
  rig.echo();
  deepEqual(rig.did('hold'), POOL);
  equal(rig.machine.status().phase, 'run');
});

test('step() lets all go at once when Spread is lost, and says what it held no more', () => {
  const rig = new Rig().alone();
  rig.spread({ kind: 'lost', code: -8, reason: 'closed' });
  deepEqual(rig.did('release'), POOL);
  match(rig.reports, /Spread is gone: closed: all addresses let go/);
  rig.connect();
  rig.members(SELF);
  deepEqual((rig.said('state')[0] as State).claims, []);
});

test('step() leaves for a drain and for a link that is down, and joins again after', () => {
  for (const off of ['drain', 'link'] as const) {
    const rig = new Rig().alone();
    const set = (on: boolean): void => {
      const { nowMs } = rig;
      if (off === 'drain') rig.step({ kind: 'drain', nowMs, on });
      else {
        const reasons = on ? [{ reason: 'link-down', detail: 'eth0' } as const] : [];
        rig.step({ kind: 'eligibility', nowMs, reasons });
      }
    };
    set(true);
    deepEqual(rig.did('release'), POOL);
    ok(rig.effects.some(({ kind }) => kind === 'leave'));
    set(false);
    ok(!rig.effects.some(({ kind }) => kind === 'join'), 'not before Spread has let it go');
    rig.spread({ kind: 'left', group: 'wack1' });
    ok(rig.effects.some(({ kind }) => kind === 'join'));
  }
});

test('step() announces what it keeps in a conflict, and lets go what it loses', () => {
  const rig = new Rig().alone();
  rig.members(SELF, ORIGINAL);
  rig.echo();
  rig.state(ORIGINAL, { real: '10.0.0.2', index: 1, claims: [{ address: POOL[0]!, priority: 2 }] });
  deepEqual((rig.said('state')[0] as State).claims.length, 3);
  rig.echo();
  deepEqual(rig.did('release'), [POOL[0]]);
  deepEqual(rig.did('announce'), [POOL[1], POOL[2]]);

  const first = new Rig().alone();
  first.members(ORIGINAL, SELF);
  first.bytes(ORIGINAL, MessageType.arpCache, new Uint8Array());
  first.echo();
  const own = first.machine.status().groups.filter(({ here }) => here === 'up');
  equal(own.length, 3);
  first.state(ORIGINAL, {
    real: '10.0.0.2',
    index: 0,
    claims: [{ address: POOL[0]!, priority: 2 }],
  });
  ok(first.did('announce').includes(POOL[0]!));
  deepEqual(first.did('release'), []);
});

test('step() goes on without who says nothing, and asks the network first', () => {
  const rig = new Rig().alone();
  rig.members(SELF, KIN);
  rig.echo();
  rig.bytes(KIN, KIN_TYPE, encodeKin({ kind: 'hello', gid: rig.gid, name: 'web3' }));
  rig.echo();
  const other = { real: '10.0.0.3', index: 1 };
  rig.state(KIN, other);
  rig.at(9_000);
  rig.echo();
  deepEqual(rig.did('release'), [POOL[0]], 'one is evened out');
  rig.members(SELF, '#spuser#n2');
  rig.echo();
  rig.at(9_300);
  rig.echo();
  equal(rig.machine.status().phase, 'gather');
  rig.at(10_000);
  equal(rig.effects.filter(({ kind }) => kind === 'multicast').length, 1, 'GO ON');
  rig.echo();
  const hold = rig.effects.find(({ kind }) => kind === 'hold');
  deepEqual(hold, { kind: 'hold', group: POOL[0], probeFirst: true });
  equal(rig.machine.knows('02:00:00:00:00:01'), false, 'whoever answers now has it');
  match(rig.machine.status().pending ?? '', /waiting for #spuser#n2/);
  const mac = '02:00:00:00:00:01';
  rig.step({ kind: 'inUse', nowMs: rig.nowMs, group: POOL[0]!, address: POOL[0]!, mac });
  deepEqual(rig.did('release'), [POOL[0]]);
  rig.step({ kind: 'free', nowMs: rig.nowMs, group: POOL[0]! });
  deepEqual(rig.did('hold'), [POOL[0]]);
});

test('step() speaks to originals in their byte order, whatever it may be', () => {
  for (const swapped of [false, true]) {
    const rig = new Rig();
    rig.connect();
    rig.members(ORIGINAL, SELF);
    rig.echo();
    rig.state(ORIGINAL, { real: '10.0.0.2', index: 0 });
    const other = new Rig();
    other.connect();
    other.members(ORIGINAL, SELF);
    other.echo();
    const { gid } = other;
    const state = { kind: 'state', gid, real: '10.0.0.2', index: 0, mature: true } as const;
    other.says(ORIGINAL, { ...state, claims: [], prefers: [] }, swapped);
    const sent = other.effects.find(
      (effect) => effect.kind === 'multicast' && effect.type === MessageType.state,
    );
    ok(sent?.kind === 'multicast');
    equal(sent.swapped, swapped);
    deepEqual(decode(1, sent.bytes, { little: OWN_ORDER.little !== swapped })?.kind, 'state');
  }
});

test('step() refuses and counts what it does not understand, and goes on', () => {
  const rig = new Rig().alone();
  const noise: readonly (readonly [number, Uint8Array])[] = [
    [MessageType.state, new Uint8Array(3)],
    [MessageType.balance, new Uint8Array(4).fill(255)],
    [MessageType.arpCache, new Uint8Array(5)],
    [KIN_TYPE, new Uint8Array(2)],
  ];
  const told: string[] = [];
  for (const [type, bytes] of noise) {
    rig.bytes('#spuser#n2', type, bytes);
    told.push(rig.reports);
  }
  match(told[0] ?? '', /#spuser#n2: what it says is not understood/);
  equal(told.slice(1).join(''), '', 'once');
  equal(rig.machine.refused, noise.length);
  rig.bytes('#spuser#n2', 77, new Uint8Array(9));
  equal(rig.machine.refused, noise.length, 'what the original ignores is no mistake');
  equal(rig.machine.status().groups.filter(({ here }) => here === 'up').length, 3);
});

test('step() refuses a STATE in the name of another', () => {
  const rig = new Rig().alone();
  rig.members(SELF, ORIGINAL);
  rig.echo();
  rig.state('#spuser#n2', { real: '10.0.0.2', index: 1 });
  equal(rig.machine.refused, 1);
  equal(rig.machine.status().members[1]?.silent, true);
});

test('step() holds nothing beside an original of its own address', () => {
  const rig = new Rig().alone();
  rig.members(SELF, ORIGINAL);
  rig.state(ORIGINAL, { real: '10.0.0.1', index: 1 });
  deepEqual(rig.did('release'), POOL);
  match(rig.reports, /has our own address 10\.0\.0\.1: nothing is held here/);
});

test('status() names originals by their private name, and says what each holds', () => {
  const rig = new Rig().alone();
  rig.members(SELF, ORIGINAL);
  rig.state(ORIGINAL, { real: '10.0.0.2', index: 1, claims: [{ address: POOL[0]!, priority: 5 }] });
  rig.echo();
  const { members, groups } = rig.machine.status();
  deepEqual(
    members.map(({ name }) => name),
    ['web1', '#wack7#n2 (10.0.0.2)'],
  );
  equal(groups.length, 3);
});

test('move asks as a BALANCE, which originals follow', () => {
  const rig = new Rig().alone();
  rig.members(SELF, ORIGINAL);
  rig.echo();
  rig.state(ORIGINAL, { real: '10.0.0.2', index: 1 });
  rig.echo();
  equal(rig.machine.status().phase, 'run');
  match(rig.machine.whyNoMove(POOL[0]!, 'web9') ?? '', /there is no web9/);
  rig.step({ kind: 'move', nowMs: rig.nowMs, group: POOL[0]!, to: '10.0.0.2' });
  deepEqual(rig.said('balance'), [
    { kind: 'balance', moves: [{ address: POOL[0], to: '10.0.0.2' }], missing: 0 },
  ]);
  rig.echo();
  deepEqual(rig.did('release'), [POOL[0]]);
});

test('a BALANCE that is short moves what the original believes it moves, or we take it over', () => {
  const rig = new Rig().alone();
  rig.members(SELF, ORIGINAL);
  rig.echo();
  rig.state(ORIGINAL, { real: '10.0.0.2', index: 1 });
  rig.echo();
  const first = { address: POOL[0]!, to: '10.0.0.2' };
  const second = { address: POOL[1]!, to: '10.0.0.2' };
  rig.says(ORIGINAL, { kind: 'balance', moves: [first, second], missing: 0 });
  deepEqual(rig.did('release'), [POOL[0], POOL[1]]);
  rig.says(ORIGINAL, { kind: 'balance', moves: [{ ...first, to: '10.0.0.1' }], missing: 1 });
  // Behind its end is the second move of the one before: to where that address is.
  deepEqual(rig.did('hold'), [POOL[0]]);
  deepEqual(rig.said('balance'), [
    { kind: 'balance', moves: [{ address: POOL[1], to: '10.0.0.1' }], missing: 0 },
  ]);
  rig.echo();
  deepEqual(rig.did('hold'), [POOL[1]]);
});
