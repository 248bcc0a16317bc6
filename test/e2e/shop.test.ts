/**
 * Goal: what a customer and an operator see in a browser while machines die.
 *
 * Screenshots of every page go to $FOREHAND_SCREENSHOTS, when that is set: look at them.
 */
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Status } from '../../src/admin/status.ts';
import { launchBrowser, pictureOf, whyNoBrowser } from './browser.ts';
import { type Demo, startDemo, until } from './demo.ts';

const skip = whyNoBrowser() ?? false;
let demo: Demo;
let browser: Browser;

before(async () => {
  if (skip !== false) return;
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
});
after(async () => {
  if (skip !== false) return;
  await Promise.all([demo.end('SIGTERM'), browser.close()]);
});

/** A customer with a browser of their own. What goes wrong in the page fails the test. */
async function newCustomer(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  return page;
}

async function buy(page: Page, title: string): Promise<void> {
  await page.goto(demo.url);
  await page.getByRole('button', { name: `Add ${title} to the cart` }).click();
  await page.waitForURL('**/cart');
}

async function machineOf(page: Page): Promise<string> {
  return (await page.locator('#machine').textContent()) ?? '';
}

/** Customers until one is served by the machine, as the director decides and not we. */
async function customerOf(machine: string): Promise<Page> {
  for (;;) {
    const page = await newCustomer();
    await buy(page, 'Walden');
    if ((await machineOf(page)) === machine) return page;
    await page.context().close();
  }
}

test('a cart stays with its machine over ten page loads', { skip }, async () => {
  const page = await newCustomer();
  await page.goto(demo.url);
  equal(await page.locator('.books li').count(), 12);
  await pictureOf(page, 'shop');
  await buy(page, 'Emma');
  await buy(page, 'Ulysses');
  const machine = await machineOf(page);
  for (let count = 0; count < 10; count++) {
    await page.reload();
    equal(await machineOf(page), machine);
    equal(await page.locator('.count').textContent(), '2');
  }
  await page.getByRole('button', { name: 'One more of Emma' }).click();
  equal(await page.locator('.count').textContent(), '3');
  await pictureOf(page, 'cart');
  await page.getByRole('button', { name: 'Order and pay' }).click();
  match((await page.locator('main').textContent()) ?? '', /Order [0-9A-F]{6} over\s€ 45.70/);
  await pictureOf(page, 'order');
  await page.goto(`${demo.url}cart`);
  match((await page.locator('main').textContent()) ?? '', /It is empty/);
});

test('the shop and the status page fit a telephone, by day and by night', { skip }, async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await newCustomer({ colorScheme, viewport: { width: 400, height: 800 } });
    for (const [name, url] of [
      ['shop', demo.url],
      ['status', demo.ready.status],
    ] as const) {
      await page.goto(url);
      const width = await page.evaluate('document.documentElement.scrollWidth');
      equal(width, 400, `${name} scrolls sideways`);
      await pictureOf(page, `${name}-400-${colorScheme}`);
    }
  }
});

test('the status page refreshes itself in place, under its own strict policy', {
  skip,
}, async () => {
  const page = await newCustomer({ viewport: { width: 1280, height: 900 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(demo.ready.status);
  // On a busy machine one may be suspect for a moment.
  await until('all are up', async () => {
    return /5 servers, all up/.test((await page.locator('h1').textContent()) ?? '');
  });
  await page.evaluate('window.mark = document.querySelector("tbody tr")');
  const uptime = () => page.locator('header dd').nth(3).textContent();
  const before = await uptime();
  await until('the figures change', async () => (await uptime()) !== before);
  equal(await page.evaluate('window.mark === document.querySelector("tbody tr")'), true);
  match((await page.locator('#live').textContent()) ?? '', /^Live/);
  deepEqual(complaints, []);
  await pictureOf(page, 'status');
});

test('the status page can be read without JavaScript', { skip }, async () => {
  const page = await newCustomer({ javaScriptEnabled: false });
  await page.goto(demo.ready.status);
  equal(await page.locator('table').first().locator('tbody tr').count(), 5);
  const heading = page.getByRole('rowheader', { name: 'www3' });
  equal(await heading.count(), 1);
});

test('a killed machine: its customers are told, others keep their carts', { skip }, async () => {
  const victim = await newCustomer();
  await buy(victim, 'Candide');
  const dead = await machineOf(victim);
  const other = await customerOf(dead === 'www1' ? 'www2' : 'www1');
  const otherMachine = await machineOf(other);
  const operator = await newCustomer({
    colorScheme: 'dark',
    viewport: { width: 1280, height: 900 },
  });
  await operator.goto(demo.ready.status);

  process.kill(demo.node(dead).pid, 'SIGKILL');
  const answer = await victim.reload();
  equal(answer?.status(), 200, `the customer was served on: ${await answer?.text()}`);
  const machine = await machineOf(victim);
  notEqual(machine, dead);
  const note = victim.getByRole('alert');
  const told = (await note.textContent()) ?? '';
  ok(told.includes(`It was kept by ${dead}, which does not answer.`), told);
  ok(told.includes(`${machine} has begun a new cart for you`), told);
  await pictureOf(victim, 'lost');
  await victim.reload();
  equal(await note.count(), 1, 'it stays until it was read');
  await victim.getByRole('button', { name: 'I see' }).click();
  equal(await note.count(), 0);
  await buy(victim, 'Candide');
  equal(await machineOf(victim), machine, 'the new cart stays with its machine as well');

  await other.reload();
  equal(await machineOf(other), otherMachine);
  equal(await other.locator('.count').textContent(), '1');
  equal(await other.getByRole('alert').count(), 0);

  const row = operator.locator('main tr.gone', { hasText: dead });
  await until(`${dead} is shown as stale`, async () => (await row.count()) === 1);
  equal(await row.locator('.state').textContent(), 'stale');
  await until('the heading says so', async () => {
    return /4 of 5 servers up/.test((await operator.locator('h1').textContent()) ?? '');
  });
  await pictureOf(operator, 'status-stale-dark');
});

const noWrk = spawnSync('wrk', ['--version']).error === undefined ? false : 'wrk is not installed';

test('five seconds of wrk see no failed request', { skip: skip || noWrk }, async () => {
  const failures = async () => {
    const status = (await (await fetch(`${demo.ready.status}status.json`)).json()) as Status;
    return status.counters.statuses['5xx'];
  };
  // While the demo starts there is nobody to serve, and the director says so.
  const before = await failures();
  const { stdout } = spawnSync('wrk', ['-t1', '-c16', '-d5', demo.url], { encoding: 'utf8' });
  ok(Number(/(\d+) requests in/.exec(stdout)?.[1]) > 100, stdout);
  ok(!/Socket errors|Non-2xx/.test(stdout), stdout);
  equal(await failures(), before);
});
