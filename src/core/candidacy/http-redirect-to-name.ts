/**
 * `HTTPRedirectToName [format]`: the client is told to go to the chosen server by a name.
 *
 * The name is built from the format, `%S` (the server's announced name) by default;
 * `name-format.ts` has the escapes. A format that would give no valid host name for some request
 * falls back to the address (`redirect.ts`). It changes the delivery, not the list.
 */
import { type ArgumentError, nameOf, orThrow } from './argument.ts';
import type { Candidacy, Delivery } from './candidates.ts';
import { nameFormatError } from './name-format.ts';

export const NAME_FORMAT_DEFAULT = '%S';

export function httpRedirectToName(format?: string): Candidacy {
  return orThrow('httpRedirectToName', parseHttpRedirectToName(format ?? null));
}

export function parseHttpRedirectToName(argument: string | null): Candidacy | ArgumentError {
  const format = argument ?? NAME_FORMAT_DEFAULT;
  const error = nameFormatError(format);
  if (error !== null) return error;
  const delivery: Delivery = { kind: 'redirectToName', format };
  return {
    name: nameOf('HTTPRedirectToName', argument),
    apply: (candidates) => {
      candidates.delivery = delivery;
    },
  };
}
