/**
 * The system's own Chromium, driven by playwright-core.
 *
 * What a newcomer gets wrong: nothing is downloaded behind anybody's back. Where there is no
 * Chromium, root gets Debian's; everybody else is told why the tests in a browser are left out.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** @returns a reason, when there is no browser to be had */
export function whyNoBrowser(): string | null {
  if (findBrowser() !== null) return null;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    return 'there is no Chromium: apt-get install chromium';
  }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    spawnSync('apt-get', args, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: '' } });
  }
  return findBrowser() === null ? 'apt-get install chromium failed' : null;
}

function findBrowser(): string | null {
  return PATHS.find((path) => existsSync(path)) ?? null;
}

/** With a profile of its own, which playwright makes and removes. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === null) throw new Error('ask whyNoBrowser before');
  // Chromium's sandbox wants a user who is not root, or a kernel that lets it make namespaces.
  const args = ['--no-sandbox', '--disable-background-networking', '--disable-component-update'];
  return chromium.launch({ executablePath, args });
}

/** Into $FOREHAND_SCREENSHOTS, for somebody to look at. */
export async function pictureOf(page: Page, name: string): Promise<void> {
  const directory = process.env['FOREHAND_SCREENSHOTS'];
  if (directory === undefined) return;
  await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
}
