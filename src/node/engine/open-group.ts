/**
 * Opens the group with the engine that the configuration names.
 *
 * What a newcomer gets wrong: "a Spread daemon if it answers, else the ring" is decided once, when
 * a node starts. Nodes that decide differently do not hear each other; which one it is, is logged.
 */
import type { GroupEngine } from '../../core/cluster/config.ts';
import type { GroupEvent, Member } from '../../core/ring/group.ts';
import { RingGroup, type RingGroupHandler } from '../ring/ring-group.ts';
import type { RingStart } from '../ring/ring-protocol.ts';
import { SpreadEngine } from '../spread/spread-engine.ts';
import { CorosyncEngine } from './corosync-engine.ts';
import { EngineGroup, type EngineGroupParts } from './engine-group.ts';
import type { NodeGroup, OpenEngineHandler } from './node-group.ts';

export type GroupOptions = {
  readonly engine: GroupEngine;
  readonly ring: RingStart;
};

/** A daemon of this machine or near it answers within this, or is not there. */
const ANSWER_MS = 2_000;

type SpreadOptions = Extract<GroupEngine, { readonly kind: 'spread' }>;

/** @returns the group once it can be used, or why it cannot be */
export async function openGroup(
  { engine, ring }: GroupOptions,
  handler: RingGroupHandler,
): Promise<NodeGroup | { readonly error: string }> {
  if (engine.kind === 'ring') return openRing(ring, handler);
  if (engine.kind === 'corosync') {
    const { group } = ring;
    return joinEngine('corosync', ring, handler, (hear) => new CorosyncEngine({ group }, hear));
  }
  const spread = await openSpread(engine, ring, handler);
  if (spread !== null) return spread;
  handler.onReport(`no Spread daemon answers at ${engine.daemon}: our own ring carries the group`);
  return openRing(ring, handler);
}

async function openRing(
  start: RingStart,
  handler: RingGroupHandler,
): Promise<NodeGroup | { readonly error: string }> {
  const group = await RingGroup.join(start, handler);
  return 'error' in group ? group : new RingBody(group);
}

/** The ring itself has no daemon that could be lost. */
class RingBody implements NodeGroup {
  readonly #group: RingGroup;
  #link = true;
  #serving = true;

  constructor(group: RingGroup) {
    this.#group = group;
  }

  get link(): boolean {
    return this.#link;
  }

  set link(up: boolean) {
    this.#link = up;
    this.#group.link = up;
  }

  get serving(): boolean {
    return this.#serving;
  }

  set serving(on: boolean) {
    this.#serving = on;
    this.#group.serving = on;
  }

  send(bytes: Uint8Array): boolean {
    return this.#group.send(bytes);
  }

  leave(): Promise<void> {
    return this.#group.leave();
  }

  reload(secrets: readonly string[], peers: readonly string[]): void {
    this.#group.reload(secrets, peers);
  }

  async state(): ReturnType<NodeGroup['state']> {
    const engine = {
      kind: 'ring',
      connected: true,
      connectedForMs: null,
      as: null,
      reconnects: 0,
      trouble: null,
      strangers: [],
      ignored: 0,
    } as const;
    return { ring: await this.#group.state(), engine };
  }
}

function joinEngine(
  kind: 'corosync' | 'spread',
  { self, group, secrets }: { self: Member; group: string; secrets: readonly string[] },
  { onEvent, onReport }: { onEvent: (event: GroupEvent) => void; onReport: (text: string) => void },
  open: EngineGroupParts['open'],
): EngineGroup {
  return new EngineGroup({ kind, self, group, secrets }, { open, onEvent, onReport });
}

/** @returns null when no daemon answers, and one is not to be waited for */
async function openSpread(
  { daemon, user, retryMs, otherwise }: SpreadOptions,
  ring: RingStart,
  handler: RingGroupHandler,
): Promise<NodeGroup | null> {
  const first = Promise.withResolvers<void>();
  const patience = setTimeout(() => first.resolve(), ANSWER_MS);
  const onReport = (text: string): void => {
    first.resolve();
    handler.onReport(text);
  };
  const { self, group: name } = ring;
  const options = { daemon, user, retryMs, node: self.name, group: name };
  const group = joinEngine('spread', ring, { ...handler, onReport }, (hear) =>
    spreadEngine(options, hear),
  );
  if (otherwise === 'ring') await first.promise;
  clearTimeout(patience);
  if (otherwise === 'wait' || (await group.state()).engine?.connected === true) return group;
  await group.leave();
  return null;
}

function spreadEngine(
  options: ConstructorParameters<typeof SpreadEngine>[0],
  handler: OpenEngineHandler,
): ReturnType<EngineGroupParts['open']> {
  const engine = new SpreadEngine(options, handler);
  return {
    send: (bytes) => engine.send(bytes),
    leave: () => engine.leave(),
    rejoin: () => engine.rejoin(),
    get health() {
      const { session, connectedMs, reconnects, trouble } = engine.health;
      return { as: session === '' ? null : session, connectedMs, reconnects, trouble };
    },
  };
}
