/**
 * The balancing half of the article's example 3, with its files as they are: two directors in front
 * of five web machines. The other half, the directors' addresses, is Wackamole's.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Room, unavailable } from '../../src/lab/room.ts';
import { eventually } from './eventually.ts';
import { article, Station } from './station.ts';
import { Visitor } from './visitor.ts';

const DIRECTORS = ['192.168.100.101', '192.168.100.102'] as const;
const WWW = [50, 51, 52, 53, 54].map((host) => `192.168.100.${host}`);
const NAMES = ['director1', 'director2', 'www1', 'www2', 'www3', 'www4', 'www5'];

const skip = unavailable() ?? false;

describe('example 3: two directors in front of five web machines', { skip }, () => {
  let room: Room;
  let visitor: Visitor;
  let directors: readonly Station[];
  let www: readonly Station[];

  function station(name: string, address: string, file: string): Station {
    const cables = [{ network: 'site', address: `${address}/24` }];
    const application = file === 'site-www.httpd.conf';
    return new Station(room, name, { cables, files: [article(file)], application });
  }

  before(async () => {
    room = new Room();
    directors = DIRECTORS.map((address, index) => {
      return station(`director${index + 1}`, address, 'site-director.httpd.conf');
    });
    www = WWW.map((address, index) => station(`www${index + 1}`, address, 'site-www.httpd.conf'));
    visitor = new Visitor(
      room.machine('visitor', [{ network: 'site', address: '192.168.100.9/24' }]),
    );
    www.forEach(({ machine }, index) => {
      machine.load = index + 1;
    });
    await Promise.all([...directors, ...www].map((each) => each.start()));
  });

  after(() => room?.close());

  test('both directors know all five, and balance', async () => {
    for (const director of DIRECTORS) {
      await eventually(`${director} knows all`, async () => {
        deepEqual(await visitor.known(director), NAMES);
      });
      equal(await visitor.machineAt(`http://${director}/`), 'www1');
    }
    www[0]!.machine.load = 10;
    www[3]!.machine.load = 0.2;
    for (const director of DIRECTORS) {
      await eventually(`${director} follows the load`, async () => {
        equal(await visitor.machineAt(`http://${director}/`), 'www4');
      });
    }
  });

  test('a session sticks, whichever director it comes through', async () => {
    const headers = { cookie: `PHPSESSID=${'c0a86436'}0123` };
    for (const director of [...DIRECTORS, ...DIRECTORS]) {
      equal(await visitor.machineAt(`http://${director}/`, { headers }), 'www5');
    }
  });

  test('one director dies: the other does not notice', async () => {
    const stream = visitor.stream(`http://${DIRECTORS[1]}/`, 4);
    await eventually('the stream runs', () => ok(stream.visits.length > 100));
    await directors[0]!.powerOff();
    const deadMs = performance.now();
    await eventually('it goes on', () => ok(stream.since(deadMs).length > 500));
    const visits = await stream.stop();
    deepEqual(
      visits.filter(({ failure }) => failure !== null),
      [],
    );
    await directors[0]!.start();
    await eventually('a director that is back balances again', async () => {
      equal(await visitor.machineAt(`http://${DIRECTORS[0]}/`), 'www4');
    });
  });
});
