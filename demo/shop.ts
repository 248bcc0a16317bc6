/**
 * A small book shop: an ordinary application behind `ForehandApplication`, one for each machine.
 *
 *     node demo/shop.ts '{ "name": "www1", "host": "127.0.0.11", "port": 8081, ... }'
 *
 * It knows nothing of the cluster but what an application must know to live in one: it puts its
 * place at the beginning of its session cookies. Carts live in this process, so losing the machine
 * loses them; the shop then says so.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Carts, COOKIE, change, type Session } from './carts.ts';
import { bookOf } from './catalogue.ts';
import { LoadReport } from './load-report.ts';
import { cartPage, cataloguePage, missingPage, orderPage, workPage } from './shop-pages.ts';

export type ShopOptions = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Eight hex digits at the beginning of session identifiers. */
  readonly place: string;
  /** Names of all machines by place. */
  readonly machines: Readonly<Record<string, string>>;
  readonly loadFile: string;
};

/** The forms of this shop are a few words long. */
const FORM_BYTES_MAX = 4_096;

/** `/work` keeps half a processor busy, so that a small computer can still be used. */
const WORK_SLICE_MS = 20;
const WORK_SECONDS = { ordinary: 20, max: 50 };

const options = JSON.parse(process.argv[2] ?? '{}') as ShopOptions;
const carts = new Carts(options.place);
const load = new LoadReport(options.loadFile);

type Reply = {
  readonly status: number;
  readonly body: string;
  readonly session: Session | null;
  readonly location?: string;
};

const server = createServer(async (request, response) => {
  load.begin();
  response.once('close', () => load.end());
  try {
    await serve(request, response);
  } catch (error) {
    // A client that leaves while it sends a form ends here.
    if (!response.headersSent) response.writeHead(500);
    response.end(error instanceof Error ? error.message : String(error));
  }
});
// A pooled connection must not be closed here first: the director keeps it for 60 s.
server.keepAliveTimeout = 75_000;
server.listen(options.port, options.host);

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://shop');
  const path = `${request.method === 'HEAD' ? 'GET' : request.method} ${pathname}`;
  if (path === 'GET /health') {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ machine: options.name }));
    return;
  }
  const session = sessionOf(request);
  if (path === 'GET /work') await work(Number(searchParams.get('seconds')), response);
  const form = request.method === 'POST' ? await formOf(request) : new URLSearchParams();
  send(response, reply(path, { session, form }));
}

/** A cart that was lost begins anew at once, so that the loss is told with the next page. */
function sessionOf(request: IncomingMessage): Session | null {
  const found = carts.find(request.headers.cookie ?? '');
  if (found.kind === 'here') return found.session;
  return found.kind === 'none' ? null : carts.begin(options.machines[found.place] ?? 'elsewhere');
}

type Asked = { readonly session: Session | null; readonly form: URLSearchParams };

function reply(path: string, { session, form }: Asked): Reply {
  const view = { machine: options.name, address: options.host, session };
  switch (path) {
    case 'GET /':
      return { status: 200, body: cataloguePage(view), session };
    case 'GET /cart':
      return { status: 200, body: cartPage(view), session };
    case 'GET /work':
      return { status: 200, body: workPage(view), session };
    case 'POST /cart': {
      const book = bookOf(form.get('book') ?? '');
      if (book === null) return { status: 404, body: missingPage(view), session };
      const own = session ?? carts.begin(null);
      change(own, book.id, form.get('take') === 'out' ? -1 : 1);
      return { status: 303, body: '', session: own, location: '/cart' };
    }
    case 'POST /told':
      if (session !== null) session.lostAt = null;
      return { status: 303, body: '', session, location: '/cart' };
    case 'POST /order': {
      if (session === null || session.items.size === 0) {
        return { status: 303, body: '', session, location: '/cart' };
      }
      const body = orderPage(view);
      session.items.clear();
      return { status: 200, body, session };
    }
    default:
      return { status: 404, body: missingPage(view), session };
  }
}

function send(response: ServerResponse, { status, body, session, location }: Reply): void {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Machine', options.name);
  if (location !== undefined) response.setHeader('Location', location);
  if (session !== null) {
    response.setHeader('Set-Cookie', `${COOKIE}=${session.id}; Path=/; HttpOnly; SameSite=Lax`);
  }
  response.writeHead(status);
  response.end(body);
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > FORM_BYTES_MAX) throw new Error('a form of this shop is not that long');
  }
  return new URLSearchParams(text);
}

async function work(seconds: number, response: ServerResponse): Promise<void> {
  const wanted = seconds > 0 ? Math.min(seconds, WORK_SECONDS.max) : WORK_SECONDS.ordinary;
  const endMs = performance.now() + wanted * 1_000;
  while (performance.now() < endMs && !response.destroyed) {
    const sliceEndMs = performance.now() + WORK_SLICE_MS;
    while (performance.now() < sliceEndMs);
    await new Promise((resolve) => setTimeout(resolve, WORK_SLICE_MS));
  }
}
