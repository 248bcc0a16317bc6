/**
 * Goal: what somebody sees who switches machines of example 3 off and on, on the loopback
 * (`site.test.ts`) as in the lab (`site-lab.test.ts`).
 *
 * The clients of the demo ask 100 times a second all the while, so what a switch costs is counted.
 * Screenshots go to $FOREHAND_SCREENSHOTS, when that is set: look at them.
 */
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { RoomNews } from '../../demo/site/control-room.ts';
import { unavailable } from '../../src/lab/room.ts';
import { launchBrowser, pictureOf, whyNoBrowser } from './browser.ts';
import { type Demo, startDemo, until } from './demo.ts';

/** `--lab`, or nothing. */
const options = process.env['FOREHAND_DEMO']?.split(' ') ?? [];
const skip = whyNoBrowser() ?? (options.includes('--lab') ? unavailable() : null) ?? false;

/** Taken over in a second or two; this machine may be busy with other tests. */
const TAKEN_OVER_MS_MAX = 10_000;

/** Of all that was sent while a director was away and came back. */
const FAILED_SHARE_MAX = 0.1;

let demo: Demo;
let browser: Browser;
let room: Page;
const complaints: string[] = [];

before(async () => {
  if (skip !== false) return;
  [demo, browser] = await Promise.all([startDemo({}, '3', options), launchBrowser()]);
  room = await (await browser.newContext({ viewport: { width: 1280, height: 1000 } })).newPage();
  room.on('console', (message) => complaints.push(message.text()));
  room.on('pageerror', (error) => complaints.push(error.message));
  await room.goto(demo.control);
});
after(async () => {
  if (skip !== false) return;
  await Promise.all([demo.end('SIGTERM'), browser.close()]);
});

/** What the page is told, as it is now. */
async function news(): Promise<RoomNews> {
  const stop = new AbortController();
  const response = await fetch(`${demo.control}live`, { signal: stop.signal });
  let text = '';
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes('\n\n')) break;
  }
  stop.abort();
  return JSON.parse(text.slice('data: '.length, text.indexOf('\n\n'))) as RoomNews;
}

/** As the page shows it: `127.0.3.180` is with `director1`. */
async function holders(): Promise<readonly (readonly [string, string])[]> {
  const rows = await room.locator('#addresses tr').allInnerTexts();
  return rows.map((row) => row.split('\t') as [string, string]);
}

async function heldBy(name: string): Promise<number> {
  return (await holders()).filter(([, holder]) => holder === name).length;
}

function stateOf(name: string): Promise<string | null> {
  return room.locator(`#machine-${name} .state`).textContent();
}

async function press(what: 'off' | 'on', name: string): Promise<void> {
  await room.getByRole('button', { name: `Switch ${what} ${name}`, exact: true }).click();
  await until(
    `${name} is ${what}`,
    async () => ((await stateOf(name)) === 'off') === (what === 'off'),
  );
}

async function evenlySpread(): Promise<void> {
  await until('each director holds two addresses', async () => {
    return (await heldBy('director1')) === 2 && (await heldBy('director2')) === 2;
  });
}

test('all machines are shown, and the addresses evenly spread', { skip }, async () => {
  // The page is empty until its first news comes, which on a busy machine is after it has loaded.
  await until(
    'seven machines are drawn',
    async () => (await room.locator('.machine').count()) === 7,
  );
  await until('all are up', async () => {
    const { machines } = await news();
    return machines.every(({ state }) => state === 'up' || state === 'relaying');
  });
  await evenlySpread();
  equal((await holders()).length, 4);
  match((await room.locator('#summary').textContent()) ?? '', /^[\d,]+ requests, \d+ failed/);
  await until('the graph shows what was answered', async () => {
    return (await room.locator('#graph rect.ok').count()) > 0;
  });
});

