/**
 * This daemon among the others: its clients' frames go out as one stream, all streams come back in
 * one order, and whenever the daemons change they agree on who is in which group.
 *
 *     view ─► exchange ──── a STATE of each ────► open ─► view ...
 *        └────────── nobody new is here ───────────►│
 *
 * Each stream belongs to one view. What has not come back when a view ends is sent again in the
 * next one, before anything newer: where it was sent it counts for nobody, as nobody had it whole.
 *
 * What a newcomer gets wrong: in `exchange` nothing but states is sent. So there is one place in
 * the order of messages, the last of the states, at which all daemons come to know the same.
 */
import { type GroupEvent, sameViewId, type View } from '../../ring/group.ts';
import { assert, unreachable } from '../../util/assert.ts';
import { GROUPS_MAX, MESSAGE_BYTES_ACCEPTED, SERVICE } from '../constants.ts';
import { encodeFrame, type Frame, FrameReader, isFault } from '../frame.ts';
import { hashOf } from '../hash.ts';
import { daemonNameOf, privateParts } from '../names.ts';
import {
  type DaemonMessage,
  decode,
  encode,
  STREAM_BYTES_MAX,
  type StatePart,
  stateParts,
} from './daemon-message.ts';
import type { DaemonMembers } from './roster.ts';
import { SafeQueue } from './safe-queue.ts';

export type DaemonMembership = {
  /** The first two numbers of its gids. */
  readonly representative: number;
  readonly time: number;
  /** In the order of the view. */
  readonly daemons: readonly string[];
  /** Daemons whose groups were the same until now, those who came along with each other. */
  readonly sets: readonly (readonly string[])[];
  /** Who is in which group now, by daemon; null: as before, without the daemons that have gone. */
  readonly members: ReadonlyMap<string, DaemonMembers> | null;
};

export type DaemonsHandler = {
  /** To all daemons, in agreed order. */
  readonly send: (bytes: Uint8Array) => void;
  /** Next in the order of all. */
  readonly deliver: (frame: Frame) => void;
  /** What comes until `changed` may not have reached those who are not among these. */
  readonly parting: (staying: ReadonlySet<string>) => void;
  /** The others go on without this one; what comes until `changed` is only here. */
  readonly stalled: () => void;
  readonly changed: (membership: DaemonMembership) => void;
  readonly ownMembers: () => DaemonMembers;
  readonly report: (text: string) => void;
};

/**
 * Sent and not come back. Well below what the ring keeps for a sender (1 MiB), and more than it
 * carries between two of its acknowledgements.
 */
const SENT_BYTES_MAX = 524_288;

/** And messages of the group that carry it, of which the ring keeps 1024. */
const SENT_CHUNKS_MAX = 256;

const LIMITS = { groupsMax: GROUPS_MAX, bytesMax: MESSAGE_BYTES_ACCEPTED, rejects: false };

type Outgoing = { readonly frame: Frame; readonly bytes: Uint8Array };

export class Daemons {
  readonly #self: string;
  readonly #handler: DaemonsHandler;
  readonly #safe: SafeQueue;
  #view: View | null = null;
  #phase: 'none' | 'exchange' | 'open' = 'none';
  #blocked = false;
  /** Names of the members whose groups are as ours. */
  #together: ReadonlySet<string>;
  #states = new Map<number, StatePart[]>();
  #streams: FrameReader[] = [];
  /** Whole ones that have not come back. */
  #sent: Outgoing[] = [];
  #waiting: Outgoing[] = [];
  /** Of the first waiting one: so many bytes are sent. */
  #begun = 0;
  #sentBytes = 0;
  /** Messages with parts of our stream that have not come back. */
  #chunks = 0;
  #waitingBytes = 0;
  #owesHeld = false;

  /** @param self this node's name in the group */
  constructor(self: string, handler: DaemonsHandler) {
    this.#self = self;
    this.#handler = handler;
    this.#together = new Set([self]);
    this.#safe = new SafeQueue(handler.deliver);
  }

