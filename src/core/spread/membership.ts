/**
 * What is in the data of a membership: which one it is, and who came along with whom.
 *
 *     0   gid        representative, time, index: 4 bytes each
 *     12  how many sets
 *     16  where the receiver's own set begins, counted from byte 20
 *     20  sets, each: how many names, the names in 32 bytes each
 *
 * A transition's data is the gid alone, of the membership that ends.
 *
 * What a newcomer gets wrong: these numbers are the daemon's, in the byte order of the header; not
 * that of the hint.
 */
import { NAME_BYTES } from './constants.ts';
import type { ByteOrder } from './frame.ts';
import { readName, writeName } from './names.ts';

export const GID_BYTES = 12;
const COUNT_AT = 12;
const OFFSET_AT = 16;
const SETS_AT = 20;

export type Gid = {
  /** The first daemon's address, as a number. */
  readonly representative: number;
  /** In seconds; the two of them name a membership of the daemons. */
  readonly time: number;
  /** Grows with each change of a group between two of those. */
  readonly index: number;
};

export type MembershipBody = {
  /** 12 bytes as they come. */
  readonly gid: Uint8Array;
  readonly sets: readonly (readonly string[])[];
  /** Index of the receiver's. */
  readonly ownSet: number;
};

export function encodeGid({ representative, time, index }: Gid, order: ByteOrder): Uint8Array {
  const bytes = new Uint8Array(GID_BYTES);
  const view = new DataView(bytes.buffer);
  [representative, time, index].forEach((value, at) => {
    view.setInt32(at * 4, value, order === 'little');
  });
  return bytes;
}

export function encodeMembership(body: MembershipBody, order: ByteOrder): Uint8Array {
  const { gid, sets, ownSet } = body;
  const size = sets.reduce((sum, set) => sum + setBytes(set.length), SETS_AT);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const isLittle = order === 'little';
  bytes.set(gid);
  view.setUint32(COUNT_AT, sets.length, isLittle);
  let at = SETS_AT;
  sets.forEach((set, index) => {
    if (index === ownSet) view.setUint32(OFFSET_AT, at - SETS_AT, isLittle);
    view.setUint32(at, set.length, isLittle);
    set.forEach((name, nameIndex) => {
      writeName(bytes, at + 4 + nameIndex * NAME_BYTES, name);
    });
    at += setBytes(set.length);
  });
  return bytes;
}

/** @returns null when it is not whole, or not sound */
export function decodeMembership(bytes: Uint8Array, order: ByteOrder): MembershipBody | null {
  if (bytes.length < SETS_AT) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = order === 'little';
  const count = view.getUint32(COUNT_AT, isLittle);
  const ownAt = SETS_AT + view.getUint32(OFFSET_AT, isLittle);
  const sets: string[][] = [];
  let ownSet = -1;
  let at = SETS_AT;
  // Each one takes 4 bytes at least, so there is an end to what a count can ask for.
  while (sets.length < count) {
    if (at + 4 > bytes.length) return null;
    if (at === ownAt) ownSet = sets.length;
    const end = at + setBytes(view.getUint32(at, isLittle));
    if (end > bytes.length) return null;
    const set: string[] = [];
    for (at += 4; at < end; at += NAME_BYTES) {
      const name = readName(bytes, at);
      if (name === null) return null;
      set.push(name);
    }
    sets.push(set);
  }
  if (at !== bytes.length || ownSet === -1) return null;
  return { gid: bytes.slice(0, GID_BYTES), sets, ownSet };
}

function setBytes(count: number): number {
  return 4 + count * NAME_BYTES;
}
