/**
 * A member of an old group, in the places of our own keeper and of the ring.
 *
 *     SpreadClient ─► SpreadEvent ─► AddressDriver ─► machine ─► hold, release ─► AddressDriver
 *                                                        └─► join, leave, multicast ─► Spread
 *
 * What a newcomer gets wrong: the driver is told of everything first, as a group event, and then
 * asks the machine. So what the machine wants of the kernel is done in the driver's order, and
 * nothing of the driver had to change.
 */
import type { KeeperEffect, KeeperEvent } from '../../core/address/keeper-events.ts';
import type { AddressesConfig, GroupEngine } from '../../core/cluster/config.ts';
import type { GroupEvent } from '../../core/ring/group.ts';
import { SERVICE } from '../../core/spread/constants.ts';
import { userNameOf } from '../../core/spread/names.ts';
import type { SpreadEvent } from '../../core/spread/session-events.ts';
import { ipOctets, networkContains } from '../../core/util/ip.ts';
import { WackamoleMachine } from '../../core/wackamole/machine.ts';
import type { GroupEffect, MachineEvent } from '../../core/wackamole/machine-events.ts';
import { decode, encode, MessageType, OWN_ORDER } from '../../core/wackamole/messages.ts';
import { To } from '../address/address-driver.ts';
import type { AddressKeeper } from '../address/address-keeper.ts';
import { decodeNeighbours, encodeNeighbours } from '../address/neighbour-share.ts';
import type { GroupState, NodeGroup } from '../engine/node-group.ts';
import { SpreadClient } from '../spread/spread-client.ts';

export type WackamoleParts = {
  readonly node: string;
  readonly nowMs: () => number;
  readonly onReport: (text: string) => void;
};

/** A member of an old group has nothing else: without a daemon it waits for one. */
const SPREAD_DEFAULT = { daemon: '4803', user: null, retryMs: 5_000 } as const;

export class WackamoleMember implements NodeGroup {
  readonly #machine: WackamoleMachine;
  readonly #parts: WackamoleParts;
  readonly #group: string;
  readonly #client: SpreadClient;
  readonly #inbox: MachineEvent[] = [];
  #onEvent: (event: GroupEvent) => void = () => undefined;
  #memberships = 0;
  #trouble = '';
  /** Told by the driver through the keeper: a link that is down is a reason to leave. */
  link = true;
  serving = true;

  /** @param real our own address, by which the others know us */
  constructor(config: AddressesConfig, real: string, parts: WackamoleParts) {
    const { name, engine } = config.group;
    this.#parts = parts;
    this.#group = name;
    const options = { ...config, name: parts.node, spreadGroup: name, real };
    this.#machine = new WackamoleMachine(options, parts.nowMs());
    const { daemon, user, retryMs } = spreadOf(engine);
    const session = { daemon, user: user ?? userNameOf(parts.node), retryMs };
    this.#client = new SpreadClient(session, (event) => this.#hear(event));
  }

  /** Begins to be a member. */
  open(onEvent: (event: GroupEvent) => void): this {
    this.#onEvent = onEvent;
    this.#client.open();
    return this;
  }

  get keeper(): AddressKeeper {
    const machine = this.#machine;
    return {
      step: (event) => this.#step(event),
      knows: (mac) => machine.knows(mac),
      status: () => machine.status(),
      causeOf: (group) => machine.causeOf(group),
      whyNoMove: (group, to) => machine.whyNoMove(group, to),
    };
  }

  /** What the driver says to its like; of that an old group knows the ARP caches only. */
  send(bytes: Uint8Array): boolean {
    const neighbours = bytes[0] === To.neighbours ? decodeNeighbours(bytes.subarray(1)) : null;
    if (neighbours === null || this.#machine.status().phase === 'joining') return true;
    this.#client.multicast({
      service: SERVICE.reliable,
      groups: [this.#group],
      type: MessageType.arpCache,
      bytes: encode({ kind: 'arpCache', entries: neighbours }, OWN_ORDER),
    });
    return true;
  }

  /** There are no keys, and nobody to look for. */
  reload(): void {}

  addressOf(name: string): string | null {
    return this.#machine.realOf(name);
  }

  async state(): Promise<GroupState> {
    return { ring: null, engine: null };
  }

