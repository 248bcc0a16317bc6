/** What a node says of itself through its control socket; `forehand status` prints it. */
import type { NodeAddresses } from '../core/report/node-report.ts';
import type { SpreadStatus } from '../core/spread/server/server-events.ts';
import type { GroupState } from './engine/node-group.ts';

export type NodeStatus = {
  readonly node: string;
  readonly pid: number;
  /** Since the process started. */
  readonly upMs: number;
  /** The proxy: null where this node has none. */
  readonly proxy: {
    readonly listen: readonly string[];
    /** `up`, `draining`, `sick`, `relaying`. */
    readonly state: string;
  } | null;
  /** Null where this node has no part in a pool of addresses. */
  readonly addresses: (NodeAddresses & GroupState) | null;
  /** Null where no Spread daemon runs, or it does not say. */
  readonly spread: SpreadStatus | null;
};
