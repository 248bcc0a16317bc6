/**
 * Loading the configuration again while the node runs.
 *
 *     files ─► configuration ─► differences ─► applied whole ─► said, one line each
 *                └── wrong ────────────────────┴── cannot be had: nothing has changed, and why
 *
 * What a newcomer gets wrong: it is applied even when there seems to be no difference. A file that
 * the configuration imports may have changed in ways that no comparison sees (difference.ts).
 */
import { PLAIN } from '../config/diagnostic.ts';
import { diagnosticReport, diagnosticsText } from '../config/diagnostic-report.ts';
import { environmentOf, type MachineFacts, systemEnvironment } from '../config/environment.ts';
import { loadConfiguration } from '../config/load.ts';
import type { ClusterConfig } from '../core/cluster/config.ts';
import { applicable, differences } from '../core/cluster/difference.ts';
import type { ReloadAnswer } from '../core/report/reload-answer.ts';
import { isOfPool } from './listen-addresses.ts';
import { applyOverrides } from './overrides.ts';
import type { Overrides } from './worker-protocol.ts';

export type ReloaderParts = {
  readonly files: readonly string[];
  readonly nodeName: string | null;
  readonly defines: readonly string[];
  readonly overrides: Overrides;
  /** What the node goes by. */
  readonly running: () => ClusterConfig;
  /** @returns null once the node goes by it, or why not one part of it does */
  readonly apply: (config: ClusterConfig, machine: MachineFacts) => Promise<string | null>;
  /** @param origin who asked for it */
  readonly log: (text: string, origin: string) => void;
};

export class Reloader {
  readonly #parts: ReloaderParts;
  /** One after the other: each compares with what the one before it has left. */
  #last: Promise<unknown> = Promise.resolve();
  #waiting: Promise<ReloadAnswer> | null = null;

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
  }

  reload(origin: string): Promise<ReloadAnswer> {
    // One that has not begun will see what this one would: however many ask, there are two.
    if (this.#waiting !== null) return this.#waiting;
    const next = this.#last.then(() => {
      this.#waiting = null;
      return this.#reload(origin);
    });
    this.#waiting = next;
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #reload(origin: string): Promise<ReloadAnswer> {
    const { files, overrides, running, apply } = this.#parts;
    const log = (text: string): void => this.#parts.log(text, origin);
    const machine = this.#machine();
    const loaded = await loadConfiguration(files, environmentOf(machine));
    const found = diagnosticsText(loaded, PLAIN, ['error', 'warning']).trimEnd();
    if (found !== '') log(found);
    if (loaded.config === null) {
      const text = 'nothing was changed, as the configuration has errors';
      log(`reload: ${text}`);
      const { diagnostics, sources } = loaded;
      const reports = diagnostics.map((diagnostic) => diagnosticReport(diagnostic, sources));
      return { ok: false, text, diagnostics: reports };
    }
    const before = running();
    const wanted = applyOverrides(loaded.config, overrides);
    const changes = differences(before, wanted).map(({ text }) => text);
    const problem = await apply(applicable(before, wanted), machine);
    if (problem !== null) {
      const text = `nothing was changed: ${problem}`;
      log(`reload: ${text}`);
      return { ok: false, text, diagnostics: [] };
    }
    for (const change of changes) log(`reload: ${change}`);
    const text = changes.length === 0 ? 'loaded, and nothing has changed' : countText(changes);
    if (changes.length === 0) log(`reload: ${text}`);
    return { ok: true, text, changes };
  }

  /** As it is now, without what it holds for the others: that is no address of its own. */
  #machine(): MachineFacts {
    const { nodeName, defines, running } = this.#parts;
    const { hostName, addresses, interfaces } = systemEnvironment({ nodeName, defines });
    const own = addresses.filter((address) => !isOfPool(address, running()));
    return { nodeName, defines, hostName, addresses: own, interfaces };
  }
}

function countText(changes: readonly string[]): string {
  return changes.length === 1 ? 'loaded: 1 change' : `loaded: ${changes.length} changes`;
}
