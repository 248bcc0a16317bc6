/**
 * How busy this shop is, for `ForehandLoadFrom`: requests under way, averaged over some seconds.
 *
 * The same thing as a load average, which counts what runs and what waits; only that this one is
 * the shop's own, where the kernel's is of all machines of the demo together. What a newcomer gets
 * wrong: it is written to another file and renamed, so that nobody reads half a number.
 */
import { renameSync, writeFileSync } from 'node:fs';

/** More often than nodes announce. */
const WRITE_MS = 500;

/** A kernel takes a minute; a demo should be seen to react. */
const AVERAGE_MS = 4_000;

export class LoadReport {
  readonly #path: string;
  #underWay = 0;
  #busyMs = 0;
  #sinceMs = performance.now();
  #writtenMs = this.#sinceMs;
  #average = 0;

  constructor(path: string) {
    this.#path = path;
    this.#write();
    setInterval(() => this.#write(), WRITE_MS).unref();
  }

  begin(): void {
    this.#count();
    this.#underWay++;
  }

  end(): void {
    this.#count();
    this.#underWay--;
  }

  #count(): void {
    const nowMs = performance.now();
    this.#busyMs += this.#underWay * (nowMs - this.#sinceMs);
    this.#sinceMs = nowMs;
  }

  #write(): void {
    this.#count();
    const passedMs = Math.max(1, this.#sinceMs - this.#writtenMs);
    const keep = Math.exp(-passedMs / AVERAGE_MS);
    this.#average = keep * this.#average + (1 - keep) * (this.#busyMs / passedMs);
    this.#busyMs = 0;
    this.#writtenMs = this.#sinceMs;
    const next = `${this.#path}.next`;
    writeFileSync(next, `${this.#average.toFixed(3)}\n`);
    renameSync(next, this.#path);
  }
}
