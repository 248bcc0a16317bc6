/**
 * Shows a site with power switches: waits until it serves, lets clients ask it, opens the page, and
 * takes everything down at the end, however that comes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { writeReadyFile } from '../ready-file.ts';
import { say } from '../say.ts';
import type { Clients } from './clients.ts';
import { ControlRoom } from './control-room.ts';
import type { SwitchedSite } from './switched-site.ts';

const READY_MS_MAX = 90_000;
const LOOK_MS = 200;

export type Show = {
  readonly site: SwitchedSite;
  readonly startClients: (targets: readonly string[]) => Clients;
  readonly controlPort: number;
  readonly perSecond: number;
  readonly readyFile: string | null;
  /** Where the machines' files and logs are, and the like. */
  readonly hint: string;
  /** The last that the machines said, for when they do not serve. */
  readonly lastWords: () => string;
  /** After everything has ended. */
  readonly cleanUp: () => void;
};

export async function show(parts: Show): Promise<void> {
  const { site, controlPort, readyFile } = parts;
  let clients: Clients | null = null;
  let room: ControlRoom | null = null;
  let ending = false;
  const end = async (code: number, problem?: string): Promise<void> => {
    if (ending) return;
    ending = true;
    if (problem !== undefined) process.stderr.write(`forehand: ${problem}\n`);
    room?.stop();
    await Promise.all([clients?.stop(), site.stop()]);
    parts.cleanUp();
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void end(0));
  }
  if (!(await untilServing(site, () => ending))) {
    if (ending) return;
    const seconds = READY_MS_MAX / 1_000;
    return end(1, `it did not start within ${seconds} s\n${parts.lastWords()}`);
  }
  clients = parts.startClients(site.shared.map(({ url }) => url));
  room = new ControlRoom(site, clients);
  await room.start(controlPort);
  const control = `http://127.0.0.1:${controlPort}/`;
  if (readyFile !== null) {
    const { url } = site.shared[0]!;
    const nodes = site.places.map(({ name, address }) => {
      return { name, address, pid: site.pidOf(name) ?? 0 };
    });
    writeReadyFile(readyFile, { url, status: `${url}backhand/`, control, nodes });
  }
  explain(parts, control);
}

/** It serves when every shared address leads to a shop. */
async function untilServing({ shared }: SwitchedSite, isEnding: () => boolean): Promise<boolean> {
  const endMs = performance.now() + READY_MS_MAX;
  for (const { url } of shared) {
    while (!(await answers(`${url}health`))) {
      if (isEnding() || performance.now() > endMs) return false;
      await delay(LOOK_MS);
    }
  }
  return true;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // Not there yet.
    return false;
  }
}

function explain({ site, perSecond, hint }: Show, control: string): void {
  const rows = site.places.map(({ name, address }) => {
    return `    ${name.padEnd(10)} ${address.padEnd(15)} pid ${site.pidOf(name)}`;
  });
  const web = site.places.find(({ isDirector }) => !isDirector)!;
  const { url } = site.shared[0]!;
  say(`
  Power switches  ${control}
  The shop        ${site.shared.map((one) => one.url).join('  ')}
  The cluster     ${url}backhand/

${rows.join('\n')}

  Clients ask the four addresses ${perSecond} times a second. Try this:
    1. Open the page with the power switches, and switch a director off: the other one takes its
       addresses over. Switch it on again: they are shared out evenly.
    2. Put books into the cart of the shop; switch off a web machine; look who lost what.
    3. Kill a machine without the page: kill -9 ${site.pidOf(web.name)}

  Ctrl-C ends everything. ${hint}
`);
}
