/**
 * Goal: `forehand why` says who served, for each built-in candidacy function.
 *
 * Method: a director and three web machines, real processes on loopback. The director has a zone
 * for every function. Requests are sent to it one by one; of each, `why` is asked, and its winner
 * compared with who answered, and all of them together with the director's counters.
 *
 * What a newcomer gets wrong: figures move. Where a function goes by them, `why` has a picture of
 * the table from just before the request, and may be wrong; then it has to say so.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { BUILTINS } from '../../src/core/candidacy/builtins.ts';
import type { RequestRecord } from '../../src/core/report/request-record.ts';
import type { WhyAnswer } from '../../src/core/report/why-answer.ts';

const root = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'forehand-why-'));
const control = join(directory, 'director.sock');

/** So that two runs on one machine do not meet. */
const OWN = process.pid % 1_000;
const HTTP_PORT = 18_300 + OWN;
const ANNOUNCE_PORT = 19_300 + OWN;
/** Of the first web machine; the director is one below. */
const LAST_OCTET = 101;
const WEBS = ['www1', 'www2', 'www3'] as const;
const LOADS = [3, 1, 2];
const REQUESTS = 6;

type Case = {
  /** Path of its zone: the function's name. */
  readonly chain: string;
  /** Sent along; by default nothing. */
  readonly cookie?: string;
  /** Who must serve, where that is certain. */
  readonly wins?: string;
  /** Goes by figures that change with every announcement. */
  readonly moves?: true;
};

const CASES: Readonly<Record<string, Case>> = {
  addPrediction: { chain: 'removeSelf, addPrediction, byBusyChildren', moves: true },
  addSelf: { chain: "byHostname('nobody'), addSelf", wins: 'director' },
  byAge: { chain: 'removeSelf, byAge, byLoad', wins: 'www2' },
  byBusyChildren: { chain: 'removeSelf, byBusyChildren', moves: true },
  byCost: { chain: 'removeSelf, byCost', moves: true },
  byCPU: { chain: 'removeSelf, byCPU', moves: true },
  byHostname: { chain: "byHostname('^www3')", wins: 'www3' },
  byLoad: { chain: 'removeSelf, byLoad', wins: 'www2' },
  byLogWindow: { chain: 'removeSelf, byRandom, byLogWindow, byLoad' },
  byRandom: { chain: 'removeSelf, byRandom' },
  bySession: {
    chain: "bySession('id='), removeSelf, byLoad",
    cookie: `a=b; id=7f0000${(LAST_OCTET + 2).toString(16)}xyz`,
    wins: 'www3',
  },
  HTTPRedirectToIP: { chain: 'removeSelf, byLoad, httpRedirectToIP', wins: 'www2' },
  HTTPRedirectToName: {
    chain: "removeSelf, byLoad, httpRedirectToName('%S.example')",
    wins: 'www2',
  },
  removeSelf: { chain: 'removeSelf, byLoad', wins: 'www2' },
};

/** `byAge, x('y')` as the calls of a configuration. */
function callsOf(chain: string): string {
  return chain.replace(/\w+(?=$|,)/g, '$&()');
}

function configText(): string {
  const calls = Object.entries(CASES).map(([name, { chain }]) => {
    return `    { location: '/${name}/', chain: [${callsOf(chain)}] },`;
  });
  const functions = ['defineCluster', ...BUILTINS.map(({ name }) => name.replace(/^HTTP/, 'http'))];
  const nodes = ['director', ...WEBS].map((name, index) => {
    const address = `127.0.0.${LAST_OCTET - 1 + index}`;
    const listen = `${address}:${HTTP_PORT}`;
    const load = index === 0 ? '' : ` loadFrom: './${name}.load',`;
    const own = index === 0 ? ` control: './director.sock', record: true,` : '';
    return `    ${name}: { address: '${listen}', listen: '${listen}',${load}${own} documentRoot: './${name}' },`;
  });
  return `import { ${functions.join(', ')} } from '${join(root, 'src/index.ts')}';
export default defineCluster({
  announce: { to: '127.255.255.255:${ANNOUNCE_PORT}', interval: '250ms' },
  accept: '127.0.0.0/8',
  workers: 1,
  zones: [
    { location: '/backhand/', handler: 'status' },
${calls.join('\n')}
  ],
  nodes: {
${nodes.join('\n')}
  },
});
`;
}

const nodes: ChildProcess[] = [];

before(async () => {
  for (const [index, name] of ['director', ...WEBS].entries()) {
    writeFileSync(join(directory, `${name}.load`), `${LOADS[index - 1] ?? 0} 0 0\n`);
    for (const zone of Object.keys(CASES)) {
      mkdirSync(join(directory, name, zone), { recursive: true });
      writeFileSync(join(directory, name, zone, 'index.html'), name);
    }
  }
  const config = join(directory, 'forehand.config.ts');
  writeFileSync(config, configText());
  await Promise.all(['director', ...WEBS].map((name) => startNode(config, name)));
  await until(async () => {
    const { servers } = await json<Status>('/backhand/status.json');
    return servers.length === 4 && servers.every(({ loadHwm }) => loadHwm > 0);
  });
});

