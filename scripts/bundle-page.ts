/**
 * Bundles the page's script and style into `src/admin/page/`, which is committed.
 *
 *     npm run page            writes them
 *
 * What a newcomer gets wrong: nothing is built when a node starts, and a clone needs no build to
 * serve the page. `test/page-bundle.test.ts` fails when what is committed is not what this makes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
export const PAGE_DIRECTORY = join(ROOT, 'src/admin/page');

export type Bundled = { readonly name: string; readonly text: string };

export async function bundlePage(): Promise<readonly Bundled[]> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { app: 'src/page/app.ts', style: 'src/page/app.css' },
    outdir: PAGE_DIRECTORY,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'inline',
    write: false,
  });
  return outputFiles.map(({ path, text }) => ({ name: path.split('/').at(-1)!, text }));
}

if (import.meta.main) {
  mkdirSync(PAGE_DIRECTORY, { recursive: true });
  for (const { name, text } of await bundlePage()) writeFileSync(join(PAGE_DIRECTORY, name), text);
}
