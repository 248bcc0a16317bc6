/**
 * Judges what the members were told against the four promises of `group.ts`, from outside.
 *
 * What a newcomer gets wrong: the judge knows nothing of the ring's own state. All it sees is what
 * was sent, what was delivered, and who ended; a promise that only the ring can check is no
 * promise.
 */
import type { GroupEvent, Member, View } from '../../src/core/ring/group.ts';
import type { Watcher } from './world.ts';

/** One run of a process. */
export type Subject = { readonly member: Member };

/** One view as one life lived it. */
type Stay = {
  readonly key: string;
  readonly view: View;
  /** The stay before it, when this life came straight from there. */
  readonly from: Stay | null;
  readonly delivered: string[];
  blocked: boolean;
};

type Record = {
  readonly life: Subject;
  readonly stays: Stay[];
  /** Where it is; null before the first view and after a stall. */
  stay: Stay | null;
  epochLast: number;
  readonly heard: Set<string>;
  /** It stood still for longer than the others wait, in a view: the next it says must be that. */
  mustStall: boolean;
  /** Sent while there was no view to send in: belongs to the next one. */
  readonly held: string[];
};

type Sent = { readonly by: Record; in: Stay | null };

export type JudgeOptions = {
  /** Who stood still for longer in a view must say that it stalled. */
  readonly silenceMs: number;
  /**
   * Members of one view may be parted for so short a time that no other view comes between, and
   * have delivered different things then. They must know it.
   */
  readonly mayDiverge?: boolean;
};

export class Judge implements Watcher {
  views = 0;
  messages = 0;
  stalls = 0;
  readonly #silenceMs: number;
  readonly #mayDiverge: boolean;
  #records = new Map<Subject, Record>();
  readonly #sent = new Map<string, Sent>();
  /** By view: who has installed it. */
  readonly #installed = new Map<string, Map<Record, Stay>>();

  constructor({ silenceMs, mayDiverge = false }: JudgeOptions) {
    this.#silenceMs = silenceMs;
    this.#mayDiverge = mayDiverge;
  }

  started(life: Subject): void {
    const heard = new Set<string>();
    const record = { life, stays: [], stay: null, epochLast: 0, heard, held: [], mustStall: false };
    this.#records.set(life, record);
  }

  sent(life: Subject, bytes: Uint8Array): void {
    const record = this.#records.get(life)!;
    const id = idOf(bytes);
    const open = record.stay !== null && !record.stay.blocked ? record.stay : null;
    this.#sent.set(id, { by: record, in: open });
    if (open === null) record.held.push(id);
  }

  delivered(life: Subject, event: GroupEvent): void {
    const record = this.#records.get(life)!;
    must(!record.mustStall || event.kind === 'stalled', record, 'says first that it stalled');
    record.mustStall = false;
    switch (event.kind) {
      case 'view':
        this.#view(record, event.view);
        break;
      case 'message':
        this.#message(record, event.senderIndex, event.bytes);
        break;
      case 'blocked':
        must(record.stay !== null && !record.stay.blocked, record, 'is blocked in an open view');
        record.stay!.blocked = true;
        break;
      case 'stalled':
        this.stalls++;
        must(record.stay !== null, record, 'stalls in a view');
        record.stay = null;
        record.held.length = 0;
        break;
    }
  }

  thawed(life: Subject, frozenMs: number): void {
    const record = this.#records.get(life)!;
    record.mustStall ||= record.stay !== null && frozenMs > this.#silenceMs;
  }

  ended(_life: Subject): void {}

