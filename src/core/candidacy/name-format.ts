/**
 * Formats of `HTTPRedirectToName`: text with escapes for two names, taken apart at their dots.
 *
 *     %S    the chosen server's announced name       web3.dc1.example.net
 *     %H    the host the client asked for, no port   www.shop.example.com
 *     %2S   its first two parts                      web3.dc1
 *     %-1H  all but its first part                   shop.example.com
 *     %+2H  its last two parts                       example.com
 *
 * `#` may stand for the number 1, so `www-%1S.%-#H` is `www-web3.shop.example.com`. A port may
 * follow (`%S:8080`). The original's syntax is only remembered, not documented; this is our
 * definition, made so that the one example that is remembered means what it must have meant.
 *
 * What a newcomer gets wrong: %H is what the client sent. A result that is not a host name is
 * refused, or the Location field would carry whatever a client cares to put into it.
 */
import type { ArgumentError } from './argument.ts';

const ESCAPE = /%([+-]?)(\d{1,2}|#)?([SH])/g;

/** Host names as RFC 1123 2.1 has them, with `_` as found in practice, and an optional port. */
const LABEL = '[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?';
const AUTHORITY = new RegExp(`^${LABEL}(?:\\.${LABEL})*(?::\\d{1,5})?$`, 'i');

export function nameFormatError(format: string): ArgumentError | null {
  const rest = format.replace(ESCAPE, (written, sign, number) =>
    // A sign without a number does not say how many.
    sign !== '' && number === undefined ? written : '',
  );
  if (rest.includes('%')) {
    return {
      error: `unknown escape at "${rest.slice(rest.indexOf('%'))}" in "${format}"`,
      hint: '%S server, %H host, %1S first part, %-1H without the first part, %+2H last two parts',
    };
  }
  if (/[^a-z0-9._:-]/i.test(rest)) return { error: `"${format}" can never be a host name` };
  return null;
}

/**
 * @param host value of the Host field, port included
 * @returns a host name with or without a port, or null where the format yields none
 */
export function formatName(format: string, serverName: string, host: string): string | null {
  const asked = host.replace(/:\d*$/, '');
  const name = format.replace(ESCAPE, (_written, sign, number, which) =>
    partsOf(which === 'S' ? serverName : asked, sign, number),
  );
  return name.length <= 261 && AUTHORITY.test(name) ? name : null;
}

function partsOf(name: string, sign: string, number: string | undefined): string {
  if (number === undefined) return name;
  const parts = name.split('.');
  const count = number === '#' ? 1 : Number(number);
  if (sign === '-') return parts.slice(count).join('.');
  const from = sign === '+' ? Math.max(0, parts.length - count) : 0;
  return parts.slice(from, from + count).join('.');
}
