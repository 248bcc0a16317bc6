/** Files as answers: what is served, and above all what is not. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Answer, LocalRequest } from './answer.ts';
import { Files } from './files.ts';

const directory = mkdtempSync(join(tmpdir(), 'forehand-files-'));
after(() => rmSync(directory, { recursive: true }));
const root = join(directory, 'root');
const LARGE_BYTES = 100_000_000;
const LARGER_THAN_A_TURN = 2_000_000;

mkdirSync(join(root, 'folder'), { recursive: true });
mkdirSync(join(root, 'indexed'));
mkdirSync(join(root, '.well-known'));
writeFileSync(join(root, 'a.txt'), '0123456789');
writeFileSync(join(root, 'empty.txt'), '');
writeFileSync(join(root, 'indexed', 'index.html'), 'index');
writeFileSync(join(root, '.secret'), 'secret');
writeFileSync(join(root, '.well-known', 'a.txt'), 'known');
writeFileSync(join(root, 'shrinking'), Buffer.alloc(LARGER_THAN_A_TURN));
writeFileSync(join(root, 'unreadable'), 'x');
writeFileSync(join(directory, 'above.txt'), 'above');
mkdirSync(join(directory, 'rooted'));
writeFileSync(join(directory, 'rooted', 'a.txt'), 'not below root');
symlinkSync(join(directory, 'above.txt'), join(root, 'outside'));
symlinkSync(join(directory, 'rooted'), join(root, 'sideways'));
symlinkSync('a.txt', join(root, 'inside'));
symlinkSync('loop', join(root, 'loop'));
execFileSync('mkfifo', [join(root, 'fifo')]);
chmodSync(join(root, 'unreadable'), 0);

type Recorded = Answer & {
  status: number;
  fields: string;
  length: number;
  body: string;
  ended: boolean;
  aborted: boolean;
  drained: number;
};

/** An answer that takes so many bytes before it says that it is full. */
function recorder(headOnly: boolean, takesBytes: number): Recorded {
  let room = takesBytes;
  const answer: Recorded = {
    ...{ status: 0, fields: '', length: 0, body: '', ended: false, aborted: false, drained: 0 },
    headOnly,
    onDrain: () => {},
    onAbort: () => {},
    send: (status, fields, body) => {
      answer.begin(status, fields, body.length);
      answer.body += Buffer.from(body).toString('latin1');
      answer.ended = true;
    },
    begin: (status, fields, length) => Object.assign(answer, { status, fields, length }),
    write: (bytes, start, end) => {
      answer.body += Buffer.from(bytes.subarray(start, end)).toString('latin1');
      room -= end - start;
      return room > 0;
    },
    end: () => {
      answer.ended = true;
    },
    abort: () => {
      answer.aborted = true;
    },
  };
  return answer;
}

const files = new Files({ documentRoot: root, directoryIndex: ['index.htm', 'index.html'] });

type Ask = { readonly method?: string; readonly fields?: Readonly<Record<string, string>> };

function ask(path: string, { method = 'GET', fields = {} }: Ask = {}, takesBytes = 1e9): Recorded {
  const answer = recorder(method === 'HEAD', takesBytes);
  const request: LocalRequest = {
    method,
    path,
    target: `${path}?q`,
    host: 'a',
    clientAddress: '192.0.2.1',
    field: (name) => fields[name] ?? null,
  };
  files.serve(request, answer);
  return answer;
}

