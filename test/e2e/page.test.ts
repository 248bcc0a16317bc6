/**
 * Goal: the status page is live, tells the truth when it is not, and is usable by everybody.
 *
 * It is asked for at director1's own address, so that the page has one node to lose. Screenshots go
 * to $FOREHAND_SCREENSHOTS, when that is set: look at them.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, pictureOf, whyNoBrowser } from './browser.ts';
import { type Demo, startDemo, until } from './demo.ts';

const skip = whyNoBrowser() ?? false;

/** It is 0.3 to 0.6 s where nothing else runs. */
const FIRST_PAINT_MS_MAX = 3_000;

/** More than there are controls on the page. */
const TABS_MAX = 200;

let demo: Demo;
let browser: Browser;
/** Stays open from the first test to the last. */
let page: Page;
const complaints: string[] = [];

before(async () => {
  if (skip !== false) return;
  [demo, browser] = await Promise.all([startDemo({}, '3'), launchBrowser()]);
  page = await open();
});
after(async () => {
  if (skip !== false) return;
  await Promise.all([demo.end('SIGTERM'), browser.close()]);
});

function urlOf(name: string): string {
  return `http://${demo.node(name).address}:${new URL(demo.url).port}/backhand/`;
}

/** Whatever a page complains of, or asks of somebody else, is kept. */
async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const opened = await context.newPage();
  opened.on('console', (message) => {
    complaints.push(`${message.text()}, ${message.location().url}`);
  });
  opened.on('pageerror', (error) => complaints.push(error.message));
  const url = urlOf('director1');
  opened.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin)) complaints.push(request.url());
  });
  await opened.goto(url, { waitUntil: 'commit' });
  return opened;
}

function rowOf(name: string) {
  const heading = page.getByRole('rowheader', { name: new RegExp(`^${name}( this node)?$`) });
  return page.locator('#cluster tbody tr', { has: heading });
}

async function cellsOf(name: string): Promise<string> {
  return (await rowOf(name).locator('td').allTextContents()).join('\t');
}

async function stateOf(name: string): Promise<string> {
  return (await rowOf(name).locator('.state').textContent()) ?? '';
}

async function textOf(selector: string): Promise<string> {
  return (await page.locator(selector).allTextContents()).join('\n');
}

test('the page is painted at once, and lives without being loaded again', { skip }, async () => {
  await until('nothing is wrong', async () => (await textOf('.summary')).startsWith('Nothing is'));
  const paintMs = (await page.evaluate(
    'performance.getEntriesByName("first-contentful-paint")[0].startTime',
  )) as number;
  ok(paintMs < FIRST_PAINT_MS_MAX, `first painted after ${paintMs} ms`);
  equal(await page.locator('#cluster tbody').first().locator('tr').count(), 7);
  await page.evaluate('window.mark = document.querySelector("#cluster tbody tr")');
  const seen = new Set<string>();
  await until('announcements come in', async () => {
    seen.add(await cellsOf('www1'));
    return seen.size > 3;
  });
  equal(await page.evaluate('mark === document.querySelector("#cluster tbody tr")'), true);
  await until('it holds addresses', async () => /127\.0\.3\.18\d/.test(await cellsOf('director1')));
  match(await textOf('#cluster table'), /127\.0\.3\.183 is up here/);
  equal(await page.locator('#cluster canvas').count(), 2);
  await pictureOf(page, 'page');
});

