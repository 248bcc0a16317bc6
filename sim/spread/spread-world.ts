/**
 * Spread daemons over an ideal group, and clients of theirs: all of both ends of the protocol, and
 * nothing between them but memory.
 */
import {
  ClientSession,
  type Multicast,
  type Request,
} from '../../src/core/spread/client-session.ts';
import { SpreadServer } from '../../src/core/spread/server/server.ts';
import type {
  ServerEffect,
  ServerEvent,
  SpreadLimits,
} from '../../src/core/spread/server/server-events.ts';
import type { SpreadEvent } from '../../src/core/spread/session-events.ts';
import { unreachable } from '../../src/core/util/assert.ts';
import type { Random } from '../ring/random.ts';
import { IdealGroup, IdealMember } from './ideal-group.ts';

export class SimClient {
  readonly session: ClientSession;
  readonly node: SimNode;
  readonly id: number;
  readonly events: SpreadEvent[] = [];
  /** Groups it has ever wanted to be in. */
  readonly asked = new Set<string>();
  /** What the daemon said when it closed. */
  closed: string | null = null;

  constructor(node: SimNode, id: number, user: string, membership: boolean) {
    this.node = node;
    this.id = id;
    this.session = new ClientSession({ user, membership });
  }

  get name(): string {
    return this.session.privateName;
  }

  join(group: string): void {
    this.asked.add(group);
    this.ask(this.session.join(group));
  }

  leave(group: string): void {
    this.ask(this.session.leave(group));
  }

  /** Agreed, unless it says otherwise. */
  say(groups: string | readonly string[], text: string, more: Partial<Multicast> = {}): void {
    const to = typeof groups === 'string' ? [groups] : groups;
    const bytes = new TextEncoder().encode(text);
    this.ask(this.session.multicast({ service: 0x10, groups: to, type: 0, bytes, ...more }));
  }

  quit(): void {
    this.ask(this.session.quit());
  }

  ask(request: Request): void {
    if ('bytes' in request) this.node.receive(this, request.bytes);
  }

  /** `join chat: a b`, `chat: hello`, and so on: what a person would note down. */
  get heard(): string[] {
    return this.events.map((event) => {
      switch (event.kind) {
        case 'membership': {
          const who = event.members.join(' ');
          const sets = event.cause === 'network' ? event.sets.map((set) => set.join('+')) : [];
          return `${[event.cause, ...sets].join(' ')} ${event.group}: ${who}`;
        }
        case 'message':
          return `${event.sender} ${event.groups.join(',')}: ${textOf(event.bytes)}`;
        case 'transition':
        case 'left':
          return `${event.kind} ${event.group}`;
        case 'rejected':
          return `rejected ${event.service} ${event.groups.join(',')}`;
        case 'connected':
          return `connected ${event.privateName}`;
        case 'lost':
          return `lost ${event.code}`;
        default:
          return unreachable(event);
      }
    });
  }
}

export class SimNode {
  readonly name: string;
  readonly server: SpreadServer;
  readonly place: IdealMember;
  readonly clients = new Map<number, SimClient>();
  readonly reports: string[] = [];
  reading = true;
  /** Whether clients read what is written for them. */
  reads = true;

  constructor(name: string, bootId: number, limits?: SpreadLimits) {
    this.name = name;
    this.server = new SpreadServer(name, limits);
    this.place = new IdealMember({ name, bootId }, (event) => this.step({ kind: 'group', event }));
  }

  receive(client: SimClient, bytes: Uint8Array): void {
    this.step({ kind: 'received', session: client.id, bytes });
  }

  /** The client's end of the connection is closed. */
  cut(client: SimClient): void {
    this.clients.delete(client.id);
    this.step({ kind: 'closed', session: client.id });
  }

  step(event: ServerEvent): void {
    this.#apply(this.server.step(event));
    if (event.kind !== 'turn') this.#apply(this.server.step({ kind: 'turn' }));
  }

  #apply(effects: readonly ServerEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'write':
          this.#write(effect.session, effect.bytes);
          break;
        case 'close': {
          const client = this.clients.get(effect.session);
          if (client !== undefined) client.closed = `${effect.code} ${effect.reason}`;
          this.clients.delete(effect.session);
          this.#apply(this.server.step({ kind: 'closed', session: effect.session }));
          break;
        }
        case 'send':
          this.place.send(effect.bytes);
          break;
        case 'reading':
          this.reading = effect.on;
          break;
        case 'report':
          this.reports.push(effect.text);
      }
    }
  }

  #write(session: number, bytes: Uint8Array): void {
    const client = this.clients.get(session);
    if (client === undefined || !this.reads) return;
    this.#apply(this.server.step({ kind: 'written', session, count: 1 }));
    for (const effect of client.session.receive(bytes)) {
      if (effect.kind === 'event') client.events.push(effect.event);
      else this.#apply(this.server.step({ kind: 'received', session, bytes: effect.bytes }));
    }
  }
}

export class SpreadWorld {
  readonly group: IdealGroup;
  readonly nodes: SimNode[] = [];
  #ids = 100;

  constructor(random: Random) {
    this.group = new IdealGroup(random);
  }

  start(name: string, limits?: SpreadLimits): SimNode {
    const node = new SimNode(name, this.#ids++, limits);
    this.nodes.push(node);
    this.group.add(node.place);
    this.group.connect([[node.place]]);
    return node;
  }

  /** With all its clients. */
  kill(node: SimNode): void {
    this.nodes.splice(this.nodes.indexOf(node), 1);
    this.group.remove(node.place);
    node.clients.clear();
  }

  /** Of the others everybody is alone. */
  connect(...parts: (readonly SimNode[])[]): void {
    const others = this.nodes.filter((node) => !parts.some((part) => part.includes(node)));
    const all = [...parts, ...others.map((node) => [node])].filter((part) => part.length > 0);
    this.group.connect(all.map((part) => part.map(({ place }) => place)));
  }

  client(node: SimNode, user: string, options: { membership?: boolean; allowed?: boolean } = {}) {
    const { membership = true, allowed = true } = options;
    const client = new SimClient(node, this.#ids++, user, membership);
    node.clients.set(client.id, client);
    node.step({ kind: 'opened', nowMs: 0, session: client.id, allowed });
    node.receive(client, client.session.begin());
    return client;
  }
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
