/** What a script that has started a demo waits for. */
import { renameSync, writeFileSync } from 'node:fs';

/** Appears whole, when the demo serves. */
export function writeReadyFile(
  path: string,
  about: {
    readonly url: string;
    readonly status: string;
    /** The page with the power switches; null: this demo has none. */
    readonly control: string | null;
    readonly nodes: readonly {
      readonly name: string;
      readonly address: string;
      readonly pid: number;
    }[];
  },
): void {
  writeFileSync(`${path}.next`, `${JSON.stringify(about, null, 1)}\n`);
  renameSync(`${path}.next`, path);
}
