/**
 * What becomes of a datagram: into the cluster table, or only counted.
 *
 *     bytes ─► sender in accept? ─► announcement? ─► not our own? ─► news? ─► table
 *                  outside           malformed ...    own             late ...   full
 *
 * What a newcomer gets wrong: the order. What is cheapest to see comes first, as anyone can send
 * anything; what changes our memory comes last, so that nothing refused leaves a trace but a
 * number. Nothing is logged for each datagram: a flood of them would otherwise fill the disk.
 */
import { LoadHwm, scaledLoadMilli } from '../candidacy/load-hwm.ts';
import type { Network } from '../cluster/config.ts';
import { ipOctets, networkContains } from '../util/ip.ts';
import {
  type Announcement,
  decode,
  isRejected,
  type RejectedReason,
  type Signer,
} from './announcement.ts';
import type { ClusterTable } from './cluster-table.ts';
import { type Heard, judge, type Verdict } from './replay.ts';

export type IgnoredReason =
  | RejectedReason
  | Exclude<Verdict['kind'], 'news'>
  /** The sender's address is in no network of `accept`. */
  | 'outside'
  /** Our own, which broadcast and multicast give back. */
  | 'own'
  /** Another node, or an earlier boot of ours, with our contact address. */
  | 'own-contact'
  /** The table has no slot to give. */
  | 'full';

export type Hearing =
  | { readonly kind: 'heard'; readonly slot: number; readonly isNew: boolean }
  | { readonly kind: 'ignored'; readonly reason: IgnoredReason };

export type Datagram = {
  readonly bytes: Uint8Array;
  readonly senderAddress: string;
  readonly nowMs: number;
};

export type SelfFacts = {
  readonly bootId: number;
  readonly address: string;
  readonly port: number;
};

export type ListenerOptions = {
  readonly accept: readonly Network[];
  /** Null: no secret is set. */
  readonly signer: Signer | null;
  readonly self: SelfFacts;
};

export class Listener {
  /** Replaced by a reload: what was heard before still counts. */
  options: ListenerOptions;
  readonly #table: ClusterTable;
  /** By slot. */
  readonly #heard: (Heard | undefined)[] = [];
  /** By slot, ours at 0: whose machine is the fastest. */
  readonly #arribas: number[] = [];
  readonly #hwm = new LoadHwm();
  readonly #counts = new Map<IgnoredReason | 'heard', number>();

  constructor(options: ListenerOptions, table: ClusterTable) {
    this.options = options;
    this.#table = table;
  }

  hear(datagram: Datagram): Hearing {
    const hearing = this.#judge(datagram);
    const name = hearing.kind === 'heard' ? 'heard' : hearing.reason;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    return hearing;
  }

  /** Datagrams so far, by what became of them. */
  get counts(): ReadonlyMap<IgnoredReason | 'heard', number> {
    return this.#counts;
  }

  /** Our own figures count for the high-water mark like anyone's. */
  noteSelf(figures: { readonly loadMilli: number; readonly arriba: number }, nowMs: number): void {
    this.#note(0, figures, nowMs);
  }

  /** What to announce as the cluster's peak. */
  loadPeakMilli(nowMs: number): number {
    return this.#hwm.peakMilli(nowMs);
  }

  #judge({ bytes, senderAddress, nowMs }: Datagram): Hearing {
    const { accept, signer, self } = this.options;
    if (!isInside(accept, senderAddress)) return ignored('outside');
    const decoded = decode(bytes, signer);
    if (isRejected(decoded)) return ignored(decoded.rejected);
    if (decoded.bootId === self.bootId) return ignored('own');
    if (decoded.address === self.address && decoded.port === self.port) {
      return ignored('own-contact');
    }
    const known = this.#table.slotOf(decoded);
    const before = known === null ? null : (this.#heard[known] ?? null);
    const verdict = judge(before, decoded, { nowMs, hasSecret: signer !== null });
    if (!('heard' in verdict)) return ignored(verdict.kind);
    if (verdict.kind === 'late') {
      this.#heard[known!] = verdict.heard;
      return ignored('late');
    }
    const slot = this.#table.write(decoded, nowMs);
    if (slot === null) return ignored('full');
    this.#heard[slot] = verdict.heard;
    this.#hwm.raise(decoded.loadPeakMilli, nowMs);
    this.#note(slot, decoded, nowMs);
    return { kind: 'heard', slot, isNew: known === null };
  }

  #note(slot: number, figures: Pick<Announcement, 'loadMilli' | 'arriba'>, nowMs: number): void {
    this.#arribas[slot] = figures.arriba;
    const arribaMax = this.#arribas.reduce((max, arriba) => Math.max(max, arriba), 0);
    this.#hwm.raise(scaledLoadMilli(figures, arribaMax), nowMs);
  }
}

function isInside(accept: readonly Network[], address: string): boolean {
  const octets = ipOctets(address);
  return octets !== null && accept.some((network) => networkContains(network, octets));
}

function ignored(reason: IgnoredReason): Hearing {
  return { kind: 'ignored', reason };
}
