/**
 * Wackamole 2.1.4 as a model, with the slips that WACKAMOLE.md's readers found: written apart from
 * `src/core/wackamole`, byte by byte, so that neither hides a mistake of the other.
 *
 * Its slips: one buffer for all that is received and sent, read on behind the end of what came;
 * addresses turned round when the other machine's byte order differs; an address taken and let go
 * at once when a stale move says that it goes to where it is; waiting for ever for whoever says
 * nothing; ending itself when its two counts of what it holds differ.
 */
import type { IdealEvent } from './ideal-spread.ts';

const STATE = 1;
const MATURING = 2;
const BALANCE = 3;
const ARPCACHE = 5;
const BUFFER_BYTES = 16_384;

export type OriginalOptions = {
  readonly name: string;
  readonly real: string;
  readonly addresses: readonly string[];
  readonly prefers: readonly string[];
  readonly little: boolean;
  readonly matureMs: number;
  readonly intervalMs: number;
  /** `all` is half of the pool, once. */
  readonly rate: number | 'all';
};

export type OriginalParts = {
  readonly nowMs: () => number;
  readonly up: (address: string) => void;
  readonly down: (address: string) => void;
  readonly multicast: (type: number, bytes: Uint8Array) => void;
  /** At that time, `tick`. */
  readonly wake: (atMs: number) => void;
};

/** Addresses as the C program keeps them: four bytes in a word. 0: nobody. */
type Word = number;
type Slot = { readonly address: Word; owner: Word; claim: number };
type Member = { real: Word; count: number };

export class Original {
  readonly #options: OriginalOptions;
  readonly #parts: OriginalParts;
  readonly #real: Word;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  #table: Slot[];
  #old: Slot[];
  #members: Member[] = [];
  #index = 0;
  #gid: readonly number[] = [0, 0, 0];
  #pending = 0;
  #state: 'boot' | 'gather' | 'run' = 'boot';
  #mature = false;
  #wasMature = false;
  #own = 0;
  #matureAtMs: number;
  #balanceAtMs = Number.POSITIVE_INFINITY;
  /** It has ended itself, and its addresses stay. */
  crashed = false;