test('serve() sends a file with its type and validators when it is one', () => {
  const { status, fields, length, body, ended } = ask('/a.txt');
  deepEqual([status, length, body, ended], [200, 10, '0123456789', true]);
  match(fields, /^Content-Type: text\/plain; charset=utf-8\r\nAccept-Ranges: bytes\r\nETag: "/);
});

const rows: readonly (readonly [
  what: string,
  path: string,
  ask: Ask,
  status: number,
  body: string,
])[] = [
  ['HEAD wants no body', '/a.txt', { method: 'HEAD' }, 200, ''],
  ['it is empty', '/empty.txt', {}, 200, ''],
  ['a part is wanted', '/a.txt', { fields: { range: 'bytes=2-4' } }, 206, '234'],
  ['HEAD asks for a part', '/a.txt', { method: 'HEAD', fields: { range: 'bytes=2-4' } }, 200, ''],
  [
    'If-Range does not hold',
    '/a.txt',
    { fields: { range: 'bytes=2-4', 'if-range': '"x"' } },
    200,
    '0123456789',
  ],
  ['the client has it', '/a.txt', { fields: { 'if-none-match': '*' } }, 304, ''],
  ['the client wants another one', '/a.txt', { fields: { 'if-match': '"x"' } }, 412, ''],
  ['a directory has an index', '/indexed/', {}, 200, 'index'],
  ['a link stays below the root', '/inside', {}, 200, '0123456789'],
  ['it is a well-known resource', '/.well-known/a.txt', {}, 200, 'known'],
];

for (const [what, path, asked, status, body] of rows) {
  test(`serve() answers ${status} when ${what}`, () => {
    const answer = ask(path, asked);
    deepEqual([answer.status, answer.body, answer.ended], [status, body, true]);
  });
}

const refused: readonly (readonly [what: string, path: string, status: number])[] = [
  ['there is none', '/none', 404],
  ['a directory has no index', '/folder/', 403],
  ['it begins with a dot', '/.secret', 404],
  ['a directory begins with a dot', '/.git/config', 404],
  ['a link leads out of the root', '/outside', 404],
  ['a linked directory leads out of the root', '/sideways/a.txt', 404],
  ['a link leads to itself', '/loop', 404],
  ['it is a named pipe', '/fifo', 403],
  ['the path climbs all the same', '/../above.txt', 404],
  ['a sibling begins like the root', '/../rooted/a.txt', 404],
  ['a file is used as a directory', '/a.txt/b', 404],
  ['a slash follows the name of a file', '/a.txt/', 404],
  ['there is a NUL in it', '/a.txt\0.html', 404],
];

for (const [what, path, status] of refused) {
  test(`serve() answers ${status} when ${what}`, () => {
    equal(ask(path).status, status);
  });
}

test('serve() answers 403 when a file may not be read', () => {
  // Root may read everything.
  equal(ask('/unreadable').status, process.getuid?.() === 0 ? 200 : 403);
});

test('serve() adds the slash when a directory is asked for without it', () => {
  const { status, fields } = ask('/folder');
  equal(status, 301);
  equal(fields, 'Location: /folder/?q\r\n');
});

test('serve() keeps the redirect on this host when a path begins with two slashes', () => {
  const { status, fields } = ask('//folder');
  equal(status, 301);
  equal(fields, 'Location: /folder/?q\r\n');
});

test('serve() answers 405 when a file is to be changed', () => {
  const { status, fields } = ask('/a.txt', { method: 'PUT' });
  equal(status, 405);
  match(fields, /Allow: GET, HEAD\r\n/);
});

test('serve() answers 416 with the size when a part is behind the end', () => {
  const { status, fields } = ask('/a.txt', { fields: { range: 'bytes=10-' } });
  equal(status, 416);
  match(fields, /Content-Range: bytes \*\/10\r\n/);
});

test('serve() waits when the client is full, and ends the answer when it drains', () => {
  const answer = ask('/shrinking', {}, 1);
  ok(answer.body.length < LARGER_THAN_A_TURN);
  equal(answer.ended, false);
  while (!answer.ended) answer.onDrain();
  equal(answer.body.length, LARGER_THAN_A_TURN);
});

test('serve() cuts the answer when the file has become shorter', () => {
  const answer = ask('/shrinking', {}, 1);
  truncateSync(join(root, 'shrinking'), 0);
  answer.onDrain();
  deepEqual([answer.aborted, answer.ended], [true, false]);
  truncateSync(join(root, 'shrinking'), LARGER_THAN_A_TURN);
});

test('serve() reads no more when the client is gone', () => {
  const answer = ask('/shrinking', {}, 1);
  const { length } = answer.body;
  answer.onAbort();
  answer.onDrain();
  equal(answer.body.length, length);
  deepEqual([answer.aborted, answer.ended], [false, false]);
});

test('serve() holds no file in memory when it is large', async () => {
  const path = join(root, 'large');
  writeFileSync(path, '');
  truncateSync(path, LARGE_BYTES);
  let bytes = 0;
  const before = process.memoryUsage().rss;
  await new Promise<void>((resolve) => {
    const answer = recorder(false, 0);
    answer.write = (_, start, end) => {
      bytes += end - start;
      return true;
    };
    answer.end = resolve;
    const request = { method: 'GET', path: '/large', target: '/large', host: 'a' };
    files.serve({ ...request, clientAddress: '', field: () => null }, answer);
  });
  equal(bytes, LARGE_BYTES);
  ok(process.memoryUsage().rss - before < LARGE_BYTES / 2);
});
