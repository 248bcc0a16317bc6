/**
 * The article's third example on this computer: two directors that share four addresses, five web
 * machines with a shop, clients that never stop asking, and a page with a power switch for each.
 *
 *     clients ─► 127.0.3.180 ... .183 ─► director1 | director2 ─┬─► www1 ... www5, each with a shop
 *
 * What a newcomer gets wrong: a switch is a power cut, and nothing comes back by itself.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDemoDirectory, sweepLeftovers } from '../leftovers.ts';
import { say, sayAndExit } from '../say.ts';
import { startClients } from './clients.ts';
import { writeSiteFiles } from './config-files.ts';
import { findSiteLayout, type SiteLayout } from './layout.ts';
import { show } from './show.ts';
import { Site } from './site.ts';

/** Seven nodes and five shops share two processors with the browser. */
const PER_SECOND = 100;

export async function startSite(readyFile: string | null): Promise<void> {
  const layout = await findSiteLayout();
  if (layout === null) sayAndExit('no free ports: stop another demo first');
  sweepLeftovers(tmpdir());
  const directory = makeDemoDirectory(tmpdir());
  writeSiteFiles(directory, layout, randomBytes(24).toString('base64url'));
  say('Starting two directors and five web machines ...');
  const site = new Site(layout, directory);
  site.onGone = (name, how) => say(`  ${name} is gone (${how}); the page can switch it on again.`);
  await show({
    site,
    startClients: (targets) => startClients(targets, PER_SECOND),
    controlPort: layout.controlPort,
    perSecond: PER_SECOND,
    readyFile,
    hint: `Logs are beside the configuration files, in ${directory}`,
    lastWords: () => logTail(directory, layout),
    cleanUp: () => {
      layout.release();
      rmSync(directory, { recursive: true, force: true });
    },
  });
}

function logTail(directory: string, { places }: SiteLayout): string {
  return places
    .map(({ name }) => {
      const lines = readFileSync(join(directory, `${name}.log`), 'utf8')
        .trimEnd()
        .split('\n');
      return lines
        .slice(-3)
        .map((line) => `  ${name}: ${line}`)
        .join('\n');
    })
    .join('\n');
}
