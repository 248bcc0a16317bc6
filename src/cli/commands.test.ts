/** The commands that speak to a node, against an API that only listens and answers. */
import { deepEqual, equal, match } from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Command } from 'commander';
import { PLAIN } from '../config/diagnostic.ts';
import { clusterPicture } from '../core/report/cluster-picture.ts';
import { NOW_MS, nodeReport } from '../core/report/report.fixture.ts';
import { SignatureCheck } from '../node/admin/signature.ts';
import { programOf, runProgram } from './program.ts';

const directory = mkdtempSync(join(tmpdir(), 'forehand-commands-'));
after(() => rmSync(directory, { recursive: true }));
const SECRET = join(directory, 'secret');
writeFileSync(SECRET, 'of the cluster\n');
const check = new SignatureCheck('of the cluster');

const event = {
  sequence: 1,
  atMs: NOW_MS,
  kind: 'drain' as const,
  text: 'web1 is taken out',
  subject: 'web1',
  origin: '10.0.0.7 (signed)',
};
const picture = clusterPicture(nodeReport('web1', { inFlight: 0, events: [event] }), []);
const request = {
  id: '1-a',
  atMs: 0,
  client: '10.0.0.1',
  method: 'GET',
  target: '/\x9b2J',
  server: 'web2',
  status: 200,
  outcome: 'ok',
  totalMs: 4.25,
};
const answers: Record<string, unknown> = {
  'GET /api/cluster': picture,
  'GET /api/requests?n=50': [request],
  'GET /api/requests?n=1': [],
  'GET /api/why?id=1-a': { text: 'because\n' },
  'POST /api/drain': { ok: true, text: 'web1 is taken out' },
  'POST /api/move': { ok: true, text: '10.0.0.9 is at web2' },
  'GET /.well-known/forehand/api/cluster': picture,
  'GET /backhand/api/cluster': picture,
};

const asked: { what: string; body: string; signed: string | null }[] = [];
const server = createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  const { method = '', url: path = '' } = request;
  const what = `${method} ${path}`;
  const header = request.headers['forehand-signature'];
  const signed =
    header === undefined
      ? 'not signed'
      : check.problem(String(header), { method, path, body }, Date.now());
  asked.push({ what, body, signed });
  const answer = answers[what];
  response.statusCode = answer === undefined ? 404 : 200;
  response.end(JSON.stringify(answer ?? { ok: false, text: `the API has no ${what}` }));
});
const socket = join(directory, 'node.sock');
server.listen(socket);
await once(server, 'listening');
const network = createServer(server.listeners('request')[0] as () => void).listen(0, '127.0.0.1');
await once(network, 'listening');
after(() => void [server.close(), network.close()]);
const url = `http://127.0.0.1:${(network.address() as AddressInfo).port}`;

async function run(...words: string[]) {
  let [out, error] = ['', ''];
  const exitCode = await runProgram(words, {
    out: (text) => void (out += text),
    error: (text) => void (error += text),
    paint: PLAIN,
    paintError: PLAIN,
  });
  return { out, error, exitCode };
}

