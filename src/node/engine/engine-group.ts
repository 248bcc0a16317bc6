/**
 * The group on an engine of others: its events to `MemberViews`, and what that asks for back.
 *
 *     CorosyncEngine, SpreadEngine ─► MemberViews ─► GroupEvent
 *
 * What a newcomer gets wrong: each word is signed here, where the engine signs for its own wires
 * only, if at all. Whoever can reach a Spread daemon can say anything in its groups.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Engine } from '../../core/engine/engine.ts';
import {
  MemberViews,
  type ViewsEffect,
  type ViewsEvent,
  type ViewsTiming,
} from '../../core/engine/member-views.ts';
import { type GroupEvent, MESSAGE_BYTES_MAX, type Member } from '../../core/ring/group.ts';
import type {
  EngineHealth,
  EngineState,
  GroupState,
  NodeGroup,
  OpenEngineHandler,
} from './node-group.ts';

const TIMING: ViewsTiming = {
  aliveMs: 200,
  // A newcomer says hello in a few ms; a stranger is waited for once.
  helloMs: 300,
  // Longer than a token of Corosync or Spread is missed, and the members agree anew: up to 7 s.
  stuckMs: 10_000,
};

const MAC_BYTES = 32;

type OpenedEngine = Engine & { rejoin(): void; readonly health: EngineHealth };

export type EngineGroupOptions = {
  readonly kind: EngineState['kind'];
  readonly self: Member;
  readonly group: string;
  readonly secrets: readonly string[];
};

export type EngineGroupParts = {
  readonly open: (handler: OpenEngineHandler) => OpenedEngine;
  readonly onEvent: (event: GroupEvent) => void;
  readonly onReport: (text: string) => void;
};

export class EngineGroup implements NodeGroup {
  /** An engine knows its links by itself. */
  link = true;
  serving = true;
  readonly #options: EngineGroupOptions;
  readonly #parts: EngineGroupParts;
  readonly #views: MemberViews;
  readonly #engine: OpenedEngine;
  readonly #events: ViewsEvent[] = [];
  #secrets: readonly string[];
  #timer: NodeJS.Timeout | null = null;
  #stepping = false;
  #left = false;
  #unsigned = 0;

  constructor(options: EngineGroupOptions, parts: EngineGroupParts) {
    this.#options = options;
    this.#parts = parts;
    this.#secrets = options.secrets;
    const { self, group } = options;
    this.#views = new MemberViews({ self, group, timing: TIMING }, performance.now());
    this.#engine = parts.open({
      onEvent: (event) => {
        if (event.kind !== 'message') this.#step({ kind: 'engine', nowMs: now(), event });
        else {
          const bytes = this.#opened(event.bytes);
          if (bytes === null) this.#unsigned++;
          else this.#step({ kind: 'engine', nowMs: now(), event: { ...event, bytes } });
        }
      },
      onReport: parts.onReport,
    });
  }

  send(bytes: Uint8Array): boolean {
    if (bytes.length > MESSAGE_BYTES_MAX) return false;
    this.#step({ kind: 'send', nowMs: now(), bytes });
    return true;
  }

  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#engine.leave();
  }

  reload(secrets: readonly string[]): void {
    this.#secrets = secrets;
  }

  async state(): Promise<GroupState> {
    const { as, connectedMs, reconnects, trouble } = this.#engine.health;
    return {
      ring: null,
      engine: {
        kind: this.#options.kind,
        connected: as !== null,
        connectedForMs: connectedMs === null ? null : now() - connectedMs,
        as,
        reconnects,
        trouble,
        strangers: this.#views.strangers(),
        ignored: this.#views.ignored + this.#unsigned,
      },
    };
  }

  /** What the effects of one step bring about is stepped after all of them are done. */
  #step(event: ViewsEvent): void {
    this.#events.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      if (this.#left) break;
      for (const effect of this.#views.step(next)) this.#apply(effect);
    }
    this.#stepping = false;
  }

  #apply(effect: ViewsEffect): void {
    switch (effect.kind) {
      case 'transmit':
        this.#engine.send(this.#sealed(effect.bytes));
        return;
      case 'deliver':
        this.#parts.onEvent(effect.event);
        return;
      case 'rejoin':
        this.#engine.rejoin();
        return;
      case 'wake':
        this.#wakeAt(effect.atMs);
        return;
      case 'report':
        this.#parts.onReport(effect.text);
    }
  }

  #wakeAt(atMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    // Rounded up, as timers may be early by a part of a ms.
    const delayMs = Math.max(0, Math.ceil(atMs - now()));
    this.#timer = setTimeout(() => this.#step({ kind: 'tick', nowMs: now() }), delayMs);
  }

  #sealed(bytes: Uint8Array): Uint8Array {
    const [secret] = this.#secrets;
    return secret === undefined ? bytes : Buffer.concat([bytes, macOf(secret, bytes)]);
  }

  /** @returns what was said, or null: it is signed with none of our secrets */
  #opened(bytes: Uint8Array): Uint8Array | null {
    if (this.#secrets.length === 0) return bytes;
    const end = bytes.length - MAC_BYTES;
    if (end < 0) return null;
    const said = bytes.subarray(0, end);
    const mac = bytes.subarray(end);
    const isTrue = this.#secrets.some((secret) => timingSafeEqual(macOf(secret, said), mac));
    return isTrue ? said : null;
  }
}

function macOf(secret: string, bytes: Uint8Array): Uint8Array {
  return createHmac('sha256', secret).update(bytes).digest();
}

function now(): number {
  return performance.now();
}
