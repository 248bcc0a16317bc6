/**
 * Everything after the handshake, both ways: a header of 48 bytes, groups, data.
 *
 *     0  type         service bits, and the byte order of whoever wrote the header
 *     4  sender       32 bytes; of what is said about a group, the group
 *     36 groups       how many
 *     40 hint         the program's own type << 8, and the byte order of whoever wrote the data
 *     44 data         how many bytes
 *     48              4 more bytes in what comes back rejected: the type it had
 *        groups x 32, data
 *
 * What a newcomer gets wrong: there are two byte orders in one header. The daemon writes its own
 * in all of it but the hint, and hands that on as it came: only receivers can swap the data.
 */
import { ByteQueue } from './byte-queue.ts';
import { CODE, LITTLE_ENDIAN_TAG, NAME_BYTES, REJECT } from './constants.ts';
import { readName, writeName } from './names.ts';

export type ByteOrder = 'little' | 'big';

export type Frame = {
  /** Without the tag. */
  readonly type: number;
  readonly sender: string;
  readonly groups: readonly string[];
  /** The program's own, 16 bits with sign. */
  readonly messageType: number;
  /** Of the machine that wrote the data. */
  readonly dataOrder: ByteOrder;
  readonly data: Uint8Array;
  /** Of what comes back: the type it had. Else null. */
  readonly rejected: number | null;
  /** Of the header's numbers, and of a membership's. */
  readonly order: ByteOrder;
};

export type FrameFault = { readonly code: number; readonly reason: string };

export const HEADER_BYTES = 48;
const REJECTED_BYTES = 4;
const SENDER_AT = 4;
const GROUPS_AT = 36;
const HINT_AT = 40;
const DATA_AT = 44;
const HINT_MASK = 0x00ffff00;

export function encodeFrame(frame: Frame): Uint8Array {
  const { groups, data, rejected, order, dataOrder } = frame;
  const isLittle = order === 'little';
  const groupsAt = HEADER_BYTES + (rejected === null ? 0 : REJECTED_BYTES);
  const dataAt = groupsAt + groups.length * NAME_BYTES;
  const bytes = new Uint8Array(dataAt + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, tagged(frame.type, order), isLittle);
  writeName(bytes, SENDER_AT, frame.sender);
  view.setUint32(GROUPS_AT, groups.length, isLittle);
  const hint = (frame.messageType & 0xffff) << 8;
  view.setUint32(HINT_AT, tagged(hint, dataOrder), dataOrder === 'little');
  view.setUint32(DATA_AT, data.length, isLittle);
  if (rejected !== null) view.setUint32(HEADER_BYTES, rejected, isLittle);
  groups.forEach((group, index) => {
    writeName(bytes, groupsAt + index * NAME_BYTES, group);
  });
  bytes.set(data, dataAt);
  return bytes;
}

type Header = Omit<Frame, 'groups' | 'data' | 'rejected'> & {
  readonly groupCount: number;
  readonly dataBytes: number;
};

export type FrameLimits = {
  readonly groupsMax: number;
  /** Data, and 32 for each group. */
  readonly bytesMax: number;
  /** Only a daemon gives anything back; from a client the 4 bytes would never come. */
  readonly rejects: boolean;
};

export class FrameReader {
  readonly #limits: FrameLimits;
  readonly #queue: ByteQueue;
  #header: Header | null = null;
  #fault: FrameFault | null = null;

  /** @param queue what is left of the handshake's */
  constructor(limits: FrameLimits, queue = new ByteQueue()) {
    this.#limits = limits;
    this.#queue = queue;
  }

  push(chunk: Uint8Array): void {
    if (this.#fault === null) this.#queue.push(chunk);
  }

  /** Null: more bytes are needed. After a fault there is no next frame, as nobody knows where. */
  next(): Frame | FrameFault | null {
    if (this.#fault !== null) return this.#fault;
    const read = this.#read();
    if (read !== null && isFault(read)) this.#fault = read;
    return read;
  }

  #read(): Frame | FrameFault | null {
    if (this.#header === null) {
      const bytes = this.#queue.take(HEADER_BYTES);
      if (bytes === null) return null;
      const header = readHeader(bytes, this.#limits);
      if (isFault(header)) return header;
      this.#header = header;
    }
    const { groupCount, dataBytes, ...header } = this.#header;
    const isRejected = (header.type & REJECT) !== 0;
    const groupsAt = isRejected ? REJECTED_BYTES : 0;
    const dataAt = groupsAt + groupCount * NAME_BYTES;
    const rest = this.#queue.take(dataAt + dataBytes);
    if (rest === null) return null;
    this.#header = null;
    const groups: string[] = [];
    for (let at = groupsAt; at < dataAt; at += NAME_BYTES) {
      const name = readName(rest, at);
      if (name === null) return fault(CODE.illegalGroup, 'a group has no legal name');
      groups.push(name);
    }
    const rejected = isRejected ? untagged(uint32(rest, 0, header.order)) : null;
    return { ...header, groups, data: rest.subarray(dataAt), rejected };
  }
}

export function isFault(read: Frame | Header | FrameFault): read is FrameFault {
  return 'reason' in read;
}

function readHeader(bytes: Uint8Array, limits: FrameLimits): Header | FrameFault {
  const order = orderOf(bytes, 0);
  if (order === null) return fault(CODE.illegalMessage, 'the type has half a tag');
  const dataOrder = orderOf(bytes, HINT_AT);
  if (dataOrder === null) return fault(CODE.illegalMessage, 'the hint has half a tag');
  const hint = untagged(uint32(bytes, HINT_AT, dataOrder));
  if ((hint & ~HINT_MASK) !== 0) return fault(CODE.illegalMessage, 'the hint has bits too many');
  const sender = readName(bytes, SENDER_AT);
  if (sender === null) return fault(CODE.illegalSession, 'the sender has no legal name');
  const groupCount = uint32(bytes, GROUPS_AT, order);
  if (groupCount > limits.groupsMax) {
    return fault(CODE.illegalMessage, `${groupCount | 0} groups are no legal number of groups`);
  }
  const dataBytes = uint32(bytes, DATA_AT, order);
  if (dataBytes + groupCount * NAME_BYTES > limits.bytesMax) {
    return fault(CODE.messageTooLong, `${dataBytes | 0} bytes of data are too many, or too few`);
  }
  const type = untagged(uint32(bytes, 0, order));
  if ((type & REJECT) !== 0 && !limits.rejects) {
    return fault(CODE.illegalService, 'it gives back what it was not given');
  }
  const messageType = (hint << 8) >> 16;
  return { type, sender, messageType, dataOrder, order, groupCount, dataBytes };
}

/** Null: one bit of the two, which no machine writes. */
function orderOf(bytes: Uint8Array, at: number): ByteOrder | null {
  const first = bytes[at]! & 0x80;
  const last = bytes[at + 3]! & 0x80;
  if (first !== last) return null;
  return first === 0 ? 'big' : 'little';
}

function uint32(bytes: Uint8Array, at: number, order: ByteOrder): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(at, order === 'little');
}

function tagged(value: number, order: ByteOrder): number {
  return (order === 'little' ? value | LITTLE_ENDIAN_TAG : value) >>> 0;
}

function untagged(value: number): number {
  return (value & ~LITTLE_ENDIAN_TAG) >>> 0;
}

function fault(code: number, reason: string): FrameFault {
  return { code, reason };
}
