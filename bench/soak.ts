/**
 * Does a node's memory stay flat? Two million requests of every kind through `forehand run`.
 *
 *     node scripts/launch.mjs bench/soak.ts [--requests 2000000]
 *
 * A row every tenth of them: resident memory of the process, and the largest heap of one of its
 * threads as the last full garbage collection left it. After the first rows, which are warm-up,
 * both must stay where they are; the program says whether they did, and ends with 1 if not.
 *
 * What a newcomer gets wrong: the kinds matter more than the number. Objects are kept for the next
 * request in several places, and each kind ends by another of them: aborted in an answer, cut in a
 * request, chunked, pipelined, one connection for one request.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '2000000' } } });
const TOTAL = Number(values.requests);
const ROW_EVERY = Math.max(1, Math.floor(TOTAL / 10));

/** As many clients at once: enough to keep the node busy all the time. */
const CLIENTS = 16;
const PIPELINED = 32;

/** Rows before this one are warm-up: the compiler, the pools, the kernel's buffers. */
const WARM_ROWS = 3;
/** What may come and go with the garbage collector. */
const GROWTH_MB_MAX = 24;

const SMALL = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n';
const LARGE = `HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(200_000)}`;

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: soak\r\n\r\n`;
const POST = 'POST /small HTTP/1.1\r\nHost: soak\r\nTransfer-Encoding: chunked\r\n\r\n';

const kinds: readonly (() => Promise<void>)[] = [
  async function keptAlive() {
    const socket = await client();
    for (let i = 0; i < PIPELINED; i++) await exchange(socket, get('/small'), 1);
    socket.destroy();
  },
  async function pipelined() {
    const socket = await client();
    for (let i = 0; i < PIPELINED; i++) {
      await exchange(socket, get('/small').repeat(PIPELINED), PIPELINED);
    }
    socket.end();
  },
  async function chunkedBothWays() {
    const socket = await client();
    const request = `${POST}3\r\nabc\r\n0\r\n\r\n${get('/chunked')}`;
    for (let i = 0; i < PIPELINED; i++) await exchange(socket, request, 2);
    socket.destroy();
  },
  async function oneEach() {
    const request = 'GET /small HTTP/1.0\r\nHost: soak\r\n\r\n';
    for (let i = 0; i < PIPELINED; i++) await exchange(await client(), request, 1);
  },
  async function abortedAnswer() {
    const socket = await client();
    socket.write(get('/large'));
    await once(socket, 'data');
    socket.resetAndDestroy();
    done++;
  },
  async function abortedRequest() {
    const socket = await client();
    socket.write(`${POST}3\r\nab`);
    socket.destroy();
    await once(socket, 'close');
    done++;
  },
  async function refused() {
    const socket = await client();
    socket.write('GET / HTTP/1.1\r\nHost : soak\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    done++;
  },
];

const root = join(import.meta.dirname, '..');
const directory = mkdtempSync(join(tmpdir(), 'forehand-soak-'));
const origin = await startOrigin();
const node = await startNode();
let done = 0;
try {
  process.exitCode = (await soak()) ? 0 : 1;
} finally {
  node.child.kill('SIGTERM');
  node.child.kill('SIGINT');
  await once(node.child, 'exit');
  origin.server.close();
  for (const socket of origin.sockets) socket.destroy();
  rmSync(directory, { recursive: true });
}

async function soak(): Promise<boolean> {
  const rows: { rssMb: number; heapMb: number }[] = [];
  let nextRow = ROW_EVERY;
  const startMs = performance.now();
  const look = (): void => {
    if (done < nextRow) return;
    nextRow += ROW_EVERY;
    const row = { rssMb: rssMbOf(node.child.pid!), heapMb: node.heapMb() };
    rows.push(row);
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(0);
    const { rssMb, heapMb } = row;
    console.log(`${done} requests, ${seconds} s: RSS ${rssMb} MB, heap ${heapMb.toFixed(1)} MB`);
  };
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, index) => {
      for (let turn = index; done < TOTAL; turn++) {
        await kinds[turn % kinds.length]!();
        look();
      }
    }),
  );
  const settled = rows.slice(WARM_ROWS);
  const flat = (['rssMb', 'heapMb'] as const).every((name) => {
    const first = settled[0]?.[name] ?? 0;
    const last = settled.at(-1)?.[name] ?? 0;
    return last - first <= GROWTH_MB_MAX;
  });
  console.log(flat ? 'flat after warm-up' : 'NOT flat after warm-up');
  return flat;
}

async function client(): Promise<Socket> {
  const socket = connect(node.port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  return socket.setEncoding('latin1');
}

/** Sends this, and waits for as many answers as there are requests in it. */
async function exchange(socket: Socket, request: string, answers: number): Promise<void> {
  let text = '';
  const whole = Promise.withResolvers<void>();
  const read = (piece: string): void => {
    text += piece;
    if (text.split('ok').length > answers) whole.resolve();
  };
  socket.on('data', read).once('close', whole.resolve);
  socket.write(request);
  await whole.promise;
  socket.off('data', read).off('close', whole.resolve);
  done += answers;
}

/** Answers what is asked for by its path, as fast as it can be read. */
async function startOrigin(): Promise<{ server: Server; port: number; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    socket.setEncoding('latin1').on('data', (piece: string) => {
      text += piece;
      for (;;) {
        const headEnd = text.indexOf('\r\n\r\n');
        if (headEnd < 0) return;
        const head = text.slice(0, headEnd);
        const isChunked = head.includes('chunked\r\n');
        const end = isChunked ? text.indexOf('\r\n0\r\n\r\n', headEnd) + 7 : headEnd + 4;
        if (isChunked && end < 7) return;
        text = text.slice(end);
        const path = head.split(' ')[1];
        socket.write(path === '/large' ? LARGE : path === '/chunked' ? CHUNKED : SMALL);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { server, sockets, port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
}

async function startNode() {
  const config = join(directory, 'soak.config.ts');
  writeFileSync(
    config,
    "import { defineCluster } from 'forehand';\n" +
      "export default defineCluster({ workers: 1, announce: { interval: '1h' }, nodes: { soak: {} } });\n",
  );
  const port = 10_000 + randomInt(20_000);
  const child = spawn(
    process.execPath,
    [
      ...['--disable-warning=ExperimentalWarning', '--trace-gc'],
      ...[join(root, 'bin', 'forehand.ts'), 'run', config, '--listen', `127.0.0.1:${port}`],
      ...['--application', `http://127.0.0.1:${origin.port}`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  // [4711:0x7f...]  321 ms: Mark-Compact 29.1 (32.0) -> 8.4 (12.0) MB; one heap for each thread.
  const heaps = new Map<string, number>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const [, heap, mb] of text.matchAll(
      /\[\d+:(0x\w+)[^\n]*?Mark-Compact[^\n]*? -> ([\d.]+) \(/g,
    )) {
      heaps.set(heap!, Number(mb));
    }
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes(' serves at ')) resolve();
    });
    child.once('exit', () => reject(new Error(said)));
  });
  return { child, port, heapMb: () => Math.max(0, ...heaps.values()) };
}

function rssMbOf(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(match?.[1] ?? 0) / 1_024);
}
