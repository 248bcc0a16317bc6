/** Debian packages that a comparison needs, only as programs: their services are not started. */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

const DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/bin', '/usr/local/sbin'];

/** Debian's word on whether a package may start its service: 101 is no. */
const POLICY = '/usr/sbin/policy-rc.d';

/** @throws when it is missing and cannot be installed */
export function install(program: string): void {
  if (DIRECTORIES.some((directory) => existsSync(`${directory}/${program}`))) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const hadPolicy = existsSync(POLICY);
  if (!hadPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    execFileSync('apt-get', ['-q', 'update'], { env, stdio: 'ignore' });
    const args = ['-qy', '--no-install-recommends', 'install', program];
    execFileSync('apt-get', args, { env, stdio: 'ignore' });
  } finally {
    if (!hadPolicy) rmSync(POLICY);
  }
}