test('a director without power: the other one holds all, few requests fail', { skip }, async () => {
  const { totals } = await news();
  await room.getByRole('button', { name: 'Switch off director1' }).click();
  const offMs = performance.now();
  await until('director2 holds all four', async () => (await heldBy('director2')) === 4);
  const tookMs = performance.now() - offMs;
  ok(tookMs < TAKEN_OVER_MS_MAX, `it took ${tookMs} ms`);
  equal(await stateOf('director1'), 'off');
  for (const { address, url } of (await news()).addresses) {
    equal((await fetch(`${url}health`)).status, 200, address);
  }
  const link = await room.getByRole('link', { name: /own page/ }).getAttribute('href');
  const own = (await (await fetch(`${link}api/node`)).json()) as { readonly node: string };
  equal(own.node, 'director2', 'of the director that lives');
  await until('the page says why in words', async () => {
    return /director1 is (stale|silent)/.test(
      (await room.locator('#warnings').textContent()) ?? '',
    );
  });
  await pictureOf(room, `room-director-off${options.join('')}`);

  await press('on', 'director1');
  await evenlySpread();
  await until('nothing is wrong any more', async () => {
    return (await room.locator('#warnings').textContent()) === '';
  });
  const marks = (await room.locator('#graph text').allTextContents()).slice(1);
  deepEqual(marks, ['director1 off', 'director1 on']);
  const now = (await news()).totals;
  const sent = now.sent - totals.sent;
  const failed = now.failed - totals.failed;
  ok(sent > 200, `${sent} sent`);
  ok(failed <= sent * FAILED_SHARE_MAX, `${failed} of ${sent} failed`);
});

test('a web machine without power: only its customer loses a cart', { skip }, async () => {
  const victim = await customer(() => true);
  const dead = await machineOf(victim);
  const other = await customer((machine) => machine !== dead);
  const otherMachine = await machineOf(other);
  await press('off', dead);

  equal((await victim.reload())?.status(), 200);
  const machine = await machineOf(victim);
  notEqual(machine, dead);
  const told = (await victim.getByRole('alert').textContent()) ?? '';
  ok(told.includes(`It was kept by ${dead}, which does not answer.`), told);
  await other.reload();
  equal(await machineOf(other), otherMachine);
  equal(await other.locator('.count').textContent(), '1');
  await pictureOf(room, `room-web-off${options.join('')}`);

  await press('on', dead);
  await until(`${dead} is up`, async () => (await stateOf(dead)) === 'up');
  await until(`${dead} serves again`, async () => {
    const { machines } = await news();
    return (machines.find(({ name }) => name === dead)?.perSecond ?? 0) > 2;
  });
  equal((await holders()).length, 4);
});

test('the switches are for the page only, and it fits a telephone', { skip }, async () => {
  const body = JSON.stringify({ name: 'www1', on: false });
  equal((await fetch(`${demo.control}power`, { method: 'POST', body })).status, 403);
  // It may be suspect for a moment, having just come back; it is not off.
  notEqual(await stateOf('www1'), 'off');
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width: 400, height: 800 },
    });
    const page = await context.newPage();
    await page.goto(demo.control);
    await until('it is drawn', async () => (await page.locator('#graph rect').count()) > 0);
    equal(await page.evaluate('document.documentElement.scrollWidth'), 400);
    await pictureOf(page, `room-400-${colorScheme}${options.join('')}`);
    await context.close();
  }
  deepEqual(complaints, []);
});

async function machineOf(page: Page): Promise<string> {
  return (await page.locator('#machine').textContent()) ?? '';
}

/** Customers until one is served by a machine that fits, as the directors decide and not we. */
async function customer(fits: (machine: string) => boolean): Promise<Page> {
  for (;;) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(demo.url);
    await page.getByRole('button', { name: 'Add Walden to the cart' }).click();
    await page.waitForURL('**/cart');
    if (fits(await machineOf(page))) return page;
    await context.close();
  }
}