  constructor(options: OriginalOptions, parts: OriginalParts) {
    this.#options = options;
    this.#parts = parts;
    this.#real = word(options.real);
    this.#table = options.addresses.map((address) => ({
      address: word(address),
      owner: 0,
      claim: 0,
    }));
    this.#old = this.#table.map((slot) => ({ ...slot }));
    this.#matureAtMs = parts.nowMs() + options.matureMs;
    parts.wake(this.#matureAtMs);
  }

  get state(): string {
    return this.#state;
  }

  tick(): void {
    if (this.crashed) return;
    const nowMs = this.#parts.nowMs();
    if (nowMs >= this.#matureAtMs) {
      this.#matureAtMs = Number.POSITIVE_INFINITY;
      this.#parts.multicast(MATURING, new Uint8Array());
    }
    if (nowMs >= this.#balanceAtMs) this.#balance(nowMs);
  }

  hear(event: IdealEvent): void {
    if (this.crashed) return;
    if (event.kind === 'membership') {
      this.#enter(event);
      if (!this.crashed) this.#send(ARPCACHE, this.#arpEntries());
    } else if (event.kind === 'message') {
      this.#buffer.set(event.bytes.subarray(0, BUFFER_BYTES));
      const mismatch = event.little !== this.#options.little;
      if (event.type === STATE) this.#hearState(mismatch);
      else if (event.type === MATURING) this.#ripen();
      else if (event.type === BALANCE) this.#hearBalance(mismatch);
    }
  }

  #enter(event: Extract<IdealEvent, { kind: 'membership' }>): void {
    const { gid, members, sets } = event;
    this.#gid = gid;
    let at = 0;
    for (const number of gid) at = this.#put(at, number);
    at = this.#put(at, sets.length);
    at = this.#put(at, 0);
    for (const set of sets) {
      at = this.#put(at, set.length);
      for (const name of set) {
        this.#buffer.fill(0, at, at + 32);
        this.#buffer.set(new TextEncoder().encode(name), at);
        at += 32;
      }
    }
    this.#pending = members.length;
    this.#members = members.map(() => ({ real: 0, count: 0 }));
    this.#index = members.indexOf(this.#options.name);
    if (this.#state === 'run') this.#old = this.#table.map((slot) => ({ ...slot }));
    this.#table = this.#table.map(({ address }) => ({ address, owner: 0, claim: 0 }));
    this.#sendState();
    this.#state = 'gather';
    this.#balanceAtMs = Number.POSITIVE_INFINITY;
  }

  #sendState(): void {
    const held = this.#old.filter(({ owner }) => owner === this.#real);
    let at = 0;
    for (const number of this.#gid) at = this.#put(at, number);
    at = this.#putWord(at, this.#real);
    at = this.#put(at, this.#index);
    at = this.#put(at, this.#mature ? 1 : 0);
    at = this.#put(at, this.#own);
    for (const { address, claim } of held) {
      at = this.#putWord(at, address);
      at = this.#put(at, claim);
    }
    if (held.length !== this.#own) {
      this.crashed = true;
      return;
    }
    at = this.#put(at, this.#options.prefers.length);
    for (const address of this.#options.prefers) at = this.#putWord(at, word(address));
    this.#parts.multicast(STATE, this.#buffer.slice(0, at));
  }

  #hearState(mismatch: boolean): void {
    const number = (at: number): number => this.#get(at, mismatch);
    const flipped = (at: number): Word => this.#word(at, mismatch);
    if (this.#gid.some((part, index) => part !== number(4 * index))) return;
    const real = flipped(12);
    const member = this.#members[number(16)];
    if (member === undefined) {
      this.crashed = true;
      return;
    }
    member.real = real;
    member.count = number(24);
    const count = member.count;
    let at = 28;
    for (let i = 0; i < count; i++, at += 8) {
      this.#hearClaim(member, { real, address: flipped(at), claim: number(at + 4) });
    }
    const prefers = number(at);
    at += 4;
    for (let i = 0; i < prefers; i++, at += 4) {
      const slot = this.#table.find(({ address }) => address === flipped(at));
      if (slot !== undefined && slot.claim < 4) Object.assign(slot, { owner: real, claim: 4 });
    }
    if (!this.#mature && number(20) === 1) this.#ripen();
    this.#pending--;
    if (this.#pending !== 0) return;
    if (this.#mature) this.#run();
    else this.#state = 'boot';
  }

  #hearClaim(
    member: Member,
    {
      real,
      address,
      claim,
    }: { readonly real: Word; readonly address: Word; readonly claim: number },
  ): void {
    const index = this.#table.findIndex((slot) => slot.address === address);
    if (index < 0) return;
    const slot = this.#table[index]!;
    if (slot.owner === 0) {
      Object.assign(slot, { owner: real, claim });
    } else if (slot.claim === 5 || slot.claim === claim) {
      member.count--;
      if (this.#real === real) this.#release(slot);
      this.#old[index] = { ...slot };
    } else if (slot.claim === 2 && claim > 4) {
      if (this.#real === slot.owner) this.#release(slot);
      for (const other of this.#members) if (other.real === slot.owner) other.count--;
      Object.assign(slot, { owner: real, claim });
      this.#old[index] = { ...slot };
    }
  }

  #ripen(): void {
    if (this.#mature) return;
    this.#mature = true;
    this.#matureAtMs = Number.POSITIVE_INFINITY;
    if (this.#state !== 'gather') this.#run();
  }

  #run(): void {
    this.#table.forEach((slot, index) => {
      if (slot.claim !== 4) return;
      const before = this.#old[index]!.owner;
      if (slot.owner === this.#real && before !== this.#real) this.#acquire(slot);
      if (before === this.#real && slot.owner !== this.#real) this.#release(slot);
      for (const member of this.#members) {
        if (member.real === before && member.real !== slot.owner) member.count--;
        if (member.real === slot.owner && member.real !== before) member.count++;
      }
      slot.claim = 5;
    });
    if (!this.#wasMature) {
      this.#wasMature = true;
      for (const member of this.#members) {
        member.count = this.#table.filter(({ owner }) => owner === member.real).length;
      }
    }
    for (const slot of this.#table) {
      if (slot.claim !== 0) continue;
      let least = 0;
      this.#members.forEach(({ count }, index) => {
        if (count < this.#members[least]!.count) least = index;
      });
      if (least === this.#index) this.#acquire(slot);
      this.#members[least]!.count++;
      Object.assign(slot, { owner: this.#members[least]!.real, claim: 2 });
    }
    this.#state = 'run';
    this.#rearm(this.#parts.nowMs());
  }

  #rearm(nowMs: number): void {
    const delayMs = this.#options.rate === 'all' ? 0 : this.#options.intervalMs;
    this.#balanceAtMs = nowMs + delayMs;
    this.#parts.wake(this.#balanceAtMs);
  }

  #balance(nowMs: number): void {
    this.#balanceAtMs = Number.POSITIVE_INFINITY;
    if (this.#index === 0 && this.#state === 'run') this.#sayBalance();
    if (this.#options.rate !== 'all') this.#rearm(nowMs);
  }

  #sayBalance(): void {
    const { rate, addresses } = this.#options;
    const half = Math.floor(addresses.length / 2);
    const rounds = rate === 'all' ? half : Math.min(rate, half);
    const counts = this.#members.map((member) => ({ ...member }));
    const table = this.#table.map((slot) => ({ ...slot }));
    let [least, most, at, said] = [0, 0, 4, rounds];
    for (let round = 0; round < rounds; round++) {
      counts.forEach(({ count }, index) => {
        if (count < counts[least]!.count) least = index;
        if (count > counts[most]!.count) most = index;
      });
      if (counts[most]!.count - counts[least]!.count <= 1) {
        if (round === 0) return;
        said = round;
        break;
      }
      const slot = table.find(({ owner, claim }) => owner === counts[most]!.real && claim < 4);
      // Nothing left to move, and it goes on counting.
      if (slot === undefined) continue;
      at = this.#putWord(at, counts[least]!.real);
      at = this.#putWord(at, slot.address);
      counts[least]!.count++;
      counts[most]!.count--;
      slot.owner = counts[least]!.real;
    }
    this.#put(0, said);
    this.#parts.multicast(BALANCE, this.#buffer.slice(0, at));
  }

  #hearBalance(mismatch: boolean): void {
    if (this.#state !== 'run') return;
    const count = this.#get(0, mismatch);
    for (let i = 0, at = 4; i < count && at + 8 <= BUFFER_BYTES; i++, at += 8) {
      const to = this.#word(at, mismatch);
      const slot = this.#table.find(({ address }) => address === this.#word(at + 4, mismatch));
      if (slot === undefined) continue;
      if (to === this.#real) this.#acquire(slot);
      if (slot.owner === this.#real) this.#release(slot);
      for (const member of this.#members) {
        if (member.real === slot.owner) member.count--;
        if (member.real === to) member.count++;
      }
      slot.owner = to;
    }
  }

  #acquire({ address }: Slot): void {
    this.#parts.up(text(address));
    this.#own++;
  }

  #release({ address }: Slot): void {
    this.#parts.down(text(address));
    this.#own--;
  }

  #send(type: number, bytes: Uint8Array): void {
    this.#buffer.set(bytes);
    this.#parts.multicast(type, bytes);
  }

  /** The router, and itself, as every machine knows them. */
  #arpEntries(): Uint8Array {
    return Uint8Array.of(10, 77, 0, 254, 2, 0, 0, 0, 0, 254, 0, 0);
  }

  #put(at: number, value: number): number {
    this.#view.setInt32(at, value, this.#options.little);
    return at + 4;
  }

  #putWord(at: number, value: Word): number {
    this.#view.setUint32(at, value);
    return at + 4;
  }

  #get(at: number, mismatch: boolean): number {
    return this.#view.getInt32(at, this.#options.little !== mismatch);
  }

  #word(at: number, mismatch: boolean): Word {
    return this.#view.getUint32(at, mismatch);
  }
}

function word(address: string): Word {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

function text(address: Word): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
