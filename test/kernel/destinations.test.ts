/** Announcements by multicast and by lists of addresses, instead of by broadcast. */
import { deepEqual, ok } from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { unavailable } from '../../src/lab/room.ts';
import { eventually } from './eventually.ts';
import { Site } from './site.ts';
import { extraFile } from './station.ts';
import { Visitor } from './visitor.ts';

const skip = unavailable() ?? false;

const ADDRESSES = ['192.168.10.1', '192.168.10.11', '192.168.10.12'];

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['multicast with a ttl', ['MulticastStats 239.10.20.30:4445,4']],
  ['unicast to each', ADDRESSES.map((address) => `MulticastStats ${address}:4445`)],
  [
    'multicast and broadcast at once, to different ports',
    ['MulticastStats 239.10.20.30:4446,1', 'MulticastStats 192.168.10.255:4447'],
  ],
];

const ZONES = `
AcceptStats 192.168.10.0/24
<Location "/backhand/">
  SetHandler backhand-handler
</Location>
<Files ~ "*">
  Backhand byAge
  Backhand removeSelf
  Backhand byLoad
</Files>
`;

describe('destinations of announcements', { skip }, () => {
  let site: Site | null = null;

  after(() => site?.close());

  for (const [name, lines] of CASES) {
    test(name, async () => {
      site = new Site({ machines: 2 });
      for (const station of site.stations) {
        station.files.splice(0, 1, extraFile(station, `${lines.join('\n')}\n${ZONES}`));
      }
      await site.start();
      for (const station of site.stations) {
        const inside = new Visitor(station.machine);
        await eventually(`${station.name} knows everybody`, async () => {
          deepEqual(await inside.known(station.address), ['director', 'www1', 'www2']);
        });
        ok(!station.log.includes('announcements: E'), station.log);
      }
      await site.servedBy(['www1']);
      site.close();
    });
  }
});
