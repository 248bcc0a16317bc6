/**
 * A group of a Spread daemon as an engine (core/engine): memberships and messages, as they come.
 *
 *     SpreadClient ─► SpreadEvent ─► EngineEvent ─► member views
 *
 * What a newcomer gets wrong: a session that is lost takes with it what it had sent, and its
 * successor is another member, though its name may be the same. `lost` comes once for each session
 * that was in the group; attempts that fail are for the log and the status.
 */
import type { Engine, EngineEvent } from '../../core/engine/engine.ts';
import { SERVICE } from '../../core/spread/constants.ts';
import { groupNameOf, userNameOf } from '../../core/spread/names.ts';
import type { SpreadEvent } from '../../core/spread/session-events.ts';
import { SpreadClient } from './spread-client.ts';

export type SpreadEngineOptions = {
  readonly daemon: string;
  /** Null: made of the node's name. */
  readonly user: string | null;
  readonly node: string;
  /** Of the cluster; the daemon's group is called as much of that as fits. */
  readonly group: string;
  readonly retryMs: number;
};

export type SpreadEngineHandler = {
  readonly onEvent: (event: EngineEvent) => void;
  /** For the log, once for each thing that is new. */
  readonly onReport: (text: string) => void;
};

/** For the status: how it stands with the daemon. */
export type SpreadEngineHealth = {
  /** `#user#daemon`; empty: no session. */
  readonly session: string;
  /** As `performance.now()` counts; null: there is none. */
  readonly connectedMs: number | null;
  readonly reconnects: number;
  /** Why there is no session, or why the last one was lost. */
  readonly trouble: string | null;
  /** Of the daemon's group, ours or not. */
  readonly members: readonly string[];
};

export class SpreadEngine implements Engine {
  readonly #options: SpreadEngineOptions;
  readonly #handler: SpreadEngineHandler;
  readonly #group: string;
  readonly #client: SpreadClient;
  #members: readonly string[] = [];
  #connectedMs: number | null = null;
  #connects = 0;
  #trouble: string | null = null;

  constructor(options: SpreadEngineOptions, handler: SpreadEngineHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#group = groupNameOf(options.group);
    const { daemon, node, retryMs } = options;
    const user = options.user ?? userNameOf(node);
    this.#client = new SpreadClient({ daemon, user, retryMs }, (event) => this.#hear(event));
    this.#client.open();
  }

  get health(): SpreadEngineHealth {
    return {
      session: this.#client.privateName,
      connectedMs: this.#connectedMs,
      reconnects: Math.max(0, this.#connects - 1),
      trouble: this.#trouble,
      members: this.#members,
    };
  }

  /** Without a session it is lost, as all that was sent on the last one and has not come back. */
  send(bytes: Uint8Array): void {
    const { agreed: service } = SERVICE;
    this.#client.multicast({ service, groups: [this.#group], type: 0, bytes });
  }

  /** Another session, though nobody says that this one is lost; and no event says so. */
  rejoin(): void {
    this.#members = [];
    this.#connectedMs = null;
    this.#client.reconnect();
  }

  leave(): void {
    this.#client.close();
  }

  #hear(event: SpreadEvent): void {
    switch (event.kind) {
      case 'connected':
        this.#begin(event.privateName, event.version);
        return;
      case 'membership':
        if (event.group !== this.#group || event.selfIndex === -1) return;
        this.#members = event.members;
        this.#tell({
          kind: 'membership',
          members: event.members,
          self: this.#client.privateName,
        });
        return;
      case 'transition':
        if (event.group === this.#group) this.#tell({ kind: 'changing' });
        return;
      case 'message':
        // What somebody says to this session alone is not in the order of all.
        if (!event.groups.includes(this.#group)) return;
        this.#tell({ kind: 'message', sender: event.sender, bytes: event.bytes });
        return;
      case 'rejected':
        this.#report('the Spread daemon does not allow what we ask for: see its access rules');
        return;
      case 'left':
        this.#end('the Spread daemon has taken us out of the group');
        return;
      case 'lost':
        this.#end(event.reason);
    }
  }

  #begin(session: string, version: string): void {
    this.#connects++;
    this.#connectedMs = performance.now();
    this.#trouble = null;
    this.#handler.onReport(`connected to Spread ${version} as ${session}`);
    this.#client.join(this.#group);
  }

  #end(reason: string): void {
    const wasIn = this.#members.length > 0;
    this.#members = [];
    this.#connectedMs = null;
    this.#report(`Spread at ${this.#options.daemon}: ${reason}`);
    if (wasIn) this.#tell({ kind: 'lost', reason });
  }

  /** What goes on is said once. */
  #report(trouble: string): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#handler.onReport(trouble);
  }

  #tell(event: EngineEvent): void {
    this.#handler.onEvent(event);
  }
}
