/**
 * The machines of the comparison: an origin and three proxies in front of it, on loopback.
 *
 * All proxies do the same work; the configurations below are the whole difference. They are written
 * to a temporary folder that goes away with the rig, as do all processes.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processTree } from './process-tree.ts';

export const PROXIES = ['forehand', 'haproxy', 'nginx'] as const;
export type ProxyName = (typeof PROXIES)[number];

export type Rig = AsyncDisposable & {
  readonly directory: string;
  readonly versions: Readonly<Record<ProxyName | 'kernel', string>>;
  readonly proxies: Readonly<Record<ProxyName, { pids: readonly number[]; port: number }>>;
  /** Processor of origin and load generator, as `taskset -c` takes it. */
  readonly loadCpu: string;
};

const PROXY_CPU = '0';
const LOAD_CPU = '1';

const root = join(import.meta.dirname, '..');
const forehand = join(root, 'bin', 'forehand.ts');

const PORTS = {
  origin: 18_100,
  forehand: 18_101,
  haproxy: 18_102,
  nginx: 18_103,
  announce: 18_145,
  web: 18_104,
} as const;

export async function startRig(): Promise<Rig> {
  install();
  const directory = mkdtempSync(join(tmpdir(), 'forehand-bench-'));
  const processes: ChildProcess[] = [];
  const dispose = async (): Promise<void> => {
    for (const child of processes.toReversed()) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM')) await gone;
    }
    rmSync(directory, { recursive: true, force: true });
  };
  const start = (cpu: string, command: string, ...args: string[]): ChildProcess => {
    const child = spawn('taskset', ['-c', cpu, command, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    processes.push(child);
    return child;
  };
  try {
    writeFiles(directory);
    const file = (name: string): string => join(directory, name);
    start(LOAD_CPU, 'nginx', '-c', file('origin.conf'), '-p', directory);
    const nginx = start(PROXY_CPU, 'nginx', '-c', file('nginx.conf'), '-p', directory);
    const haproxy = start(PROXY_CPU, 'haproxy', '-db', '-f', file('haproxy.cfg'));
    const node = ['--disable-warning=ExperimentalWarning', forehand, 'run'];
    start(LOAD_CPU, process.execPath, ...node, file('web.conf'));
    const own = start(PROXY_CPU, process.execPath, ...node, file('director.conf'));
    for (const port of [PORTS.origin, PORTS.nginx, PORTS.haproxy, PORTS.forehand]) {
      await answers(port);
    }
    const pidsOf = (child: ChildProcess): number[] => processTree(child.pid!);
    return {
      directory,
      versions: versions(),
      loadCpu: LOAD_CPU,
      proxies: {
        forehand: { pids: pidsOf(own), port: PORTS.forehand },
        haproxy: { pids: pidsOf(haproxy), port: PORTS.haproxy },
        nginx: { pids: pidsOf(nginx), port: PORTS.nginx },
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Installs what is missing, from Debian's packages; says what to do where that cannot be. */
function install(): void {
  const missing = ['haproxy', 'nginx', 'wrk'].filter((name) => !has(name));
  if (missing.length === 0) return;
  const command = `apt-get install -y ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) throw new Error(`missing: ${missing.join(', ')}; run: ${command}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-q'], { stdio: 'ignore', env });
  execFileSync('apt-get', ['install', '-y', '-q', ...missing], { stdio: 'ignore', env });
}

function has(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function versions(): Rig['versions'] {
  const first = (command: string, ...args: string[]): string => {
    const { stdout, stderr } = {
      stdout: execFileSync('sh', ['-c', `${[command, ...args].join(' ')} 2>&1`], {
        encoding: 'utf8',
      }),
      stderr: '',
    };
    return `${stdout}${stderr}`.split('\n')[0]!.trim();
  };
  return {
    forehand: `forehand on Node ${process.version}`,
    haproxy: first('haproxy', '-v'),
    nginx: first('nginx', '-v'),
    kernel: first('uname', '-r'),
  };
}

async function answers(port: number): Promise<void> {
  const url = `http://127.0.0.1:${port}/small`;
  for (let tries = 0; tries < 100; tries++) {
    const status = await fetch(url).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
    if (status === 200) return;
    await sleep(100);
  }
  throw new Error(`nothing answers at ${url}`);
}

function writeFiles(directory: string): void {
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  // The origin's worker gives up root, and has to get in.
  chmodSync(directory, 0o755);
  mkdirSync(join(directory, 'html'));
  write('html/64k', 'x'.repeat(65_536));
  write('html/1m', 'x'.repeat(1_048_576));
  write('origin.conf', originConf(directory));
  write('nginx.conf', nginxConf(directory));
  write('haproxy.cfg', haproxyCfg());
  write('director.conf', directorConf());
  write('web.conf', webConf());
}

const nginxCommon = (directory: string, name: string): string => `
daemon off;
worker_processes 1;
pid ${directory}/${name}.pid;
error_log stderr crit;
events { worker_connections 4096; }
`;

function originConf(directory: string): string {
  return `${nginxCommon(directory, 'origin')}
http {
  access_log off;
  keepalive_requests 100000000;
  sendfile on;
  tcp_nopush on;
  default_type text/plain;
  client_body_buffer_size 64k;
  server {
    listen 127.0.0.1:${PORTS.origin} backlog=4096;
    root ${directory}/html;
    location = /small { return 200 "${'hello world '.repeat(8)}\\n"; }
  }
}
`;
}

function nginxConf(directory: string): string {
  return `${nginxCommon(directory, 'nginx')}
http {
  access_log off;
  keepalive_requests 100000000;
  client_body_buffer_size 64k;
  upstream origin { server 127.0.0.1:${PORTS.origin}; keepalive 128; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${PORTS.nginx} backlog=4096;
    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header Via "1.1 bench";
      proxy_set_header Backhand-Proxied $remote_addr;
    }
  }
}
`;
}

function haproxyCfg(): string {
  return `
global
  nbthread 1
  maxconn 4000
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 60s
  http-reuse always
frontend bench
  bind 127.0.0.1:${PORTS.haproxy} backlog 4096
  default_backend origin
backend origin
  balance leastconn
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(Host)]
  http-request set-header Via "1.1 bench"
  http-request set-header Backhand-Proxied %[src]
  server origin 127.0.0.1:${PORTS.origin} pool-max-conn 128
`;
}

/** The article's director: what it balances over is announced by \`webConf\`. */
function directorConf(): string {
  return `
ServerName bench
Listen 127.0.0.1:${PORTS.forehand}
MulticastStats 127.255.255.255:${PORTS.announce}
AcceptStats 127.0.0.0/8
ForehandWorkers 1
<Files ~ "*">
  Backhand bySession
  Backhand byAge
  Backhand removeSelf
  Backhand byLoad
</Files>
`;
}

/** A node that announces the origin as its contact, so that the director relays to it. */
function webConf(): string {
  return `
ServerName web
Listen 127.0.0.1:${PORTS.web}
MulticastStats 127.255.255.255:${PORTS.announce}
AcceptStats 127.0.0.0/8
ForehandWorkers 1
ForehandContact 127.0.0.1:${PORTS.origin}
`;
}