  get view(): View | null {
    return this.#view;
  }

  /** All daemons of the view know the same. */
  get agreed(): boolean {
    return this.#phase === 'open';
  }

  /** What clients have asked for and is not done. */
  get backlogBytes(): number {
    return this.#sentBytes + this.#waitingBytes;
  }

  request(frame: Frame): void {
    const bytes = encodeFrame(frame);
    this.#waiting.push({ frame, bytes });
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= STREAM_BYTES_MAX) this.flush();
  }

  /** Sends what there is and may be sent. What came together goes together. */
  flush(): void {
    if (this.#phase !== 'open' || this.#blocked) return;
    while (this.#waiting.length > 0 && this.#sentBytes < SENT_BYTES_MAX) {
      if (this.#chunks === SENT_CHUNKS_MAX) break;
      this.#chunks++;
      this.#tell({ kind: 'stream', bytes: this.#nextChunk() });
    }
    if (!this.#owesHeld) return;
    this.#owesHeld = false;
    this.#tell({ kind: 'held', count: this.#safe.count });
  }

  hear(event: GroupEvent): void {
    switch (event.kind) {
      case 'view':
        this.#install(event.view);
        return;
      case 'message':
        this.#take(event.senderIndex, event.bytes);
        return;
      case 'blocked':
        this.#blocked = true;
        return;
      case 'stalled':
        this.#goAlone();
        return;
      case 'beside':
        return;
      default:
        unreachable(event);
    }
  }

  #install(view: View): void {
    const daemons = view.members.map(({ name }) => daemonNameOf(name));
    const came = new Set(view.together.map((index) => view.members[index]!.name));
    // Who comes back without what we have is another one, though it may have the same name.
    this.#handler.parting(new Set([...came].map(daemonNameOf)));
    this.#safe.begin(daemons.length);
    this.#together = this.#together.intersection(came);
    const alone = view.members.length === 1;
    const known = this.#phase === 'open' && came.size === view.members.length;
    this.#view = view;
    this.#blocked = false;
    this.#owesHeld = false;
    this.#streams = view.members.map(() => new FrameReader(LIMITS));
    this.#sendAgain();
    if (alone || known) {
      this.#open(null, [daemons]);
      return;
    }
    this.#phase = 'exchange';
    this.#states = new Map();
    const together = [...this.#together].toSorted();
    for (const part of stateParts(together, this.#handler.ownMembers())) this.#tell(part);
  }

  #open(members: DaemonMembership['members'], sets: readonly (readonly string[])[]): void {
    const view = this.#view;
    assert(view !== null, 'daemons agree within a view');
    this.#phase = 'open';
    this.#together = new Set(view.members.map(({ name }) => name));
    const daemons = view.members.map(({ name }) => daemonNameOf(name));
    const proposer = view.members.find(({ name }) => name === view.id.proposer);
    // Two lives of a proposer may lead views of the same epoch.
    const representative = hashOf(`${view.id.proposer} ${proposer?.bootId}`);
    const time = view.id.epoch % 2 ** 31;
    this.#handler.changed({ representative, time, daemons, sets, members });
    this.flush();
  }

  #take(senderIndex: number, bytes: Uint8Array): void {
    const view = this.#view;
    const sender = view?.members[senderIndex];
    if (view === null || sender === undefined) return;
    const envelope = decode(bytes);
    if (envelope === null) {
      this.#handler.report(`${sender.name} says what is not understood: is it another version?`);
      // Whoever waited for more from it would wait for ever.
      this.#takeState(senderIndex, emptyState(sender.name));
      return;
    }
    if (!sameViewId(envelope.view, view.id)) return;
    const { message } = envelope;
    if (message.kind === 'state') this.#takeState(senderIndex, message);
    else if (message.kind === 'held') this.#safe.held(senderIndex, message.count);
    else this.#takeStream(senderIndex, message.bytes);
  }

  #takeState(senderIndex: number, part: StatePart): void {
    const view = this.#view;
    if (view === null || this.#phase !== 'exchange') return;
    const parts = this.#states.get(senderIndex) ?? [];
    if (parts.at(-1)?.last === true) return;
    this.#states.set(senderIndex, [...parts, part]);
    const whole = view.members.every((_, index) => this.#states.get(index)?.at(-1)?.last === true);
    if (!whole) return;
    const members = new Map<string, DaemonMembers>();
    const sets = new Map<string, string[]>();
    view.members.forEach(({ name }, index) => {
      const said = this.#states.get(index)!;
      const daemon = daemonNameOf(name);
      members.set(daemon, joinParts(said));
      const key = said[0]!.together.join(' ');
      sets.set(key, [...(sets.get(key) ?? []), daemon]);
    });
    this.#states = new Map();
    this.#open(members, [...sets.values()]);
  }

  #takeStream(senderIndex: number, bytes: Uint8Array): void {
    const stream = this.#streams[senderIndex]!;
    const { name } = this.#view!.members[senderIndex]!;
    stream.push(bytes);
    if (name === this.#self) this.#chunks--;
    for (let frame = stream.next(); frame !== null; frame = stream.next()) {
      if (isFault(frame)) {
        this.#handler.report(`${name} sends no frames: ${frame.reason}`);
        return;
      }
      if (name === this.#self) this.#sentBytes -= this.#sent.shift()!.bytes.length;
      if (privateParts(frame.sender)?.daemon !== daemonNameOf(name)) continue;
      const safe = (frame.type & SERVICE.safe) !== 0;
      this.#safe.push(frame, safe);
      this.#owesHeld ||= safe;
    }
  }

  /** The others go on without us. What they have of what we sent last, nobody can tell us. */
  #goAlone(): void {
    this.#handler.stalled();
    this.#safe.begin(0);
    const sent = this.#sent;
    this.#sendAgain();
    this.#waiting.splice(0, sent.length);
    for (const { frame, bytes } of sent) {
      this.#waitingBytes -= bytes.length;
      this.#handler.deliver(frame);
    }
    this.#together = new Set([this.#self]);
    this.#phase = 'none';
    this.#view = null;
  }

  #sendAgain(): void {
    this.#waiting = [...this.#sent, ...this.#waiting];
    this.#waitingBytes += this.#sentBytes;
    this.#sent = [];
    this.#sentBytes = 0;
    this.#chunks = 0;
    this.#begun = 0;
  }

  /** The next bytes of what waits, of as many frames as there is room for. */
  #nextChunk(): Uint8Array {
    const pieces: Uint8Array[] = [];
    let size = 0;
    let whole = 0;
    for (const { bytes } of this.#waiting) {
      const piece = bytes.subarray(this.#begun, this.#begun + STREAM_BYTES_MAX - size);
      pieces.push(piece);
      size += piece.length;
      this.#begun += piece.length;
      if (this.#begun < bytes.length) break;
      this.#begun = 0;
      whole++;
      if (size === STREAM_BYTES_MAX) break;
    }
    this.#sent.push(...this.#waiting.splice(0, whole));
    this.#waitingBytes -= size;
    this.#sentBytes += size;
    return concat(pieces, size);
  }

  #tell(message: DaemonMessage): void {
    assert(this.#view !== null, 'there is somebody to tell');
    this.#handler.send(encode({ view: this.#view.id, message }));
  }
}

function emptyState(name: string): StatePart {
  return { kind: 'state', together: [name], members: new Map(), last: true };
}

function joinParts(parts: readonly StatePart[]): DaemonMembers {
  const members = new Map<string, readonly string[]>();
  for (const part of parts) {
    for (const [group, users] of part.members) {
      members.set(group, [...(members.get(group) ?? []), ...users]);
    }
  }
  return members;
}

function concat(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
