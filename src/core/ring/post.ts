/**
 * What a step asks for, gathered in order, and the way out for datagrams.
 *
 * What a newcomer gets wrong: protocol datagrams go to each member by itself. A `cast` may reach
 * strangers, and costs as much where the network has no multicast; only heartbeats are for all.
 */

import { Codec } from './codec.ts';
import type { GroupEvent, Member } from './group.ts';
import type { Packet } from './packet.ts';
import type { Endpoint, RingEffect, RingOptions } from './ring-events.ts';

/** Where a member lives: what the detector knows of it, and no more. */
export type Addressee = { readonly member: Member; readonly at: Endpoint };

export class Post {
  readonly codec: Codec;
  #effects: RingEffect[] = [];

  constructor({ group, self }: Pick<RingOptions, 'group' | 'self'>) {
    this.codec = new Codec(group, self.bootId);
  }

  cast(packet: Packet): void {
    this.#effects.push({ kind: 'cast', bytes: this.codec.encode(packet, 0) });
  }

  transmit({ member, at }: Addressee, packet: Packet): void {
    const bytes = this.codec.encode(packet, member.bootId);
    this.#effects.push({ kind: 'transmit', to: at, bytes });
  }

  deliver(event: GroupEvent): void {
    this.#effects.push({ kind: 'deliver', event });
  }

  report(text: string): void {
    this.#effects.push({ kind: 'report', text });
  }

  add(effect: RingEffect): void {
    this.#effects.push(effect);
  }

  /** All there is, and begins anew. */
  take(): readonly RingEffect[] {
    const effects = this.#effects;
    if (effects.length > 0) this.#effects = [];
    return effects;
  }
}
