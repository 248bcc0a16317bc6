/**
 * What becomes of one request: the zone it is in, the chain of that zone, and who won.
 *
 * One object for each worker, overwritten by each request, because this runs for all of them.
 * What a newcomer gets wrong: `relayed` requests, those another node has balanced already, go no
 * further than this node, or two directors could hand one to and fro for ever (CNDS-2000-2, 4).
 */

import type { Server } from '../core/candidacy/candidates.ts';
import { choose } from '../core/candidacy/chain.ts';
import { redirectAuthority } from '../core/candidacy/redirect.ts';
import { wayOf } from '../core/candidacy/way.ts';
import { FieldId } from '../core/http1/field-id.ts';
import type { RequestHead } from '../core/http1/request-head.ts';
import { apiName, isBetweenNodes } from '../core/report/api-path.ts';
import { ipOctets } from '../core/util/ip.ts';
import { targetPath } from '../core/zone/target-path.ts';
import { ALTERNATIVES_MAX, Alternatives } from './alternatives.ts';
import type { Relay } from './relay.ts';
import type { RequestAsking } from './request-asking.ts';

/** In the order of WAYS (core/report/record-layout.ts). */
export const Way = {
  local: 0,
  status: 1,
  node: 2,
  redirect: 3,
  nobody: 4,
  refuse: 5,
  admin: 6,
} as const;
export type Way = (typeof Way)[keyof typeof Way];

/** Plain http only, so far. */
export const PORT_DEFAULT = 80;

export class Decision {
  way: Way = Way.local;
  /** Another node has balanced it, and says for whom. */
  relayed = false;
  /** The client's own address, also behind another node. */
  clientAddress = '';
  /** Decoded path. */
  path = '';
  /** For `node`. */
  server: Server | null = null;
  /** The next ones of the final list, best first, for when the first takes no connection. */
  readonly alternatives = new Alternatives();
  /** For `redirect`: the whole Location. */
  location = '';
  /** For `refuse`. */
  status = 400;
  reason = '';
  /** '' in no zone. */
  zoneName = '';

  make(relay: Relay, asking: RequestAsking, head: RequestHead, peer: Peer): void {
    this.alternatives.clear();
    this.server = null;
    this.zoneName = '';
    this.#readRelayed(asking, head, peer);
    asking.clientAddress = this.clientAddress;
    if (peer.trusted && !this.relayed && relay.admin !== null && isBetweenNodes(asking.target)) {
      this.way = Way.admin;
      return;
    }
    const zone = relay.parts.zones.of(asking.target);
    if (zone === null) {
      this.#refuse(asking.target);
      return;
    }
    this.path = zone.path;
    this.zoneName = zone.name ?? '';
    if (zone.handler === 'status') {
      // Whom a chain has chosen must not speak, nor be told anything, in place of the node asked.
      const isApi = relay.admin !== null && !this.relayed && apiName(zone.path) !== null;
      this.way = isApi ? Way.admin : Way.status;
    } else if (zone.chain === null || this.relayed) this.way = Way.local;
    else {
      asking.nowMs = relay.reactor.nowMs;
      const { candidates } = relay;
      const known = relay.parts.cluster.known(asking.nowMs);
      const winner = choose(zone.chain, candidates, known, asking);
      this.server = winner;
      const { delivery } = candidates;
      this.way = Way[wayOf(winner, delivery, zone.selfRedirect, relay.options.onEmpty)];
      if (this.way === Way.node) {
        const count = Math.min(candidates.count, ALTERNATIVES_MAX + 1);
        for (let i = 1; i < count; i++) this.alternatives.add(candidates.servers[i]!);
      } else if (this.way === Way.redirect) {
        const facts = { host: asking.host, portDefault: PORT_DEFAULT };
        const authority = redirectAuthority(delivery, winner!, facts);
        this.location = `http://${authority}${asking.target}`;
      }
    }
  }

  #refuse(target: string): void {
    const found = targetPath(target);
    this.way = Way.refuse;
    this.status = found.kind === 'refused' ? found.refusal.status : 400;
    this.reason = found.kind === 'refused' ? found.refusal.reason : 'no path';
  }

  /** Believed only from the cluster's own addresses, and only when it is an address at all. */
  #readRelayed(asking: RequestAsking, head: RequestHead, peer: Peer): void {
    this.relayed = false;
    this.clientAddress = peer.address;
    if (!peer.trusted || head.fields.indexOf(FieldId.backhandProxied) < 0) return;
    const claimed = asking.field('backhand-proxied') ?? '';
    this.relayed = true;
    if (ipOctets(claimed) !== null) this.clientAddress = claimed;
  }
}

/** The other end of a client's connection. */
export type Peer = { readonly address: string; readonly trusted: boolean };