  /** What can only be said at the end, when every member has said its last. */
  finish(): void {
    for (const installed of this.#installed.values()) this.#sameOrder([...installed.values()]);
  }

  /** Everybody alive is in one view with everybody alive. */
  agreed(lives: readonly Subject[]): boolean {
    const keys = lives.map((life) => this.#records.get(life)?.stay?.key);
    const [first] = lives;
    const stay = first && this.#records.get(first)?.stay;
    return (
      stay != null &&
      keys.every((key) => key === keys[0]) &&
      stay.view.members.length === lives.length &&
      lives.every((life) => !this.#records.get(life)!.stay!.blocked)
    );
  }

  /** Every message of those alive that belongs to their present view has come to all of them. */
  quiet(lives: readonly Subject[]): boolean {
    const lists = lives.map((life) => this.#records.get(life)!.stay?.delivered.length);
    const alive = new Set(lives);
    const open = [...this.#sent].some(([id, { by, in: stay }]) => {
      if (!alive.has(by.life) || stay === null || stay !== by.stay) return false;
      return !by.heard.has(id);
    });
    return !open && lists.every((length) => length === lists[0]);
  }

  #view(record: Record, view: View): void {
    const { life, stay: from } = record;
    const self = view.members[view.selfIndex];
    must(self?.bootId === life.member.bootId, record, 'is in every view it installs');
    must(view.id.epoch > record.epochLast, record, 'installs views of growing ids');
    const names = view.members.map(({ name }) => name);
    must([...new Set(names)].sort().join() === names.join(), record, 'sees members by name, once');
    must(from === null || from.blocked, record, 'is blocked before a view changes');
    if (from !== null) this.#allSelfDelivered(record, from);
    record.epochLast = view.id.epoch;
    const proposer = view.members.find(({ name }) => name === view.id.proposer);
    const key = `${view.id.epoch} ${proposer?.bootId}`;
    const stay: Stay = { key, view, from, delivered: [], blocked: false };
    record.stay = stay;
    record.stays.push(stay);
    for (const id of record.held.splice(0)) this.#sent.get(id)!.in = stay;
    this.views++;

    const installed = this.#installed.get(key) ?? new Map<Record, Stay>();
    this.#installed.set(key, installed);
    for (const [other, theirs] of installed) {
      const same = membersOf(theirs.view) === membersOf(view);
      must(same, record, `has the same members in view ${key} as ${other.life.member.name}`);
      this.#sameWay(record, stay, other, theirs);
    }
    installed.set(record, stay);
  }

  /** Two that install one view: together if, and only if, they come from one view; then alike. */
  #sameWay(record: Record, stay: Stay, other: Record, theirs: Stay): void {
    const along = stay.from !== null && stay.from.key === theirs.from?.key;
    const alike = along && stay.from.delivered.join() === theirs.from.delivered.join();
    const together = this.#mayDiverge ? alike : along;
    const said = stay.view.together.includes(theirs.view.selfIndex);
    const saidBack = theirs.view.together.includes(stay.view.selfIndex);
    const name = other.life.member.name;
    must(said === together && saidBack === together, record, `knows whether ${name} came along`);
    if (!together) return;
    must(alike, record, `has delivered the same as ${name} before view ${stay.key}`);
  }

  #message(record: Record, senderIndex: number, bytes: Uint8Array): void {
    const { stay } = record;
    const id = idOf(bytes);
    const sent = this.#sent.get(id);
    must(stay !== null, record, 'delivers in a view');
    must(sent !== undefined, record, 'delivers what was sent');
    must(!record.heard.has(id), record, 'delivers once');
    record.heard.add(id);
    const sender = stay!.view.members[senderIndex];
    must(sender?.bootId === sent!.by.life.member.bootId, record, 'knows the sender');
    const where = sent!.in;
    must(where !== null && where.key === stay!.key, record, 'delivers in the view it was sent in');
    stay!.delivered.push(id);
    this.messages++;
  }

  #allSelfDelivered(record: Record, from: Stay): void {
    for (const [id, sent] of this.#sent) {
      if (sent.in !== from) continue;
      must(record.heard.has(id), record, 'delivers its own messages before the view changes');
      if (sent.by === record) sent.in = from;
    }
  }

  /** Any two deliver what both of them deliver in one order. */
  #sameOrder(stays: readonly Stay[]): void {
    const places = stays.map(({ delivered }) => new Map(delivered.map((id, i) => [id, i])));
    stays.forEach((stay, a) => {
      for (let b = a + 1; b < stays.length; b++) {
        let last = -1;
        for (const id of stay.delivered) {
          const place = places[b]!.get(id);
          if (place === undefined) continue;
          if (place < last) throw new Error(`two orders of messages in view ${stay.key}`);
          last = place;
        }
      }
    });
  }
}

function must(holds: boolean, { life }: Record, what: string): void {
  if (!holds) throw new Error(`broken: ${life.member.name} ${what}`);
}

function membersOf(view: View): string {
  return view.members.map(({ name, bootId }) => `${name}/${bootId}`).join(' ');
}

function idOf(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return `${view.getFloat64(0)}:${view.getFloat64(8)}`;
}
