/**
 * `HTTPRedirectToIP`: the client is told to go to the chosen server's address itself.
 *
 * It changes the delivery, not the list. If this node wins it serves, redirect or not. The last of
 * several delivery functions in a chain counts. `redirect.ts` builds the authority.
 *
 * What a newcomer gets wrong: a redirected request carries no `Backhand-Proxied`, so the target
 * balances it again if its own zones say so.
 */
import { parseNothing } from './argument.ts';
import type { Candidacy, Delivery } from './candidates.ts';

const REDIRECT_TO_IP: Delivery = { kind: 'redirectToIp' };

export function httpRedirectToIP(): Candidacy {
  return {
    name: 'HTTPRedirectToIP',
    apply: (candidates) => {
      candidates.delivery = REDIRECT_TO_IP;
    },
  };
}

export function parseHttpRedirectToIP(argument: string | null) {
  return parseNothing(argument, httpRedirectToIP);
}
