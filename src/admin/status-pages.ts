/** Placeholder while the pages are being written. */

import type { Server } from '../core/candidacy/candidates.ts';
import type { ClusterConfig } from '../core/cluster/config.ts';
import type { Answer, LocalRequest } from '../proxy/answer.ts';
import type { LocalService } from '../proxy/parts.ts';

export type StatusParts = {
  readonly known: () => readonly Server[];
  readonly counters: readonly SharedArrayBuffer[];
  readonly datagrams: SharedArrayBuffer;
  readonly startedMs: number;
  readonly nowMs: () => number;
  readonly config: ClusterConfig;
};

export class StatusPages implements LocalService {
  readonly #parts: StatusParts;
  constructor(parts: StatusParts) {
    this.#parts = parts;
  }
  serve(_: LocalRequest, answer: Answer): void {
    const body = Buffer.from(JSON.stringify(this.#parts.known(), null, 1));
    answer.send(200, 'Content-Type: application/json\r\n', body);
  }
}
