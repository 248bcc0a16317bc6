/**
 * Tells the other nodes how this one is, and writes what they tell into the cluster table.
 *
 *     every interval, and at once on a change:  sample ─► table, slot 0 ─► datagram to all
 *     each datagram:                            Listener ─► table, its slot
 *
 * All deciding is in `core/announce`: what is believed (`hearing.ts`), when to speak (`pace.ts`).
 * This only carries. It owns nothing that is shared but the table, whose writer it is.
 *
 * What a newcomer gets wrong: a node that cannot send still listens and still writes its own slot,
 * so it serves alone rather than not at all.
 */
import type { Announcement, Signer } from '../core/announce/announcement.ts';
import { encode } from '../core/announce/announcement.ts';
import { type ClusterTable, SILENT_MS_MIN } from '../core/announce/cluster-table.ts';
import {
  type Hearing,
  type IgnoredReason,
  Listener,
  type ListenerOptions,
} from '../core/announce/hearing.ts';
import { Pace } from '../core/announce/pace.ts';
import { SLOTS_MAX } from '../core/announce/table-layout.ts';
import { NodeState } from '../core/candidacy/candidates.ts';
import type { Destination, Network } from '../core/cluster/config.ts';
import type { DatagramPort, OpenDatagrams } from '../io/datagram.ts';
import type { Figures } from './sampler.ts';

/** What a reload may change. */
export type AnnouncerTerms = {
  /** Where this node takes relayed requests (`contact.ts`). */
  readonly contact: { readonly address: string; readonly port: number };
  readonly destinations: readonly Destination[];
  readonly intervalMs: number;
  readonly accept: readonly Network[];
  readonly signer: Signer | null;
  /** Own address of the interface for multicast; null: the system's choice. */
  readonly interfaceAddress: string | null;
};

export type AnnouncerOptions = AnnouncerTerms & {
  readonly nodeName: string;
  /** Random, below 2^53, drawn anew at each start. */
  readonly bootId: number;
};

export type AnnouncerParts = {
  readonly open: OpenDatagrams;
  readonly table: ClusterTable;
  readonly sample: () => Figures;
  /** Wall clock in ms since the epoch. */
  readonly nowMs: () => number;
  /** @returns what undoes it */
  readonly after: (callback: () => void, delayMs: number) => () => void;
  /** Troubles of the network and a full table, each time: the owner says them once. */
  readonly onProblem: (problem: string) => void;
  /** Each announcement that was news, for who wants to say that a node appeared. */
  readonly onHeard?: (heard: Extract<Hearing, { kind: 'heard' }>) => void;
};

/** Without the sender's address, so that who says each problem once says this once. */
const FULL =
  `a new node is refused: ${SLOTS_MAX} are known, this one among them, and there is no room for ` +
  `more until one is silent for ${SILENT_MS_MIN / 60_000} minutes`;

export class Announcer {
  #options: AnnouncerOptions;
  readonly #parts: AnnouncerParts;
  readonly #listener: Listener;
  readonly #pace: Pace;
  #port: DatagramPort | null = null;
  #cancel: (() => void) | null = null;
  #running = false;
  #sequence = 0;
  #state: NodeState = NodeState.up;
  #arriba = 0;
  #capacity = 0;

  constructor(options: AnnouncerOptions, parts: AnnouncerParts) {
    this.#options = options;
    this.#parts = parts;
    this.#pace = new Pace(options.intervalMs);
    this.#listener = new Listener(listenerOptions(options), parts.table);
  }

  /** Opens the network and announces for the first time. */
  async start(): Promise<void> {
    this.#running = true;
    await this.#openPort();
    this.#announce();
  }

  /** Goes by other terms, and says so at once. Who was heard stays known. */
  async reload(terms: AnnouncerTerms): Promise<void> {
    const before = this.#options;
    this.#options = { ...before, ...terms };
    this.#listener.options = listenerOptions(this.#options);
    this.#pace.intervalMs = terms.intervalMs;
    if (networkOf(before) !== networkOf(terms)) await this.#openPort();
    this.#announce();
  }

  /** In the place of the one there is, which is closed once there is another. */
  async #openPort(): Promise<void> {
    const { destinations, interfaceAddress } = this.#options;
    const opened = await this.#parts.open(
      { destinations, interfaceAddress },
      {
        onDatagram: (bytes, senderAddress) => this.#hear(bytes, senderAddress),
        onProblem: this.#parts.onProblem,
      },
    );
    if ('problem' in opened) this.#parts.onProblem(opened.problem);
    else if (this.#running) {
      this.#port?.close();
      this.#port = opened;
    } else opened.close();
  }

  get state(): NodeState {
    return this.#state;
  }

  set state(state: NodeState) {
    if (state === this.#state) return;
    this.#state = state;
    this.#pace.change();
    this.#schedule();
  }

  /** 0: not measured yet. Goes with the next announcement. */
  set arriba(arriba: number) {
    this.#arriba = arriba;
  }

  /** 0: not known. Goes with the next announcement. */
  set capacity(capacity: number) {
    this.#capacity = capacity;
  }

  /** Datagrams so far, by what became of them. */
  get counts(): ReadonlyMap<IgnoredReason | 'heard', number> {
    return this.#listener.counts;
  }

  /** Falls silent. To leave politely, set the state to draining before. */
  stop(): void {
    this.#running = false;
    this.#cancel?.();
    this.#cancel = null;
    this.#port?.close();
    this.#port = null;
  }

  #hear(bytes: Uint8Array, senderAddress: string): void {
    const hearing = this.#listener.hear({ bytes, senderAddress, nowMs: this.#parts.nowMs() });
    if (hearing.kind === 'heard') this.#parts.onHeard?.(hearing);
    else if (hearing.reason === 'full') this.#parts.onProblem(FULL);
  }

  #announce(): void {
    if (!this.#running) return;
    const nowMs = this.#parts.nowMs();
    const announcement = this.#compose(nowMs);
    this.#parts.table.writeSelf(announcement, nowMs);
    this.#port?.send(encode(announcement, this.#options.signer));
    this.#pace.sent(nowMs);
    this.#schedule();
  }

  #compose(nowMs: number): Announcement {
    const { nodeName, contact, bootId, intervalMs } = this.#options;
    const figures = this.#parts.sample();
    this.#listener.noteSelf({ loadMilli: figures.loadMilli, arriba: this.#arriba }, nowMs);
    return {
      ...figures,
      ...contact,
      name: nodeName,
      bootId,
      sequence: ++this.#sequence,
      sentMs: nowMs,
      intervalMs,
      state: this.#state,
      loadPeakMilli: this.#listener.loadPeakMilli(nowMs),
      arriba: this.#arriba,
      capacity: this.#capacity,
      // Requests served here are counted as sent to slot 0, from whomever they came.
      inFlight: this.#parts.table.outstanding(0),
    };
  }

  #schedule(): void {
    if (!this.#running) return;
    this.#cancel?.();
    const waitMs = this.#pace.waitMs(this.#parts.nowMs());
    this.#cancel = this.#parts.after(() => this.#announce(), waitMs);
  }
}

function listenerOptions({ accept, signer, bootId, contact }: AnnouncerOptions): ListenerOptions {
  return { accept, signer, self: { bootId, ...contact } };
}

/** What the sockets are opened by. */
function networkOf({ destinations, interfaceAddress }: AnnouncerTerms): string {
  return JSON.stringify([destinations, interfaceAddress]);
}