after(async () => {
  await Promise.all(
    nodes.map(async (node) => {
      const gone = once(node, 'exit');
      if (node.exitCode === null && node.kill('SIGTERM')) await gone;
    }),
  );
  rmSync(directory, { recursive: true });
});

async function startNode(config: string, name: string): Promise<void> {
  const args = ['--disable-warning=ExperimentalWarning', join(root, 'bin/forehand.ts'), 'run'];
  const node = spawn(process.execPath, [...args, config, '--node', name], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  nodes.push(node);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    node.stderr.on('data', (chunk: Buffer) => {
      said += chunk;
      if (said.includes('serves at')) resolve();
    });
    node.once('exit', () => reject(new Error(`${name} ended: ${said}`)));
  });
}

type Status = {
  readonly servers: readonly { name: string; requests: number; loadHwm: number }[];
};

type Got = { readonly body: string; readonly location: string | null };

function ask(path: string, headers: Record<string, string> = {}): Promise<Got> {
  const host = `127.0.0.${LAST_OCTET - 1}`;
  return new Promise((resolve, reject) => {
    get({ host, port: HTTP_PORT, path, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ body, location: response.headers.location ?? null }));
    }).on('error', reject);
  });
}

async function json<T>(path: string): Promise<T> {
  return JSON.parse((await ask(path)).body) as T;
}

/** Through the control socket. */
function api<T>(path: string): Promise<T> {
  return new Promise((resolve, reject) => {
    request({ socketPath: control, path: `/api/${path}` }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve(JSON.parse(body) as T));
    })
      .on('error', reject)
      .end();
  });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + 20_000;
  while (!(await holds())) ok(Date.now() < endMs, 'it comes to hold');
}

async function servedCounts(): Promise<Record<string, number>> {
  const { servers } = await json<Status>('/backhand/status.json');
  return Object.fromEntries(servers.map(({ name, requests }) => [name, requests]));
}

/** The record of the last request for this path, once it is written. */
async function lastRequest(path: string, known: ReadonlySet<string>): Promise<RequestRecord> {
  for (;;) {
    const records = await api<RequestRecord[]>('requests?n=20');
    const found = records.findLast(({ target, id }) => target === path && !known.has(id));
    if (found !== undefined) return found;
  }
}

for (const { name } of BUILTINS) {
  test(`why says who served when ${name} has decided`, async (t) => {
    const { cookie, wins, moves, chain } = CASES[name]!;
    const path = `/${name}/`;
    const known = new Set<string>();
    const winners: Record<string, number> = {};
    const before = await servedCounts();
    let wrong = 0;
    for (let i = 0; i < REQUESTS; i++) {
      // Pictures of the table are 100 ms apart: not all may fall between an announcement and one.
      if (moves === true) await delay(70);
      const { body, location } = await ask(path, cookie === undefined ? {} : { cookie });
      const record = await lastRequest(path, known);
      known.add(record.id);
      const why = await api<WhyAnswer & { text: string }>(`why?id=${record.id}`);
      const served = location === null ? body : record.chosen!;
      equal(record.chosen, served, 'the record says who was chosen');
      equal(why.zone, `location ${path}`);
      deepEqual(why.chain!.functions.length, chain.split(', ').length);
      equal(why.location, location);
      if (why.differs === null) equal(why.chain!.winner, served, why.text);
      else {
        wrong++;
        match(why.text, /THIS IS NOT WHAT HAPPENED/);
        ok(moves === true, `${name} cannot differ: ${why.text}`);
      }
      if (wins !== undefined) equal(served, wins);
      winners[served] = (winners[served] ?? 0) + 1;
    }
    const counts = await servedCounts();
    for (const server of WEBS) {
      const expected = name.startsWith('HTTP') ? 0 : (winners[server] ?? 0);
      equal(counts[server]! - before[server]!, expected, `requests to ${server}`);
    }
    t.diagnostic(`${name}: ${JSON.stringify(winners)}, ${wrong} of ${REQUESTS} differ and say so`);
    ok(wrong < REQUESTS, 'as a rule it is right');
  });
}

test('why of a hypothetical request explains it with the table of now', async () => {
  const field = `Cookie: ${CASES['bySession']!.cookie}`;
  const query = new URLSearchParams({ target: '/bySession/?x=1', field });
  const why = await api<WhyAnswer & { text: string }>(`why?${query}`);
  equal(why.chain!.winner, 'www3');
  equal(why.happened, null);
  match(why.text, /www3 \(has the session\)/);
});
