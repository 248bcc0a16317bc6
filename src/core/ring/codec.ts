/**
 * The datagrams of the ring as bytes.
 *
 *     | frng | checksum | version | kind | group name | from | to | fields of the kind ... |
 *       4      4          1         1      1 + n        6      6
 *
 * `from` and `to` are boot ids; a heartbeat is to everybody and says 0. All multi-byte numbers have
 * their most significant byte first. Nothing is skipped: a byte too many is as wrong as one too
 * few.
 *
 * What a newcomer gets wrong: what is read comes from anybody. `decode` never throws, and whatever
 * it returns is within all bounds; whether it is true is for others to find out.
 */
import { unreachable } from '../util/assert.ts';
import { MEMBERS_MAX, type Member } from './group.ts';
import {
  type Attempt,
  type Datagram,
  HEARD_MAX,
  type Heard,
  type Heartbeat,
  type Install,
  type Packet,
  REFUSALS,
} from './packet.ts';
import { checksum, Reader, utf8, Writer } from './wire.ts';

const KINDS = [
  'heartbeat',
  'propose',
  'accept',
  'refuse',
  'install',
  'fragment',
  'ack',
  'fetch',
] as const satisfies readonly Packet['kind'][];

export type DecodeFault = 'malformed' | 'checksum' | 'version' | 'other-group';

const MAGIC = utf8('frng');
const CHECKSUM_AT = 4;
const VERSION = 1;
const HEADER_BYTES_MIN = 10;

export class Codec {
  readonly #writer = new Writer();
  readonly #group: Uint8Array;
  readonly #from: number;

  constructor(group: string, from: number) {
    this.#group = utf8(group);
    this.#from = from;
  }

