/**
 * What our members say to each other over an engine of others, as bytes.
 *
 *     | FHEN | version | kind | fields of the kind ... |
 *       4      1         1
 *
 * What a newcomer gets wrong: anybody may say anything in the engine's group. `decode` never
 * throws, and whatever it returns is within all bounds; whether it counts is found out elsewhere.
 */
import { MEMBERS_MAX } from '../ring/group.ts';
import { checksum, Reader, utf8, Writer } from '../ring/wire.ts';
import { unreachable } from '../util/assert.ts';
import type { EngineMember } from './engine.ts';

/** A view, wherever it is named: who leads it counts its epochs, and never uses one twice. */
export type ViewTag = { readonly epoch: number; readonly bootId: number };

/** Who we are, and where we come from. The state of the view is that at the attempt's beginning. */
export type Hello = {
  readonly kind: 'hello';
  readonly group: string;
  readonly name: string;
  readonly bootId: number;
  /** The engine's name for the sender: a hello that somebody else repeats is not believed. */
  readonly self: EngineMember;
  /** Counts all hellos of the sender. */
  readonly number: number;
  readonly attempt: AttemptTag;
  /** No view that the sender has installed or led has a higher one. */
  readonly epoch: number;
  readonly from: ViewTag | null;
  /** What it has delivered in that view: how much, and a hash of it in order. */
  readonly count: number;
  readonly digest: number;
};

/** Which attempt at a view: within one membership all see the same ones begin and end. */
export type AttemptTag = {
  /** Hash of the engine's members. */
  readonly members: number;
  /** Counted from the engine's last change. */
  readonly index: number;
};

/** The view is this. It says which hellos it goes by. */
export type Install = {
  readonly kind: 'install';
  readonly attempt: AttemptTag;
  readonly epoch: number;
  readonly chosen: readonly { readonly member: EngineMember; readonly number: number }[];
};

/** A message of the group. */
export type Data = {
  readonly kind: 'data';
  readonly view: ViewTag;
  /** Counts the sender's messages in this view, from 0. */
  readonly sequence: number;
  readonly bytes: Uint8Array;
};

/** A sign of life, and in which view. */
export type Alive = { readonly kind: 'alive'; readonly view: ViewTag | null };

export type Word = Hello | Install | Data | Alive;

const MAGIC = utf8('FHEN');
const VERSION = 1;
const KINDS = ['hello', 'install', 'data', 'alive'] as const satisfies readonly Word['kind'][];

const writer = new Writer();

export function encode(word: Word): Uint8Array {
  writer.begin();
  writer.bytes(MAGIC);
  writer.u8(VERSION);
  writer.u8(KINDS.indexOf(word.kind));
  switch (word.kind) {
    case 'hello':
      writeHello(word);
      break;
    case 'install':
      writeAttempt(word.attempt);
      writer.u48(word.epoch);
      writer.u8(word.chosen.length);
      for (const { member, number } of word.chosen) {
        writer.text(member);
        writer.u32(number);
      }
      break;
    case 'data': {
      writeView(word.view);
      writer.u32(word.sequence);
      const head = writer.take();
      const bytes = new Uint8Array(head.length + word.bytes.length);
      bytes.set(head);
      bytes.set(word.bytes, head.length);
      return bytes;
    }
    case 'alive':
      writeViewOrNone(word.view);
      break;
    default:
      return unreachable(word);
  }
  return writer.take();
}

/** @returns null: it is not one of ours, or of another version */
export function decode(bytes: Uint8Array): Word | null {
  const r = new Reader(bytes);
  if (!r.same(MAGIC) || r.u8() !== VERSION) return null;
  const kind = KINDS[r.u8()];
  if (kind === undefined) return null;
  const word = readWord(kind, r);
  return r.complete ? word : null;
}

function readWord(kind: Word['kind'], r: Reader): Word {
  switch (kind) {
    case 'hello':
      return readHello(r);
    case 'install': {
      const attempt = readAttempt(r);
      const epoch = r.ordinal();
      const count = r.count(MEMBERS_MAX);
      const chosen = Array.from({ length: count }, () => ({ member: r.text(), number: r.u32() }));
      return { kind, attempt, epoch, chosen };
    }
    case 'data':
      return { kind, view: readView(r), sequence: r.u32(), bytes: r.rest() };
    case 'alive':
      return { kind, view: readViewOrNone(r) };
    default:
      return unreachable(kind);
  }
}

function writeHello(hello: Hello): void {
  for (const text of [hello.group, hello.name, hello.self]) writer.text(text);
  writer.u48(hello.bootId);
  writer.u32(hello.number);
  writeAttempt(hello.attempt);
  writer.u48(hello.epoch);
  writeViewOrNone(hello.from);
  writer.u32(hello.count);
  writer.u32(hello.digest);
}

function readHello(r: Reader): Hello {
  return {
    kind: 'hello',
    group: r.text(),
    name: r.text(),
    self: r.text(),
    bootId: r.u48(),
    number: r.u32(),
    attempt: readAttempt(r),
    epoch: r.ordinal(),
    from: readViewOrNone(r),
    count: r.u32(),
    digest: r.u32(),
  };
}

function writeAttempt({ members, index }: AttemptTag): void {
  writer.u32(members);
  writer.u32(index);
}

function readAttempt(r: Reader): AttemptTag {
  return { members: r.u32(), index: r.u32() };
}

function writeViewOrNone(view: ViewTag | null): void {
  writer.u8(view === null ? 0 : 1);
  if (view !== null) writeView(view);
}

function readViewOrNone(r: Reader): ViewTag | null {
  return r.count(1) === 1 ? readView(r) : null;
}

function writeView({ epoch, bootId }: ViewTag): void {
  writer.u48(epoch);
  writer.u48(bootId);
}

function readView(r: Reader): ViewTag {
  return { epoch: r.ordinal(), bootId: r.u48() };
}

/** Of the engine's members, to tell one membership from another. */
export function hashOfMembers(members: readonly EngineMember[]): number {
  const bytes = utf8([...members].sort().join('\n'));
  return checksum(bytes, bytes.length, -1);
}

/** Of all that was delivered before, and one message more. */
export function digestOf(before: number, senderIndex: number, bytes: Uint8Array): number {
  const own = checksum(bytes, bytes.length, -1);
  return Math.imul(Math.imul(before ^ own, 0x01000193) ^ senderIndex, 0x01000193) >>> 0;
}

export function sameTag(a: ViewTag | null, b: ViewTag | null): boolean {
  return a === null || b === null ? a === b : a.epoch === b.epoch && a.bootId === b.bootId;
}

export function sameAttempt(a: AttemptTag, b: AttemptTag): boolean {
  return a.members === b.members && a.index === b.index;
}
