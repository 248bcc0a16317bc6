/**
 * What a candidacy function works on: the servers still in question, in order of preference.
 *
 * A chain of functions runs for every request, so the list is one long-lived object per worker that
 * functions change in place; nothing here allocates once it has grown to the size of the cluster.
 * A function never invents a server and never keeps one twice (candidacy.conformance.test.ts).
 *
 * Source: Schlossnagle, "mod_backhand", JHU CNDS-2000-2, section 3: `int f(request_rec *r,
 * ServerSlot *servers, int *n, char *arg)`. `servers` and `count` are its `servers` and `n`.
 */

/**
 * How a node describes its own readiness. Only `up` takes requests that have no session with it.
 * `relaying` has nothing to serve at all, a director: it is nobody's last resort either.
 */
export const NodeState = { up: 0, draining: 1, sick: 2, relaying: 3 } as const;
export type NodeState = (typeof NodeState)[keyof typeof NodeState];

/** One node as the cluster table knows it: what it last announced, and when we heard that. */
export type Server = {
  /** Index in the cluster table; 0 is the node this program runs on. */
  readonly slot: number;
  readonly name: string;
  /** Where it takes relayed requests; an IP literal. */
  readonly address: string;
  readonly port: number;
  /** When its last announcement was heard, on our own clock, in ms since the epoch. */
  readonly heardMs: number;
  /** Differs after a restart of the node's daemon. */
  readonly bootId: number;
  readonly state: NodeState;
  /** One-minute load average times 1000. */
  readonly loadMilli: number;
  /** Smallest power of two no load heard of exceeds, times 1000; see `load-hwm.ts`. */
  readonly loadHwmMilli: number;
  /** Share of the last interval in which the processors idled, times 1000. */
  readonly cpuIdleMilli: number;
  readonly cpuCount: number;
  /** Speed of the machine: iterations of a fixed loop per second; 0 while not yet measured. */
  readonly arriba: number;
  readonly memoryTotalMb: number;
  readonly memoryAvailableMb: number;
  /** How many requests its application works on at once; 0 when not known. */
  readonly capacity: number;
  /** Requests it was working on when it announced. */
  readonly inFlight: number;
  /** Requests this machine has sent it and not had answered yet, all workers together. */
  readonly outstanding: number;
  /** Of those, the ones sent after its announcement was heard, so not yet in its own figures. */
  readonly sentSinceHeard: number;
  /** Requests this machine has sent it and had answered, ever. */
  readonly backhanded: number;
  /** Mean time from sending a request to the end of its answer, over about the last 1000, in ms. */
  readonly turnaroundMs: number;
  /**
   * A connection to it failed since its last announcement: chosen only when nobody else is left.
   */
  readonly suspect: boolean;
};

/**
 * The request that asks, as far as a choice may depend on it. Strings are decoded when first read.
 */
export type Asking = {
  readonly nowMs: number;
  /** Uniform in [0, 1); a parameter, so that one seed gives one choice. */
  readonly random: () => number;
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  /** Value of the Host field, port included; '' when absent. */
  readonly host: string;
  /**
   * The first field of that name (lower case) with its surrounding white space removed, or null.
   */
  readonly field: (name: string) => string | null;
  /**
   * Every field of that name, in order; none is an empty array. A request may bring several
   * Cookies.
   */
  readonly fields: (name: string) => readonly string[];
  readonly clientAddress: string;
};

/** How the winner gets the request. `local` needs no word: it is what happens when we win. */
export type Delivery =
  | { readonly kind: 'proxy' }
  | { readonly kind: 'redirectToIp' }
  | { readonly kind: 'redirectToName'; readonly format: string };

export const PROXY: Delivery = { kind: 'proxy' };

/** Which servers a chain may work on at all; `chain.ts` says which rule holds when. */
export type Admission = (server: Server, asking: Asking) => boolean;

/** A function of the user's own misbehaved; the list was left as it was. */
export type Fault = { readonly candidacy: string; readonly reason: string };

export class Candidates {
  /** The first `count` entries are the candidates, best first; what follows is left over. */
  readonly servers: Server[] = [];
  count = 0;
  delivery: Delivery = PROXY;
  /** Every known server in slot order, self first: what `addSelf` may bring back. */
  known: readonly Server[] = [];
  /** Who may be in the list now. A function that extends the list asks this first. */
  admits: Admission = admitsEveryone;
  /** The server `bySession` narrowed the list to, whether or not it is still in it. */
  session: Server | null = null;
  /** Set by `addPrediction`: scores from here on count what we sent since each announcement. */
  predicting = false;
  /** Told of every misbehaving user function; the worker counts and logs here. */
  onFault: (fault: Fault) => void = ignoreFault;
  readonly #scores: number[] = [];

  /** Starts over with every known server in slot order, as every chain does (CNDS-2000-2, 3). */
  reset(known: readonly Server[]): void {
    this.known = known;
    this.count = known.length;
    for (let i = 0; i < known.length; i++) this.servers[i] = known[i]!;
    this.delivery = PROXY;
    this.admits = admitsEveryone;
    this.session = null;
    this.predicting = false;
  }

  has(server: Server): boolean {
    for (let i = 0; i < this.count; i++) if (this.servers[i] === server) return true;
    return false;
  }

  /** Leaves only this one, which must be in the list. */
  narrowTo(server: Server): void {
    this.servers[0] = server;
    this.count = 1;
  }

  /**
   * Keeps those for which `test` holds, in order. `argument` spares callers a closure per request.
   */
  keep<T>(test: (server: Server, argument: T) => boolean, argument: T): void {
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      const server = this.servers[i]!;
      if (test(server, argument)) this.servers[kept++] = server;
    }
    this.count = kept;
  }

  /**
   * Sorts ascending by `score`, stably: ties keep the order they came in. Insertion, as n is small.
   */
  sortBy<T>(score: (server: Server, argument: T) => number, argument: T): void {
    const { servers } = this;
    const scores = this.#scores;
    for (let i = 0; i < this.count; i++) {
      const server = servers[i]!;
      const own = score(server, argument);
      let hole = i;
      while (hole > 0 && scores[hole - 1]! > own) {
        scores[hole] = scores[hole - 1]!;
        servers[hole] = servers[hole - 1]!;
        hole--;
      }
      scores[hole] = own;
      servers[hole] = server;
    }
  }
}

/** One step of a chain, with its argument already bound. */
export type Candidacy = {
  /** As written in the configuration, argument included: for traces and error messages. */
  readonly name: string;
  readonly apply: (candidates: Candidates, asking: Asking) => void;
  /** May pick a draining server, so those stay in the list until it has run (`chain.ts`). */
  readonly findsSession?: true;
  /**
   * The figure it judged this server by, `load 3.70`: for `forehand why`, never on the hot path.
   */
  readonly figure?: (server: Server, candidates: Candidates, asking: Asking) => string;
  /** Text of the user's own function, so that a reload can tell whether it has changed. */
  readonly source?: string;
};

function admitsEveryone(): boolean {
  return true;
}

function ignoreFault(): void {}
