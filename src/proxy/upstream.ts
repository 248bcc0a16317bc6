/**
 * One address that requests are sent to, and the idle connections to it.
 *
 * The newest is used first: it is the least likely to be closed from the other side, and the
 * surplus of a busy hour grows old and is closed.
 */
import type { Address } from '../io/reactor.ts';
import type { Backend } from './backend.ts';
import type { Probe } from './probe.ts';

/** Slot of this node in the cluster table. What its own application works on is counted there. */
export const SELF_SLOT = 0;

/** Of what is in no table: the main thread of this node. */
export const NO_SLOT = -1;

export type UpstreamFacts = Pick<Upstream, 'slot' | 'name' | 'idleMax' | 'isApplication'>;

export class Upstream {
  readonly address: Address;
  /** Which node of the cluster table this is. */
  readonly slot: number;
  /** As the node announces itself; '' for the application of this one. */
  name: string;
  /** Under way, when somebody doubts that the machine is still there. */
  probe: Probe | null = null;
  /** Idle connections kept; 0 for an address that nothing is sent to any more. */
  idleMax: number;
  /** This node's own application, now or before a reload. */
  readonly isApplication: boolean;
  readonly #idle: Backend[] = [];

  constructor(address: Address, { slot, name, idleMax, isApplication }: UpstreamFacts) {
    this.address = address;
    this.slot = slot;
    this.name = name;
    this.idleMax = idleMax;
    this.isApplication = isApplication;
  }

  /**
   * The newest idle connection, or null. One that is about to be closed is no connection.
   *
   * @param surely for a request that may not be sent twice: worth a look whether the node has just
   *   closed it
   */
  take(surely: boolean): Backend | null {
    for (;;) {
      const backend = this.#idle.pop();
      if (backend === undefined) return null;
      if (!backend.connection.open) continue;
      if (!surely || backend.connection.quiet) return backend;
      backend.connection.destroy();
    }
  }

  /** @returns false when there are enough already; the caller closes it then. */
  give(backend: Backend): boolean {
    if (this.#idle.length >= this.idleMax) return false;
    this.#idle.push(backend);
    return true;
  }

  remove(backend: Backend): void {
    const index = this.#idle.indexOf(backend);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  /** Nothing is sent there any more; what is under way may still end. */
  retire(): void {
    this.idleMax = 0;
    this.clear();
  }

  /** Closes every idle connection: the node is gone, or we are. */
  clear(): void {
    for (const backend of this.#idle.splice(0)) backend.connection.destroy();
  }
}
