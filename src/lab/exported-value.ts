/** What a lab or drill file exports, before it is known to be one. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { runFile } from '../config/native/run-file.ts';

export type Exported = { readonly value: unknown } | { readonly errors: readonly string[] };

export async function exportedValue(file: string): Promise<Exported> {
  let source: string;
  try {
    source = await readFile(file, 'utf8');
  } catch (error) {
    return { errors: [`cannot be read (${(error as NodeJS.ErrnoException).code})`] };
  }
  const ran = await runFile(file, resolve(file), source);
  return 'failure' in ran ? { errors: [ran.failure.message] } : { value: ran.exported };
}