  encode(packet: Packet, to: number): Uint8Array {
    const w = this.#writer;
    w.begin();
    w.bytes(MAGIC);
    w.u32(0);
    w.u8(VERSION);
    w.u8(KINDS.indexOf(packet.kind));
    w.u8(this.#group.length);
    w.bytes(this.#group);
    w.u48(this.#from);
    w.u48(to);
    writePacket(w, packet);
    return w.finish(CHECKSUM_AT);
  }

  decode(bytes: Uint8Array): Datagram | DecodeFault {
    const r = new Reader(bytes);
    if (bytes.length < HEADER_BYTES_MIN || !r.same(MAGIC)) return 'malformed';
    if (r.u32() !== checksum(bytes, bytes.length, CHECKSUM_AT)) return 'checksum';
    if (r.u8() !== VERSION) return 'version';
    const kind = KINDS[r.u8()];
    if (r.u8() !== this.#group.length || !r.same(this.#group)) return 'other-group';
    const from = r.u48();
    const to = r.u48();
    if (kind === undefined) return 'malformed';
    const packet = readPacket(r, kind);
    return packet !== null && r.complete ? { from, to, packet } : 'malformed';
  }
}

function writePacket(w: Writer, packet: Packet): void {
  switch (packet.kind) {
    case 'heartbeat':
      writeHeartbeat(w, packet);
      break;
    case 'propose':
      w.u48(packet.epoch);
      writeMembers(w, packet.members);
      break;
    case 'accept':
      writeAttempt(w, packet.attempt);
      writeAttempt(w, packet.oldView);
      writeCounts(w, packet.received);
      break;
    case 'refuse':
      w.u48(packet.epoch);
      w.u48(packet.epochMax);
      w.u8(REFUSALS.indexOf(packet.why));
      break;
    case 'install':
      writeInstall(w, packet);
      break;
    case 'fragment':
      writeAttempt(w, packet.view);
      w.u8(packet.stream);
      w.u32(packet.sequence);
      w.u48(packet.time);
      w.u8(Number(packet.last));
      w.bytes(packet.bytes);
      break;
    case 'ack':
      writeAttempt(w, packet.view);
      w.u8(Number(packet.asks) + 2 * Number(packet.misses));
      w.u48(packet.clock);
      w.u32(packet.sent);
      writeCounts(w, packet.received);
      break;
    case 'fetch':
      writeAttempt(w, packet.view);
      w.u8(packet.stream);
      w.u32(packet.after);
      w.u32(packet.upTo);
      break;
    default:
      unreachable(packet);
  }
}

function readPacket(r: Reader, kind: Packet['kind']): Packet | null {
  switch (kind) {
    case 'heartbeat':
      return readHeartbeat(r);
    case 'propose':
      return { kind, epoch: r.ordinal(), members: readMembers(r) };
    case 'accept':
      return {
        kind,
        attempt: readAttempt(r),
        oldView: readAttempt(r),
        received: readCounts(r),
      };
    case 'refuse': {
      const refuse = { epoch: r.ordinal(), epochMax: r.ordinal() };
      const why = REFUSALS[r.u8()];
      return why === undefined ? null : { kind, ...refuse, why };
    }
    case 'install':
      return readInstall(r);
    case 'fragment': {
      const place = { view: readAttempt(r), stream: r.u8(), sequence: r.u32(), time: r.ordinal() };
      return { kind, ...place, last: readFlags(r, 1) === 1, bytes: r.rest() };
    }
    case 'ack': {
      const view = readAttempt(r);
      const flags = readFlags(r, 3);
      const claim = { clock: r.ordinal(), sent: r.u32() };
      const asks = (flags & 1) !== 0;
      return { kind, view, asks, misses: (flags & 2) !== 0, ...claim, received: readCounts(r) };
    }
    case 'fetch':
      return { kind, view: readAttempt(r), stream: r.u8(), after: r.u32(), upTo: r.u32() };
    default:
      return unreachable(kind);
  }
}

function writeHeartbeat(w: Writer, packet: Heartbeat): void {
  w.text(packet.name);
  w.u48(packet.stamp);
  w.u48(packet.epochMax);
  writeAttempt(w, packet.view);
  w.u8(packet.size);
  writeAttempt(w, packet.accepted);
  w.u8(Number(packet.leaving) + 2 * Number(packet.out) + 4 * Number(packet.leader !== null));
  if (packet.leader !== null) writeMember(w, packet.leader);
  w.u8(packet.heard.length);
  for (const { bootId, echo, flags } of packet.heard) {
    w.u48(bootId);
    w.u48(echo);
    w.u8(flags);
  }
}

function readHeartbeat(r: Reader): Heartbeat {
  const name = r.text();
  if (name === '') r.failed = true;
  const stamp = r.ordinal();
  const epochMax = r.ordinal();
  const view = readAttempt(r);
  const size = r.count(MEMBERS_MAX);
  const accepted = readAttempt(r);
  const flags = readFlags(r, 7);
  const leader = (flags & 4) === 0 ? null : readMember(r);
  const heard: Heard[] = [];
  for (let left = r.count(HEARD_MAX); left > 0 && !r.failed; left--) {
    heard.push({ bootId: r.u48(), echo: r.u48(), flags: readFlags(r, 3) });
  }
  return {
    kind: 'heartbeat',
    name,
    stamp,
    epochMax,
    view,
    size,
    accepted,
    leaving: (flags & 1) !== 0,
    out: (flags & 2) !== 0,
    leader,
    heard,
  };
}

function writeInstall(w: Writer, packet: Install): void {
  w.u48(packet.epoch);
  writeMembers(w, packet.members);
  writeAttempt(w, packet.oldView);
  w.u8(packet.together.length);
  for (const index of packet.together) w.u8(index);
  w.u8(packet.targets.length);
  for (const { count, holder } of packet.targets) {
    w.u32(count);
    w.u8(holder);
  }
}

function readInstall(r: Reader): Install {
  const epoch = r.ordinal();
  const members = readMembers(r);
  const oldView = readAttempt(r);
  const together = readEach(r, () => readIndex(r, members.length));
  if (together.some((index, i) => i > 0 && index <= together[i - 1]!)) r.failed = true;
  const targets = readEach(r, () => ({
    count: r.u32(),
    holder: readIndex(r, members.length),
  }));
  return { kind: 'install', epoch, members, oldView, together, targets };
}

function writeAttempt(w: Writer, attempt: Attempt): void {
  w.u48(attempt.epoch);
  w.u48(attempt.bootId);
}

function readAttempt(r: Reader): Attempt {
  return { epoch: r.ordinal(), bootId: r.u48() };
}

function writeMember(w: Writer, member: Member): void {
  w.u48(member.bootId);
  w.text(member.name);
}

function readMember(r: Reader): Member {
  const bootId = r.u48();
  const name = r.text();
  if (name === '') r.failed = true;
  return { name, bootId };
}

function writeMembers(w: Writer, members: readonly Member[]): void {
  w.u8(members.length);
  for (const member of members) writeMember(w, member);
}

/** One at least, in the order of their names, each name once. */
function readMembers(r: Reader): readonly Member[] {
  const members = readEach(r, () => readMember(r));
  if (members.length === 0) r.failed = true;
  if (members.some(({ name }, i) => i > 0 && name <= members[i - 1]!.name)) r.failed = true;
  return members;
}

function writeCounts(w: Writer, counts: readonly number[]): void {
  w.u8(counts.length);
  for (const count of counts) w.u32(count);
}

function readCounts(r: Reader): readonly number[] {
  return readEach(r, () => r.u32());
}

function readEach<T>(r: Reader, read: () => T): T[] {
  const items: T[] = [];
  for (let left = r.count(MEMBERS_MAX); left > 0 && !r.failed; left--) items.push(read());
  return items;
}

function readIndex(r: Reader, length: number): number {
  const index = r.u8();
  if (index >= length) r.failed = true;
  return index;
}

/** Bits that are not defined make a datagram of another version, whatever it says of itself. */
function readFlags(r: Reader, defined: number): number {
  const flags = r.u8();
  if ((flags & ~defined) !== 0) r.failed = true;
  return flags;
}