test('every control has a name, every table its heads, and tab reaches all', { skip }, async () => {
  const unnamed = await page.evaluate(`[...document.querySelectorAll('button, input, a, summary')]
    .filter((one) => {
      const label = one.labels?.[0]?.textContent ?? '';
      return (one.getAttribute('aria-label') ?? (one.textContent + label)).trim() === '';
    }).map(({ outerHTML }) => outerHTML)`);
  deepEqual(unnamed, []);
  const bare = await page.evaluate(`[...document.querySelectorAll('table:not(.u-legend)')]
    .filter((one) => one.caption === null || one.querySelector('thead th:not([scope])') !== null)
    .map(({ outerHTML }) => outerHTML)`);
  deepEqual(bare, []);
  equal(await page.evaluate('document.documentElement.lang'), 'en');
  ok((await page.locator('[aria-live=polite]').count()) > 0);

  const wanted = `[...document.querySelectorAll('button, input, a[href], summary, .scroll')]
    .filter((one) => one.checkVisibility())`;
  await page.evaluate('document.activeElement.blur()');
  await page.locator('#cluster tbody').last().hover();
  const count = (await page.evaluate(`(window.wanted = new Set(${wanted})).size`)) as number;
  ok(count > 25, `${count} controls`);
  for (let tabs = 0; tabs < TABS_MAX; tabs++) {
    await page.keyboard.press('Tab');
    const left = await page.evaluate('wanted.delete(document.activeElement), wanted.size');
    if (left === 0) break;
  }
  const missed = '[...wanted].filter((one) => one.isConnected).map((one) => one.outerHTML)';
  deepEqual(await page.evaluate(missed), []);
  await page.locator('#secret').focus();
  await page.keyboard.press('Tab');
  const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
  equal(outline, 'solid', 'focus is seen');
});

test('a click says why a request went where it did, or would go', { skip }, async () => {
  const button = page.getByRole('button', { name: /^Why \d+-/ }).first();
  const id = ((await button.getAttribute('aria-label')) ?? '').slice('Why '.length);
  await button.click();
  await until('it says why', async () => (await textOf('.why')).startsWith(`Request ${id}: GET /`));
  match(await textOf('.why'), /byLoad +www\d/);
  match(await textOf('.why'), /It happened at .*, status 200/);
  await pictureOf(page, 'page-why');

  await page.getByLabel('Where would a request for this go').fill('/backhand/x');
  await page.getByLabel('with the field').fill('X-Test: 1');
  await page.keyboard.press('Enter');
  await until('it answers', async () => /the status page answers/.test(await textOf('.why')));
  await page.getByLabel('Where would a request for this go').fill('no path');
  await page.keyboard.press('Enter');
  await until('it answers in words', async () => !/status page answers/.test(await textOf('.why')));
  ok((await textOf('.why')).length > 10);
});

