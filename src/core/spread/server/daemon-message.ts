/**
 * What our daemons say to each other in their group.
 *
 *     | fhsp | version | kind | view: epoch (8), proposer (text) | body ... |
 *
 *     STREAM   the next bytes of the sender's frames in this view, as clients write them
 *     HELD     so many messages of this view the sender has, in order
 *     STATE    who of the sender's is in which group, and with whom it comes along; maybe in parts
 *
 * What a newcomer gets wrong: a view is named in each, as what was sent in the last moment of one
 * may be delivered in the next. There it counts for nobody, and its sender says it again.
 */
import { OctetReader, OctetWriter } from '../../address/octets.ts';
import { MEMBERS_MAX, type ViewId } from '../../ring/group.ts';
import { unreachable } from '../../util/assert.ts';
import { isLegalGroup, isLegalUser } from '../names.ts';
import type { DaemonMembers } from './roster.ts';

export type StatePart = {
  readonly kind: 'state';
  /** Names of the members whose groups have been the sender's ever since they were agreed on. */
  readonly together: readonly string[];
  readonly members: DaemonMembers;
  readonly last: boolean;
};

export type DaemonMessage =
  | { readonly kind: 'stream'; readonly bytes: Uint8Array }
  | { readonly kind: 'held'; readonly count: number }
  | StatePart;

export type Envelope = { readonly view: ViewId; readonly message: DaemonMessage };

const MAGIC = 0x66687370;
const VERSION = 1;
const KINDS = ['stream', 'held', 'state'] as const satisfies readonly DaemonMessage['kind'][];

/** With its head it fits a message of the group, whatever a node is called. */
export const STREAM_BYTES_MAX = 49_152;

/** Groups and users in one part: of at most 33 bytes each. */
const STATE_NAMES_MAX = 1_400;

export function encode({ view, message }: Envelope): Uint8Array {
  const writer = new OctetWriter();
  writer.uint(MAGIC, 4);
  writer.uint(VERSION, 1);
  writer.uint(KINDS.indexOf(message.kind), 1);
  writer.uint(view.epoch, 8);
  writer.text(view.proposer);
  switch (message.kind) {
    case 'stream':
      writer.raw(message.bytes);
      break;
    case 'held':
      writer.uint(message.count, 8);
      break;
    case 'state':
      writeState(writer, message);
      break;
    default:
      unreachable(message);
  }
  return writer.bytes();
}

/** @returns null when it is not wholly understood */
export function decode(bytes: Uint8Array): Envelope | null {
  const reader = new OctetReader(bytes);
  if (reader.uint(4) !== MAGIC || reader.uint(1) !== VERSION) return null;
  const kind = KINDS[reader.uint(1)];
  const view = { epoch: reader.uint(8), proposer: reader.text() };
  if (kind === undefined || reader.bad) return null;
  if (kind === 'stream') return { view, message: { kind, bytes: reader.rest() } };
  const message: DaemonMessage =
    kind === 'held' ? { kind, count: reader.uint(8) } : readState(reader);
  return reader.bad || !reader.ended ? null : { view, message };
}

/** As many parts as it takes. */
export function stateParts(
  together: readonly string[],
  members: DaemonMembers,
): readonly StatePart[] {
  const parts: StatePart[] = [];
  let part = new Map<string, string[]>();
  let names = 0;
  for (const [group, users] of members) {
    for (const user of users) {
      if (names >= STATE_NAMES_MAX) {
        parts.push({ kind: 'state', together, members: part, last: false });
        part = new Map();
        names = 0;
      }
      const listed = part.get(group) ?? [];
      part.set(group, listed);
      names += listed.push(user) === 1 ? 2 : 1;
    }
  }
  return [...parts, { kind: 'state', together, members: part, last: true }];
}

function writeState(writer: OctetWriter, { together, members, last }: StatePart): void {
  writer.uint(last ? 1 : 0, 1);
  writer.uint(together.length, 1);
  for (const name of together) writer.text(name);
  writer.uint(members.size, 2);
  for (const [group, users] of members) {
    writer.text(group);
    writer.uint(users.length, 2);
    for (const user of users) writer.text(user);
  }
}

function readState(reader: OctetReader): StatePart {
  const last = reader.upTo(1, 1) === 1;
  const together = reader.list(reader.upTo(MEMBERS_MAX, 1), () => reader.text());
  const members = new Map(
    reader.list(reader.upTo(STATE_NAMES_MAX, 2), () => {
      const group = reader.text();
      const users = reader.list(reader.upTo(STATE_NAMES_MAX, 2), () => reader.text());
      if (!isLegalGroup(group) || !users.every(isLegalUser)) reader.bad = true;
      return [group, users] as const;
    }),
  );
  return { kind: 'state', together, members, last };
}