  async leave(): Promise<void> {
    this.#client.close();
  }

  #hear(event: SpreadEvent): void {
    if (event.kind === 'lost') this.#complain(event.reason);
    else if (event.kind === 'connected') this.#trouble = '';
    this.#inbox.push({ kind: 'spread', nowMs: this.#parts.nowMs(), event });
    for (const told of this.#groupEventsOf(event)) this.#onEvent(told);
  }

  /** Once for each thing that is new: a daemon that is away is away for long. */
  #complain(reason: string): void {
    if (this.#trouble === reason) return;
    this.#trouble = reason;
    this.#parts.onReport(`Spread: ${reason}; tried again`);
  }

  #groupEventsOf(event: SpreadEvent): GroupEvent[] {
    switch (event.kind) {
      case 'membership':
        return event.group === this.#group ? [this.#viewOf(event)] : [];
      case 'message': {
        const heard: GroupEvent = { kind: 'message', senderIndex: 0, bytes: HEARD };
        const neighbours = neighboursIn(event);
        if (neighbours === null) return [heard];
        return [heard, { kind: 'message', senderIndex: 0, bytes: neighbours }];
      }
      case 'lost':
        return [{ kind: 'stalled' }];
      default:
        return [{ kind: 'blocked' }];
    }
  }

  #viewOf(event: Extract<SpreadEvent, { readonly kind: 'membership' }>): GroupEvent {
    const id = { epoch: ++this.#memberships, proposer: this.#group };
    const members = event.members.map((name) => ({ name, bootId: 0 }));
    const view = { id, members, selfIndex: event.selfIndex, together: [] };
    return { kind: 'view', view, beside: null };
  }

  /** First what was heard, in its order; then what the driver has to say. */
  #step(event: KeeperEvent): KeeperEffect[] {
    const effects: KeeperEffect[] = [];
    const own: MachineEvent[] = event.kind === 'group' ? [] : [event];
    for (const next of [...this.#inbox.splice(0), ...own]) {
      for (const effect of this.#machine.step(next)) {
        if (effect.kind === 'join' || effect.kind === 'leave' || effect.kind === 'multicast') {
          this.#carryOut(effect);
        } else effects.push(effect);
      }
      // Nothing is left to wait for: whoever follows the original gives all away by leaving.
      if (next.kind === 'drain' && next.on) effects.push({ kind: 'drained' });
    }
    return effects;
  }

  #carryOut(effect: GroupEffect): void {
    switch (effect.kind) {
      case 'join':
        this.#client.join(this.#group);
        return;
      case 'leave':
        this.#client.leave(this.#group);
        return;
      case 'multicast': {
        const { service, type, swapped, bytes } = effect;
        const groups = [this.#group];
        this.#client.multicast({ service: SERVICE[service], groups, type, swapped, bytes });
      }
    }
  }
}

/** To the driver: ask the keeper, there is something new. */
const HEARD = Uint8Array.of(To.keeper);

function neighboursIn(event: Extract<SpreadEvent, { readonly kind: 'message' }>) {
  if (event.type !== MessageType.arpCache) return null;
  const message = decode(event.type, event.bytes, OWN_ORDER);
  if (message?.kind !== 'arpCache') return null;
  const neighbours = encodeNeighbours(message.entries);
  return Uint8Array.of(To.neighbours, ...neighbours);
}

function spreadOf(engine: GroupEngine): Omit<SpreadEngine, 'kind' | 'otherwise'> {
  return engine.kind === 'spread' ? engine : SPREAD_DEFAULT;
}

type SpreadEngine = Extract<GroupEngine, { readonly kind: 'spread' }>;

/** Our own IPv4 address, of the network of the pool if there is one; null: there is none. */
export function realAddress(
  own: readonly string[],
  { pool }: Pick<AddressesConfig, 'pool'>,
): string | null {
  const shared = pool.flatMap(({ addresses }) => addresses);
  const usable = own.filter((address) => {
    const octets = ipOctets(address);
    const isOurs = !shared.some((one) => one.address === address);
    return octets?.length === 4 && octets[0] !== 127 && isOurs;
  });
  const near = usable.find((address) => {
    return shared.some((network) => networkContains(network, ipOctets(address)!));
  });
  return near ?? usable[0] ?? null;
}
