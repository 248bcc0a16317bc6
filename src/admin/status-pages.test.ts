/** Goal: the right format for every way of asking, and a page that trusts no name. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { server } from '../core/candidacy/candidacy.fixture.ts';
import type { Server } from '../core/candidacy/candidates.ts';
import type { Answer, LocalRequest } from '../proxy/answer.ts';
import { config, NOW_MS, STATUS_ZONE, statusParts } from './admin.fixture.ts';
import { prefersJson, StatusPages } from './status-pages.ts';

type Answered = { readonly status: number; readonly fields: string; readonly body: string };
type Asked = {
  readonly method?: string;
  readonly target: string;
  readonly accept?: string;
  readonly field?: (name: string) => string | null;
};

function ask({ method = 'GET', target, accept, field }: Asked, pages: StatusPages): Answered {
  let answered: Answered | null = null;
  const request: LocalRequest = {
    method,
    target,
    path: target.replace(/\?.*/s, ''),
    host: 'director',
    clientAddress: '192.0.2.1',
    field: field ?? ((name) => (name === 'accept' ? (accept ?? null) : null)),
  };
  const send: Answer['send'] = (status, fields, body) => {
    answered = { status, fields, body: Buffer.from(body).toString() };
  };
  pages.serve(request, { send } as Answer);
  ok(answered !== null);
  return answered;
}

const page = (known?: readonly Server[]) => new StatusPages(statusParts(known));

const ways: readonly [asked: Asked, status: number, type: string][] = [
  [{ target: '/backhand/' }, 200, 'text/html'],
  [{ target: '/backhand/?' }, 200, 'text/html'],
  [{ target: '/backhand/', accept: '*/*' }, 200, 'text/html'],
  [{ target: '/backhand/', accept: 'application/json' }, 200, 'application/json'],
  [{ target: '/backhand/?format=json' }, 200, 'application/json'],
  [{ target: '/backhand/?format=prometheus' }, 200, 'text/plain; version=0.0.4'],
  [{ target: '/backhand/status.json', accept: 'text/html' }, 200, 'application/json'],
  [{ target: '/backhand/metrics', accept: 'application/json' }, 200, 'text/plain; version=0.0.4'],
  [{ target: '/backhand/metrics?format=html' }, 200, 'text/html'],
  [{ target: '/backhand/', method: 'HEAD' }, 200, 'text/html'],
  [{ target: '/backhand/?format=xml' }, 400, 'text/plain'],
  [{ target: '/backhand/other' }, 404, 'text/plain'],
  [{ target: '/backhand/__proto__' }, 404, 'text/plain'],
  [{ target: '/backhand/', method: 'POST' }, 405, 'text/plain'],
];

test('StatusPages.serve() answers in the format that was asked for', () => {
  for (const [asked, status, type] of ways) {
    const answered = ask(asked, page());
    equal(answered.status, status, JSON.stringify(asked));
    ok(answered.fields.startsWith(`Content-Type: ${type}`), `${answered.fields} for ${type}`);
    match(answered.fields, /^([A-Za-z-]+: [^\r\n]+\r\n)+$/);
  }
});

test('StatusPages.serve() names what there is when something else is asked for', () => {
  const { body } = ask({ target: '/backhand/other' }, page());
  for (const path of ['/backhand/,', '/backhand/status.json', '/backhand/metrics']) {
    ok(body.includes(path), body);
  }
  match(ask({ target: '/backhand/', method: 'PUT' }, page()).fields, /Allow: GET, HEAD\r\n/);
});

test('StatusPages.serve() works in a zone that is no path', () => {
  const files = { kind: 'files', match: { kind: 'everything' } } as const;
  const zone = { ...STATUS_ZONE, scopes: [files] };
  const pages = new StatusPages({ ...statusParts(), config: config([zone]) });
  match(ask({ target: '/a/status.json' }, pages).fields, /application\/json/);
  match(ask({ target: '/a/cluster' }, pages).body, /href="\/a\/metrics"/);
});

