/**
 * The article's example 1, with its configuration files as they are: a director with two network
 * cards in front of four web machines (site.ts).
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { unavailable } from '../../src/lab/room.ts';
import { eventually } from './eventually.ts';
import { DIRECTOR, HOME, Site, VISITOR } from './site.ts';
import { Visitor } from './visitor.ts';

const WWW = ['www1', 'www2', 'www3', 'www4'] as const;

/** What `byAge` without an argument allows. */
const AGE_MS = 20_000;

const skip = unavailable() ?? false;

describe('example 1: a director in front of www1..www4', { skip }, () => {
  let site: Site;

  before(async () => {
    site = new Site({ machines: WWW.length });
    await site.start();
  });

  after(() => site?.close());

  test('every machine hears all announcements by broadcast', async () => {
    for (const station of site.stations) {
      const inside = new Visitor(station.machine);
      await eventually(`${station.name} knows everybody`, async () => {
        deepEqual(await inside.known(station.address), ['director', ...WWW]);
      });
    }
  });

  test('the least loaded machine serves, and requests follow the load', async () => {
    await site.servedBy(['www1']);
    site.loads(9, 2, 3, 4);
    await site.servedBy(['www2']);
    site.loads(9, 8, 3, 0.5);
    await site.servedBy(['www4']);
    site.loads(0.1, 8, 3, 0.5);
    await site.servedBy(['www1']);
  });

  test('the application learns who asked, and by what way', async () => {
    const { body } = await site.visitor.ask(HOME, { headers: { host: 'www.example.com' } });
    const { headers } = JSON.parse(body) as { headers: Record<string, string> };
    equal(headers['host'], 'www.example.com');
    equal(headers['x-forwarded-for'], VISITOR);
    equal(headers['x-forwarded-host'], 'www.example.com');
    equal(headers['via'], '1.1 director, 1.1 www1');
    equal(headers['backhand-proxied'], VISITOR);
  });

  test('a session stays with its machine, however busy that gets', async () => {
    const login = await site.visitor.ask(`${HOME}login`);
    equal(login.headers['x-machine'], 'www1');
    const cookie = String(login.headers['set-cookie']).replace(/;.*/, '');
    ok(cookie.startsWith('PHPSESSID=c0a80a0b'), cookie);
    site.loads(50, 1, 2, 3);
    await site.servedBy(['www2']);
    for (let i = 0; i < 10; i++) {
      equal(await site.visitor.machineAt(HOME, { headers: { cookie } }), 'www1');
    }
    equal(await site.visitor.machineAt(`${HOME}?${cookie}`), 'www1');
  });

  test('a killed machine gets nothing more, is gone by byAge, and returns', async () => {
    const cookie = 'PHPSESSID=c0a80a0c99';
    equal(await site.visitor.machineAt(HOME, { headers: { cookie } }), 'www2');
    const stream = site.visitor.stream(`${HOME}slow?ms=50`, 8);
    await eventually('www2 serves the stream', () => ok(stream.visits.length > 20));
    const killMs = performance.now();
    await site.www(2).powerOff();
    const deadMs = performance.now();
    await eventually('the stream goes on', () => ok(stream.since(deadMs).length > 200));
    // Its session is another machine's now.
    equal(await site.visitor.machineAt(HOME, { headers: { cookie } }), 'www3');
    await eventually('www2 is silent on the status page', async () => {
      const { servers } = await site.visitor.status(DIRECTOR);
      const state = servers.find(({ name }) => name === 'www2')?.state;
      equal(state, 'silent');
    });
    const silentMs = performance.now();
    const visits = await stream.stop();
    deepEqual(
      visits.filter(({ startMs, failure }) => startMs >= deadMs && failure !== null),
      [],
    );
    // Of eight clients, each can have had one request there when it died.
    const failed = visits.filter(({ failure }) => failure !== null);
    ok(failed.length <= 8, JSON.stringify(failed));
    ok(silentMs - killMs > AGE_MS - 2_000, 'it was not taken for dead before its time');
    ok(silentMs - killMs < AGE_MS + 10_000, `${silentMs - killMs} ms`);

    await site.www(2).start();
    await site.servedBy(['www2']);
    equal(await site.visitor.machineAt(HOME, { headers: { cookie } }), 'www2');
  });

  test('SIGTERM finishes what is under way and refuses nobody', async () => {
    site.loads(50, 1, 40, 3);
    await site.servedBy(['www2']);
    const stream = site.visitor.stream(`${HOME}slow?ms=200`, 8);
    await eventually('www2 serves the stream', () => ok(stream.visits.length > 20));
    const stopMs = performance.now();
    await site.www(2).stopNode();
    await eventually('www4 serves the stream', () => {
      ok(stream.since(stopMs).filter((visit) => visit.machine === 'www4').length > 50);
    });
    deepEqual(
      (await stream.stop()).filter(({ failure }) => failure !== null),
      [],
    );
  });

  test('with all web machines gone, it says so', async () => {
    await Promise.all(site.stations.slice(1).map((station) => station.powerOff()));
    await eventually('nobody is left', async () => {
      const { status, headers } = await site.visitor.ask(HOME);
      ok(status === 503 || status === 502, String(status));
      ok(String(headers['proxy-status']).startsWith('director;'), String(headers['proxy-status']));
    });
  });
});
