/**
 * `npm start -- --lab`: the same site in network namespaces, with the article's files as they are,
 * real addresses and real ARP. Needs root.
 *
 * What a newcomer gets wrong: nothing of it is in the network of this computer. A browser here gets
 * in through ports of the loopback (`doors.ts`); the clients that are counted live in there.
 */
import { join } from 'node:path';
import { loadLab } from '../../src/lab/definition.ts';
import { Lab } from '../../src/lab/lab.ts';
import { unavailable } from '../../src/lab/room.ts';
import { say, sayAndExit } from '../say.ts';
import { Clients, loadArguments } from './clients.ts';
import { openDoors } from './doors.ts';
import { LabSite } from './lab-site.ts';
import { show } from './show.ts';

const FILE = join(import.meta.dirname, 'site.lab.ts');
const SHARED = ['195.5.3.180', '195.5.3.181', '195.5.3.182', '195.5.3.183'];
const PER_SECOND = 100;

/** What the machines said last, to be shown when they do not serve. */
const WORDS_KEPT = 20;

export async function startLab(readyFile: string | null): Promise<void> {
  const reason = unavailable();
  if (reason !== null) sayAndExit(`no lab here: ${reason}`);
  const definition = await loadLab(FILE);
  if ('errors' in definition) sayAndExit(`${FILE}: ${definition.errors.join('\n')}`);
  say('Starting two directors and five web machines, each in a network namespace ...');
  const words: string[] = [];
  const lab = new Lab(definition, {
    onLog: (machine, line) => {
      words.push(`  ${machine}: ${line}`);
      if (words.length > WORDS_KEPT) words.shift();
    },
  });
  const client = lab.machines.get('client')!.machine;
  const places = Object.entries(definition.machines)
    .filter(([, { run }]) => run !== undefined)
    .map(([name, { plugs }]) => {
      return { name, address: plugs['site']!, isDirector: name.startsWith('director') };
    });
  const inside = [...SHARED, ...places.filter((one) => one.isDirector).map((one) => one.address)];
  const porter = join(client.runDirectory, 'porter');
  const doors = await openDoors(
    inside.map((address) => `${address}:80`),
    porter,
  );
  if (doors === null) {
    lab.close();
    sayAndExit('no free ports: stop another demo first');
  }
  await lab.start();
  await show({
    site: new LabSite(lab, { places, shared: SHARED, doors }),
    startClients: () => {
      const targets = SHARED.map((address) => `http://${address}/`);
      const args = loadArguments(targets, PER_SECOND);
      const stdio = ['ignore', 'pipe', 'ignore'] as const;
      return new Clients(
        targets,
        client.run(process.execPath, args, { stdio: [...stdio], writes: false }),
      );
    },
    controlPort: doors.port,
    perSecond: PER_SECOND,
    readyFile,
    hint: 'A prompt with more switches: bin/forehand lab examples/site/site.lab.ts',
    lastWords: () => words.join('\n'),
    cleanUp: () => {},
  });
}
