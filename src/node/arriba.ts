/**
 * The speed of this machine, which `byCost` scales loads by: measured once, and kept in a file.
 *
 *     cached     -> known at once
 *     not cached -> 0 ("not yet measured") is announced while a thread measures, about 2 s
 *
 * It is the number of turns of a fixed loop that all processors together make in a second; the
 * thread measures one of them (`arriba-worker.ts`). The name and the file's are mod_backhand's; its
 * start-up waited for the measurement.
 *
 * What a newcomer gets wrong: figures of different loops cannot be compared, so the file says which
 * loop it is of, and one that mod_backhand left is measured anew. To measure again, delete the
 * file.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

export const ARRIBA_FILE = 'mod_backhand-Arriba';

/** Changes with the loop. */
const LOOP = 'forehand-1';

export type Arriba = {
  /** 0 when it could not be measured. */
  readonly arriba: number;
  /** What the operator should know; nothing here stops a node from serving. */
  readonly warnings: readonly string[];
};

export type ArribaParts = {
  readonly read: (path: string) => Promise<string>;
  readonly write: (path: string, text: string) => Promise<void>;
  /** Turns of the loop one processor makes in a second. */
  readonly measure: () => Promise<number>;
  readonly cpuCount: number;
};

export const SYSTEM_ARRIBA_PARTS: ArribaParts = {
  read: (path) => readFile(path, 'utf8'),
  write: async (path, text) => {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, text);
  },
  measure: measureInThread,
  cpuCount: availableParallelism(),
};

/** @param stateDirectory null: measured at every start */
export async function arribaOf(
  stateDirectory: string | null,
  { read, write, measure, cpuCount }: ArribaParts,
): Promise<Arriba> {
  const path = stateDirectory === null ? null : join(stateDirectory, ARRIBA_FILE);
  const warnings: string[] = [];
  if (path !== null) {
    const cached = await attempt(() => read(path));
    if ('value' in cached) {
      const arriba = parseArriba(cached.value);
      if (arriba !== null) return { arriba, warnings };
    } else if (cached.code !== 'ENOENT') {
      warnings.push(`arriba: cannot read ${path} (${cached.code}); measuring`);
    }
  }
  const measured = await attempt(measure);
  if ('code' in measured) {
    warnings.push(`arriba: cannot measure (${measured.code}); byCost does without our speed`);
    return { arriba: 0, warnings };
  }
  const arriba = Math.round(measured.value * cpuCount);
  if (path !== null) {
    const written = await attempt(() => write(path, `${LOOP} ${arriba}\n`));
    if ('code' in written) {
      warnings.push(
        `arriba: cannot write ${path} (${written.code}); it is measured again at the next start`,
      );
    }
  }
  return { arriba, warnings };
}

function parseArriba(text: string): number | null {
  const match = /^(\S+) ([1-9]\d{0,14})\n$/.exec(text);
  return match?.[1] === LOOP ? Number(match[2]) : null;
}

type Attempt<T> = { readonly value: T } | { readonly code: string };

async function attempt<T>(action: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await action() };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { code: code ?? message };
  }
}

function measureInThread(): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./arriba-worker.ts', import.meta.url));
    // A node that is told to stop does not wait for its own measurement.
    worker.unref();
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the measuring thread ended early')));
  });
}