test('drain and resume need the secret of the cluster', { skip }, async () => {
  const drain = page.getByRole('button', { name: 'Drain www5' });
  const secret = readFileSync(join(demo.directory, 'secret'), 'utf8').trim();
  const enter = async (text: string): Promise<void> => {
    await page.getByLabel(/cluster's secret/).fill(text);
    await page.keyboard.press('Enter');
  };
  const says = (words: RegExp) =>
    until(`it says ${words}`, async () => words.test(await textOf('.said')));
  await drain.click();
  await says(/^First enter the secret/);
  await enter('of another cluster');
  await drain.click();
  await says(/^Not done: the signature is refused: it is not of our secret$/);
  equal(await stateOf('www5'), 'up');

  await enter(secret);
  await drain.click();
  await says(/^www5/);
  await until('it is draining', async () => (await stateOf('www5')) === 'draining');
  match(await textOf('.warnings'), /^www5 is draining/);
  await until('it is told who asked', async () => {
    return /127\.0\.[\d.]+ \(signed\)/.test(await textOf('#cluster table'));
  });
  await pictureOf(page, 'page-draining');
  await page.getByRole('button', { name: 'Resume www5' }).click();
  await until('it is up again', async () => (await stateOf('www5')) === 'up');
  await until('nothing is wrong', async () => (await textOf('.warnings')) === '');
  equal(await page.evaluate('localStorage.length'), 0, 'the secret is of this tab only');
});

test('it fits a telephone, by day and by night', { skip }, async () => {
  const papers = new Set<unknown>();
  for (const colorScheme of ['light', 'dark'] as const) {
    const phone = await open({ colorScheme, viewport: { width: 400, height: 800 } });
    await until('it is drawn', async () => (await phone.locator('#cluster canvas').count()) === 2);
    await phone.getByRole('button', { name: /^Why / }).first().click();
    await until('it says why', async () => {
      return ((await phone.locator('.why').textContent()) ?? '') !== '';
    });
    equal(await phone.evaluate('document.documentElement.scrollWidth'), 400);
    papers.add(await phone.evaluate('getComputedStyle(document.body).backgroundColor'));
    await pictureOf(phone, `page-400-${colorScheme}`);
    await phone.context().close();
  }
  equal(papers.size, 2);
});

test('without JavaScript it is the table that it ever was', { skip }, async () => {
  const plain = await open({ javaScriptEnabled: false });
  equal(await plain.locator('main table').first().locator('tbody tr').count(), 7);
  equal(await plain.locator('#cluster').isVisible(), false);
  await plain.context().close();
});

test('the API is that of the node asked, through whatever zone it comes', { skip }, async () => {
  const through = { headers: { 'backhand-proxied': '10.9.8.7' } };
  for (const path of ['api/node', 'api/cluster', 'api/why?target=/']) {
    equal((await fetch(urlOf('www1') + path, through)).status, 404, path);
    equal((await fetch(urlOf('www1') + path)).status, 200, path);
  }
  const { port } = new URL(demo.url);
  for (const prefix of ['/.well-known/forehand', '/.well-known/forehand/api/../../../backhand']) {
    const { status, node } = await rawGet(demo.node('director1').address, Number(port), prefix);
    deepEqual([status, node], [403, null], prefix);
  }
});

test('nothing has complained but of refusals, and nobody else was asked', { skip }, () => {
  const refusals = complaints.filter((text) =>
    /the server responded with a status of 4.*\/api\/(why|drain)/.test(text),
  );
  deepEqual(complaints, refusals);
  equal(refusals.length, 2, 'of what is no path, and of a wrong secret');
});

test('a killed machine is shown as stale or silent, in words', { skip }, async () => {
  process.kill(demo.node('www3').pid, 'SIGKILL');
  await until('www3 is stale', async () => /^(stale|silent)$/.test(await stateOf('www3')));
  equal(await rowOf('www3').getAttribute('class'), 'gone');
  await until('there is a warning', async () => {
    return /^www3 is (stale|silent): .{20}/.test(await textOf('.warnings'));
  });
  // Another one may be suspect for a moment.
  await until('the heading says so', async () => /^6 of 7 servers up/.test(await textOf('h1')));
  await until('nothing else is wrong', async () => {
    return /^As far as known, one thing is wrong:$/.test(await textOf('.summary'));
  });
  await until('its figures are not known', async () => {
    return /–\t–\t–/.test(await cellsOf('www3'));
  });
  await pictureOf(page, 'page-killed');
});

test('a lost stream makes all old, and it comes back by itself', { skip }, async () => {
  await page.evaluate('window.mark = 1');
  process.kill(demo.node('director1').pid, 'SIGKILL');
  const words = /^What is below is as it was: this node has said nothing for (\d+)/;
  await until('it says so', async () => words.test(await textOf('.summary')));
  equal(await page.locator('#cluster.old').count(), 1);
  match(await textOf('h1'), /^Lost sight of the cluster/);
  await until('it grows older', async () => {
    return Number(words.exec(await textOf('.summary'))?.[1]) >= 5;
  });
  await pictureOf(page, 'page-lost');
  const body = JSON.stringify({ name: 'director1', on: true });
  const headers = { 'x-control-room': '1' };
  equal((await fetch(`${demo.control}power`, { method: 'POST', headers, body })).status, 204);
  await until('it lives again', async () => (await page.locator('#cluster.old').count()) === 0);
  equal(await page.evaluate('window.mark'), 1, 'the page was not loaded again');
});

/** As no client library would send it: dots stay in the path. */
async function rawGet(host: string, port: number, prefix: string) {
  const socket = connect({ host, port });
  socket.end(`GET ${prefix}/api/node HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const text = await new Response(Readable.toWeb(socket) as ReadableStream).text();
  const status = Number(text.slice(9, 12));
  return { status, node: /"node":"(\w+)"/.exec(text)?.[1] ?? null };
}