test('StatusPages.serve() escapes what the network told', () => {
  const name = '<img src=x onerror=alert(1)>"\'&';
  const { body } = ask({ target: '/backhand/' }, page([server(0), server(1, { name })]));
  ok(!body.includes('<img'));
  ok(body.includes('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;'));
});

test('StatusPages.serve() allows its own scripts and styles, and nothing else', () => {
  const { fields, body } = ask({ target: '/backhand/' }, page());
  const policy = /^Content-Security-Policy: (.*)\r$/m.exec(fields)?.[1] ?? '';
  match(
    policy,
    /^default-src 'none'; script-src 'self' 'sha256-[^']+'; style-src 'self' 'sha256-[^']+';/,
  );
  ok(!policy.includes('unsafe'));
  // The one inline, by its hash, and the bundle.
  equal(body.match(/<script/g)?.length, 2);
  equal(body.match(/<style/g)?.length, 1);
  ok(!/\s(style|on\w+)=/.test(body), 'neither would be allowed');
  ok(!/(src|href)="(https?:)?\/\//.test(body), 'nothing is from outside');
});

test('StatusPages.serve() serves the bundle that the page names, for ever, compressed', () => {
  const { body } = ask({ target: '/backhand/' }, page());
  const [, script = ''] = /<script type="module" src="([^"]+)"/.exec(body) ?? [];
  const [, style = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(body) ?? [];
  for (const [target, type] of [
    [script, 'text/javascript'],
    [style, 'text/css'],
  ] as const) {
    const plain = ask({ target }, page());
    equal(plain.status, 200, target);
    match(plain.fields, new RegExp(`^Content-Type: ${type}`));
    match(plain.fields, /immutable/);
    const etag = /ETag: (\S+)/.exec(plain.fields)?.[1] ?? '';
    const field = (name: string) => (name === 'if-none-match' ? etag : null);
    equal(ask({ target, field }, page()).status, 304);
    for (const [accepts, coding] of [
      ['gzip, br', 'br'],
      ['gzip;q=0.5', 'gzip'],
      ['br;q=0, gzip', 'gzip'],
    ] as const) {
      const coded = ask(
        { target, field: (name) => (name === 'accept-encoding' ? accepts : null) },
        page(),
      );
      match(coded.fields, new RegExp(`Content-Encoding: ${coding}\\r`));
    }
  }
  equal(ask({ target: '/backhand/app.00000000.js' }, page()).status, 404);
});

test("StatusPages.serve() keeps the original's columns in their order", () => {
  const { body } = ask({ target: '/backhand/' }, page());
  const head = body.slice(body.indexOf('<thead>'), body.indexOf('</thead>'));
  deepEqual(
    [...head.matchAll(/<th scope="col"[^>]*>([^<]*)/g)].map(([, text]) => text),
    [
      'Entry',
      'Hostname',
      'State',
      'Age',
      'Address',
      'Total Mem',
      'Avail Mem',
      '# ready servers/# total servers',
      '~ms/req [#req]',
      'Arriba',
      '# CPUs',
      'Load/HWM',
      'CPU Idle',
    ],
  );
});

test('StatusPages.serve() says stale by a word and a colour, and unknown by a word', () => {
  const old = server(1, { heardMs: NOW_MS - 5_000, capacity: 0 });
  const { body } = ask({ target: '/backhand/' }, page([server(0), old]));
  const row = body.slice(body.lastIndexOf('<tr class="gone">'));
  match(row, /<span class="state">stale<\/span>/);
  match(row, /<td class="n">5\.0 s<\/td>/);
  match(row, /<span class="unknown">unknown<\/span>/);
  match(body, /1 of 2 servers up/);
});

test('prefersJson() weighs what a client accepts', () => {
  const accepts: readonly [accept: string, json: boolean][] = [
    ['', false],
    ['*/*', false],
    ['application/json', true],
    ['Application/JSON; charset=utf-8', true],
    ['text/html,application/json;q=0.9', false],
    ['application/json;q=0.5, text/html;q=0.2', true],
    ['application/json;q=0', false],
    ['application/json;q=x', false],
  ];
  for (const [accept, json] of accepts) equal(prefersJson(accept), json, accept);
});