const cases = [
  [['top', '--once'], 0, /^web1 .*\n\nNODE +STATE/, 'GET /api/cluster', ''],
  [['top', '--json'], 0, /^\{"version":1/, 'GET /api/cluster', ''],
  [
    ['events'],
    0,
    /web1: web1 is taken out {2}\(10\.0\.0\.7 \(signed\)\)\n$/,
    'GET /api/cluster',
    '',
  ],
  [
    ['requests'],
    0,
    /^ID +TIME +CLIENT.*\n1-a .* GET \/\\x9b2J {2}web2 .* 4\.3\n$/,
    'GET /api/requests?n=50',
    '',
  ],
  [['requests', '--count', '1'], 0, /^none yet: one request in 16 is/, 'GET /api/requests?n=1', ''],
  [['why', '1-a'], 0, /^because\n$/, 'GET /api/why?id=1-a', ''],
  [['drain'], 0, /^web1 is taken out\n$/, 'POST /api/drain', '{}'],
  [['drain', 'web2'], 0, /^web1 is taken out\n$/, 'POST /api/drain', '{"node":"web2"}'],
  [['move', '10.0.0.9', 'web2'], 0, /is at web2/, 'POST /api/move', /"to":"web2"/],
  [['resume'], 1, /^$/, 'POST /api/resume', '{}'],
] as const;

for (const [words, exitCode, out, what, body] of cases) {
  test(`${words.join(' ')} asks ${what}`, async () => {
    asked.length = 0;
    const answer = await run(...words, '--control', socket);
    equal(answer.exitCode, exitCode, answer.error);
    match(answer.out, out);
    equal(asked[0]?.what, what);
    if (typeof body === 'string') equal(asked[0]?.body, body);
    else match(asked[0]?.body ?? '', body);
  });
}

test('a refusal is told in the words of the node', async () => {
  const { error } = await run('resume', '--control', socket);
  equal(error, 'forehand: the API has no POST /api/resume\n');
});

test('drain --wait waits until nothing is left', async () => {
  const { out, exitCode } = await run('drain', '--wait', '--control', socket);
  equal(exitCode, 0);
  match(out, /web1 works on nothing and holds nothing\n$/);
});

test('why with a path asks for a request that was not made', async () => {
  asked.length = 0;
  await run('why', '/a?b=1', '--header', 'Cookie: id=7', '--host', 'x', '--control', socket);
  const query = new URLSearchParams(asked[0]?.what.split('?').slice(1).join('?'));
  deepEqual(Object.fromEntries(query), {
    method: 'GET',
    target: '/a?b=1',
    host: 'x',
    field: 'Cookie:id=7',
  });
});

test('--node signs what it asks with the secret, below the path it is given', async () => {
  for (const [node, path] of [
    [url, '/.well-known/forehand/api/cluster'],
    [`${url}/backhand/`, '/backhand/api/cluster'],
  ] as const) {
    asked.length = 0;
    const { exitCode } = await run('top', '--once', '--node', node, '--secret-file', SECRET);
    equal(exitCode, 0);
    deepEqual(asked[0], { what: `GET ${path}`, body: '', signed: null });
  }
});

test('nobody at the other end is said, not thrown', async () => {
  const missing = join(directory, 'missing.sock');
  const { error, exitCode } = await run('status', '--control', missing);
  equal(exitCode, 1);
  match(error, /the node at .*missing\.sock does not answer \(ENOENT\)/);
  match((await run('top', '--node', 'ftp://x')).error, /not of the form http:\/\/host:port/);
});

const REFERENCE = 'docs/reference/commands.md';

test('docs/reference/commands.md has every command with every option, and no other', () => {
  const cli = { terminal: { out() {}, error() {}, paint: PLAIN, paintError: PLAIN }, exitCode: 0 };
  const program = programOf(cli);
  const known = program.commands
    .filter((command) => !['help', 'complete'].includes(command.name()))
    .toSorted((a, b) => (a.name() < b.name() ? -1 : 1));
  const text = readFileSync(REFERENCE, 'utf8');
  const [intro = ''] = text.split(/^## /m);
  const wanted = `${intro}${known.map(section).join('\n')}`;
  if (process.env['UPDATE'] === '1') writeFileSync(REFERENCE, wanted);
  else equal(text, wanted);
});

function section(command: Command): string {
  const alias = command.alias() === undefined ? '' : ` (also \`${command.alias()}\`)`;
  const parts = command.registeredArguments.map((argument) => {
    const name = argument.variadic ? `${argument.name()}...` : argument.name();
    const use = argument.required ? `<${name}>` : `[${name}]`;
    return `| \`${use}\` | ${argument.description} |`;
  });
  const options = command.options.map(({ flags, description, defaultValue }) => {
    const usual = defaultValue === undefined ? '' : `; \`${String(defaultValue)}\` by default`;
    return `| \`${flags}\` | ${description}${usual} |`;
  });
  const table = ['| | |', '|---|---|', ...parts, ...options].join('\n');
  const about = command.description();
  return `## ${command.name()}\n\n${about[0]?.toUpperCase()}${about.slice(1)}.${alias}\n\n${table}\n`;
}
