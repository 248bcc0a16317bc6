/**
 * The system's own Chromium, driven by playwright-core.
 *
 * What a newcomer gets wrong: nothing is downloaded behind anybody's back. Where there is no
 * Chromium, root gets Debian's; everybody else is told why the tests in a browser are left out.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

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
