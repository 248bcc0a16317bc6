/**
 * The load this node announces, from the file that `ForehandLoadFrom` names.
 *
 * What a newcomer gets wrong: a file that is not there, or says nothing sensible, is no reason to
 * announce a load of zero, which would draw every request here. The machine's own load then counts,
 * and the trouble is told.
 */
import { parseLoadReport, type Usage, usedMilli } from '../core/announce/load-report.ts';

export type LoadSourceParts = {
  /** May throw. */
  readonly readFile: (path: string) => string;
  readonly nowMs: () => number;
  /** Each time: the owner says it once. */
  readonly onProblem: (problem: string) => void;
};

/**
 * Processor time is averaged over about this long: much shorter than a load average's minute, as a
 * request is, and long enough that a single one does not turn the balance.
 */
const AVERAGE_MS = 5_000;

export class LoadSource {
  readonly #path: string;
  readonly #parts: LoadSourceParts;
  #usage: Usage | null = null;
  #averageMilli = 0;

  constructor(path: string, parts: LoadSourceParts) {
    this.#path = path;
    this.#parts = parts;
  }

  /** @returns null when the file does not say */
  loadMilli(): number | null {
    let text = '';
    try {
      text = this.#parts.readFile(this.#path);
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      return this.#unknown(`cannot read ${this.#path} (${reason})`);
    }
    const report = parseLoadReport(text);
    if (report === null) return this.#unknown(`${this.#path} begins with no number`);
    if (report.kind === 'load') return report.loadMilli;
    return this.#average({ cpuTimeUs: report.cpuTimeUs, atMs: this.#parts.nowMs() });
  }

  #average(usage: Usage): number | null {
    const before = this.#usage;
    this.#usage = usage;
    if (before === null) return null;
    const keep = Math.exp(-Math.max(0, usage.atMs - before.atMs) / AVERAGE_MS);
    this.#averageMilli = keep * this.#averageMilli + (1 - keep) * usedMilli(before, usage);
    return Math.round(this.#averageMilli);
  }

  #unknown(reason: string): null {
    this.#parts.onProblem(`load: ${reason}; the load of the machine counts instead`);
    return null;
  }
}
