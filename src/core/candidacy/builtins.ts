/**
 * The candidacy functions a configuration file can name, as the article spells them.
 *
 * Every dialect looks names up here, without regard to case (`builtinNamed`), and the reference
 * page is written from it. `off` is not among them: it is no function but the absence of a chain,
 * and the configuration handles it.
 */
import { parseAddPrediction } from './add-prediction.ts';
import { parseAddSelf } from './add-self.ts';
import type { ArgumentError } from './argument.ts';
import { parseByAge } from './by-age.ts';
import { parseByBusyChildren } from './by-busy-children.ts';
import { parseByCost } from './by-cost.ts';
import { parseByCPU } from './by-cpu.ts';
import { parseByHostname } from './by-hostname.ts';
import { parseByLoad } from './by-load.ts';
import { parseByLogWindow } from './by-log-window.ts';
import { parseByRandom } from './by-random.ts';
import { parseBySession } from './by-session.ts';
import type { Candidacy } from './candidates.ts';
import { parseHttpRedirectToIP } from './http-redirect-to-ip.ts';
import { parseHttpRedirectToName } from './http-redirect-to-name.ts';
import { parseRemoveSelf } from './remove-self.ts';

export type Builtin = {
  readonly name: string;
  /** One sentence for `forehand check` and the reference. */
  readonly summary: string;
  /** @param argument the text after the name, quotes removed; null where there is none */
  readonly parse: (argument: string | null) => Candidacy | ArgumentError;
};

export const BUILTINS: readonly Builtin[] = [
  {
    name: 'addPrediction',
    summary: 'lets the functions after it count the requests sent since each announcement',
    parse: parseAddPrediction,
  },
  {
    name: 'addSelf',
    summary: 'puts this node at the end of the list, unless it is in it',
    parse: parseAddSelf,
  },
  {
    name: 'byAge',
    summary: 'drops servers not heard from for so many seconds (20)',
    parse: parseByAge,
  },
  {
    name: 'byBusyChildren',
    summary: 'fewest requests in flight first; a bias is added to every other node (0)',
    parse: parseByBusyChildren,
  },
  {
    name: 'byCost',
    summary: 'first where one more request costs least in processor, memory and capacity',
    parse: parseByCost,
  },
  {
    name: 'byCPU',
    summary: 'most idle processors first; "only" keeps just the best',
    parse: parseByCPU,
  },
  {
    name: 'byHostname',
    summary: 'keeps servers whose name matches a regular expression',
    parse: parseByHostname,
  },
  {
    name: 'byLoad',
    summary: 'least loaded first; a bias is added to every other node (0)',
    parse: parseByLoad,
  },
  {
    name: 'byLogWindow',
    summary: 'keeps the first log2 n servers, one at least',
    parse: parseByLogWindow,
  },
  {
    name: 'byRandom',
    summary: 'puts the servers into a random order',
    parse: parseByRandom,
  },
  {
    name: 'bySession',
    summary: 'keeps only the server that the session names (PHPSESSID=), if it is alive',
    parse: parseBySession,
  },
  {
    name: 'HTTPRedirectToIP',
    summary: "redirects the client to the chosen server's address",
    parse: parseHttpRedirectToIP,
  },
  {
    name: 'HTTPRedirectToName',
    summary: 'redirects the client to a name made from a format (%S)',
    parse: parseHttpRedirectToName,
  },
  {
    name: 'removeSelf',
    summary: 'drops this node from the list',
    parse: parseRemoveSelf,
  },
];

const BY_NAME = new Map(BUILTINS.map((builtin) => [builtin.name.toLowerCase(), builtin]));

/** Names are case-insensitive, as in Apache. */
export function builtinNamed(name: string): Builtin | null {
  return BY_NAME.get(name.toLowerCase()) ?? null;
}
