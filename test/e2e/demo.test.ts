/** Goal: the demo serves, gives way to another one, and leaves nothing behind however it ends. */
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { COOKIE } from '../../demo/carts.ts';
import type { Status } from '../../src/admin/status.ts';
import { type Demo, startDemo, until } from './demo.ts';

let demo: Demo;
before(async () => {
  demo = await startDemo();
});
after(() => demo.end('SIGTERM'));

async function statusOf({ ready }: Demo): Promise<Status> {
  return (await (await fetch(`${ready.status}status.json`)).json()) as Status;
}

async function machineOf(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { headers });
  equal(response.status, 200);
  await response.arrayBuffer();
  return response.headers.get('x-machine') ?? '';
}

/** A new customer puts one book into the cart. */
async function newCustomer(url: string): Promise<{ machine: string; cookie: string }> {
  const body = new URLSearchParams({ book: 'emma' });
  const response = await fetch(`${url}cart`, { method: 'POST', body, redirect: 'manual' });
  equal(response.status, 303);
  const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';');
  match(cookie, new RegExp(`^${COOKIE}=[0-9a-f]{40}$`));
  return { machine: response.headers.get('x-machine') ?? '', cookie };
}

test('the director knows all four web servers, with their loads', async () => {
  const { node, servers, zones } = await statusOf(demo);
  equal(node.name, 'director');
  deepEqual(servers.map(({ name }) => name).toSorted(), [
    'director',
    'www1',
    'www2',
    'www3',
    'www4',
  ]);
  ok(servers.slice(1).every(({ state, load }) => state === 'up' && load < 1));
  ok(zones.some(({ chain }) => chain?.join() === 'bySession,byAge,removeSelf,byLoad'));
});

test('its configuration files are what a user may read and check', () => {
  const text = readFileSync(join(demo.directory, 'director.conf'), 'utf8');
  match(text, /Backhand bySession\n +Backhand byAge\n +Backhand removeSelf\n +Backhand byLoad/);
});

test('a session stays with its machine over ten requests', async () => {
  const { machine, cookie } = await newCustomer(demo.url);
  for (let count = 0; count < 10; count++) {
    equal(await machineOf(`${demo.url}cart`, { cookie }), machine);
  }
});

test('metrics can be read, from the director and from a web server', async () => {
  for (const base of [demo.ready.status, demo.ready.status.replace('.1:', '.12:')]) {
    // The director has met everybody by now; a web server may hear another one a second later.
    await until('www3 is among the metrics', async () => {
      const text = await (await fetch(`${base}metrics`)).text();
      return /^forehand_server_load\{server="www3",/m.test(text);
    });
  }
});

test('load on one machine moves new customers away, and keeps old ones', async () => {
  const { machine, cookie } = await newCustomer(demo.url);
  const stop = new AbortController();
  const { signal } = stop;
  const work = [1, 2].map(() =>
    fetch(`${demo.url}work?seconds=50`, { headers: { cookie }, signal }).catch(() => null),
  );
  await until(`${machine} announces its load`, async () => {
    const { servers } = await statusOf(demo);
    return servers.some(({ name, load }) => name === machine && load > 1);
  });
  for (let count = 0; count < 20; count++) {
    notEqual(await machineOf(demo.url), machine, 'a new customer');
  }
  equal(await machineOf(`${demo.url}cart`, { cookie }), machine, 'an old customer');
  stop.abort();
  await Promise.all(work);
});

test('a second demo takes other ports and does not meet the first', async () => {
  const second = await startDemo();
  try {
    notEqual(second.url, demo.url);
    const [ours, theirs] = await Promise.all([statusOf(demo), statusOf(second)]);
    equal(ours.servers.length, 5);
    equal(theirs.servers.length, 5);
    ok(theirs.servers.every(({ port }) => ours.servers.every((other) => other.port !== port)));
  } finally {
    await second.end('SIGINT', 'group');
  }
  await leavesNothing(second);
});

test('a demo on one address keeps sessions, too', async () => {
  const alone = await startDemo({ FOREHAND_DEMO_ONE_ADDRESS: '1' });
  try {
    const customers = await Promise.all([1, 2, 3, 4].map(() => newCustomer(alone.url)));
    for (const { machine, cookie } of customers) {
      for (let count = 0; count < 5; count++) {
        equal(await machineOf(`${alone.url}cart`, { cookie }), machine);
      }
    }
  } finally {
    await alone.end('SIGTERM');
  }
  await leavesNothing(alone);
});

test('a demo whose machine was killed ends as well, when its launcher is killed too', async () => {
  const killed = await startDemo();
  process.kill(killed.node('www2').pid, 'SIGKILL');
  await until('its shop goes with it', () => {
    return !killed
      .processes()
      .some((line) => /www2"|www2\.conf/.test(line.replace(/"machines.*/, '')));
  });
  const notice = /www2 is gone \(SIGKILL\), and its shop with it; 3 web servers are left/;
  await until('it says so', () => notice.test(killed.output));
  await killed.end('SIGKILL');
  await leavesNothing(killed);
});

test('when the director is killed the demo ends and says so', async () => {
  const headless = await startDemo();
  process.kill(headless.node('director').pid, 'SIGKILL');
  await leavesNothing(headless);
  // What it wrote last may be read after its end was seen.
  const words = /forehand: the director is gone \(SIGKILL\), and with it the way in/;
  await until('it says so', () => words.test(headless.output));
});

async function leavesNothing(ended: Demo): Promise<void> {
  await until('nothing is left of the demo', () => ended.processes().length === 0);
  await until('its files are gone', () => !existsSync(ended.directory));
}
