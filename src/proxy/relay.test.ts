/**
 * The relay between scripted nodes and clients, on both reactors.
 *
 * What one origin and one client can show is in `test/wire/`; here is what takes several nodes, a
 * half-close, a slow reader, or a look at the process itself.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { httpRedirectToIP } from '../core/candidacy/http-redirect-to-ip.ts';
import { removeSelf } from '../core/candidacy/remove-self.ts';
import { makeReactor } from '../io/make-reactor.ts';
import {
  ANSWER,
  answering,
  type Client,
  DEADLINE_MS,
  GET,
  REACTORS,
  type Script,
  SHORT_MS,
  Stage,
} from './relay.fixture.ts';

const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody';
/** Answered at once where it matters. */
const QUICK = 'GET /quick HTTP/1.1\r\nHost: a\r\n\r\n';
const LARGE_BYTES = 200_000_000;
const UPLOAD_BYTES = 20_000_000;
const UPLOADS = 20;
/** Far below what passes through, far above what collecting garbage late can explain. */
const GROWTH_BYTES_MAX = 100_000_000;

type Run = (on: (options: Parameters<typeof Stage.on>[1]) => Promise<Stage>) => Promise<void>;

const tests: Readonly<Record<string, Run>> = {
  'a node that takes no connection is passed over, and is suspect from then on': async (on) => {
    await using stage = await on({ nodes: [null, answering(ANSWER)] });
    match(await stage.ask(GET), /ok$/);
    equal(stage.servers[1]?.suspect, true);
    equal(stage.count('retries'), 1);
    match(await stage.ask(GET), /ok$/);
    equal(stage.count('backendConnectsFailed'), 1, 'it was not tried again');
    deepEqual(stage.outcomes, { DONE: 2 });
  },

  'a POST may be sent to the next node when no connection came about': async (on) => {
    const whole = (_: unknown, text: string) => (text.endsWith('body') ? ANSWER : null);
    await using stage = await on({ nodes: [null, whole] });
    match(await stage.ask(POST), /ok$/);
    deepEqual(stage.outcomes, { DONE: 1 });
  },

  'nobody takes a connection: 502, and each was tried once': async (on) => {
    await using stage = await on({ nodes: [null, null, null] });
    match(await stage.ask(GET), /^HTTP\/1.1 502 .*error=connection_refused/s);
    equal(stage.count('backendConnectsFailed'), 3);
    deepEqual(stage.outcomes, { CONNECT_FAILED: 1 });
  },

  'failures are hidden no longer when the budget is spent': async (on) => {
    await using stage = await on({ nodes: [null, answering(ANSWER)] });
    const heal = (): void => {
      stage.servers[1] = { ...stage.servers[1]!, suspect: false };
    };
    let refused = 0;
    for (let i = 0; i < 100; i++) {
      heal();
      if (!(await stage.ask(GET)).endsWith('ok')) refused++;
    }
    ok(refused > 0);
    equal(stage.count('retriesRefused'), refused);
    deepEqual(stage.outcomes, { DONE: 100 - refused, CONNECT_FAILED: refused });
  },

  'this node is the next candidate: its application serves': async (on) => {
    const application = answering(ANSWER.replace('ok', 'me'));
    const last = {
      name: 'selfLast',
      apply: (candidates: { servers: unknown[] }) => candidates.servers.reverse(),
    };
    await using stage = await on({ nodes: [null], application, chain: [last] });
    match(await stage.ask(GET), /me$/);
    deepEqual(stage.outcomes, { DONE: 1 });
  },

  'nobody is left: 503, or this node when it is to': async (on) => {
    const chain = [removeSelf()];
    {
      await using stage = await on({ nodes: [], chain });
      match(await stage.ask(GET), /^HTTP\/1.1 503 .*Retry-After: /s);
      deepEqual(stage.outcomes, { NO_CANDIDATE: 1 });
    }
    await using stage = await on({
      nodes: [],
      chain,
      onEmpty: 'local',
      application: answering(ANSWER),
    });
    match(await stage.ask(GET), /ok$/);
    deepEqual(stage.outcomes, { DONE: 1 });
  },

  'a redirect is answered with the address of the winner': async (on) => {
    const chain = [removeSelf(), httpRedirectToIP()];
    await using stage = await on({ nodes: [answering(ANSWER)], chain });
    const answer = await stage.ask('GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n');
    ok(answer.startsWith('HTTP/1.1 302 '));
    ok(answer.includes(`Location: http://127.0.0.1:${stage.servers[1]!.port}/a?b\r\n`));
    deepEqual(stage.accepted, [0]);
    const url = await stage.ask('GET http://b/a?b HTTP/1.1\r\nHost: a\r\n\r\n');
    ok(url.includes(`Location: http://127.0.0.1:${stage.servers[1]!.port}/a?b\r\n`), url);
    equal(stage.count('deliveredRedirect'), 2);
  },

  'trailers pass both ways': async (on) => {
    const body = '3\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n';
    const answer = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
    await using stage = await on({
      nodes: [(_, text) => (text.endsWith(body) ? answer : null)],
    });
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    const got = await stage.ask(head + body);
    ok(got.endsWith(body), got);
    ok(stage.arrived[0]!.endsWith(body));
  },

  'a request that trickles in byte by byte is answered': async (on) => {
    const body = '3;a=b\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n';
    await using stage = await on({ nodes: [(_, text) => (text.endsWith(body) ? ANSWER : null)] });
    const client = await stage.client();
    client.socket.setNoDelay(true);
    const whole = `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
    for (const byte of whole) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.until('ok');
    deepEqual(stage.outcomes, { DONE: 1 });
  },

  'an answer that trickles out byte by byte arrives': async (on) => {
    const answer = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n';
    const script = async (socket: { write: (text: string) => unknown }): Promise<void> => {
      for (const byte of answer) {
        socket.write(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await using stage = await on({
      nodes: [
        (socket) => {
          void script(socket.setNoDelay(true));
          return null;
        },
      ],
    });
    const client = await stage.client();
    client.send(GET);
    await client.until('0\r\n\r\n');
    equal(client.text, answer);
  },

  'an answer that comes early, before the connection is reset, is passed on': async (on) => {
    const refusal = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig';
    const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${UPLOAD_BYTES}\r\n\r\n`;
    const refusing: Script = (socket, text) => {
      if (!text.includes('\r\n\r\n')) return null;
      // Closed with most of the body unread, as servers do that refuse it: a reset follows.
      socket.pause();
      socket.end(refusal, () => socket.destroy());
      return null;
    };
    await using stage = await on({ nodes: [refusing] });
    let told = 0;
    for (let i = 0; i < UPLOADS; i++) {
      const client = await stage.client();
      client.send(head);
      client.socket.write(Buffer.alloc(UPLOAD_BYTES, 0x61));
      const answer = await client.untilEnd();
      match(answer, /^HTTP\/1.1 (413|502) /);
      if (answer.endsWith('big')) told++;
      client.socket.destroy();
    }
    // `node:net` destroys a socket whose write has failed, with the answer in it.
    if (stage.reactor.kind === 'epoll') equal(told, UPLOADS);
    await stage.until(() => stage.relay.clientCount === 0);
  },

  'a client that has said all gets its answer': async (on) => {
    await using stage = await on({ nodes: [answering(ANSWER)] });
    const client = await stage.client();
    client.socket.end(GET);
    match(await client.untilEnd(), /ok$/);
    deepEqual(stage.outcomes, { DONE: 1 });
  },

  'an upgraded connection half-closes in either direction': async (on) => {
    const granted = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
    await using stage = await on({
      nodes: [
        (socket, text) => {
          if (!text.endsWith('\r\n\r\n')) return null;
          socket.on('end', () => socket.end('last words'));
          return granted;
        },
      ],
    });
    const client = await stage.client();
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await client.until('\r\n\r\n');
    client.socket.end('bye');
    ok((await client.untilEnd()).endsWith('last words'));
    ok(stage.arrived[0]!.endsWith('bye'));
    await stage.until(() => stage.relay.clientCount === 0);
    deepEqual(stage.outcomes, { TUNNEL_ENDED: 1 });
  },

  'a client that leaves is let go in every phase': async (on) => {
    const part = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome';
    const silent = (): null => null;
    const phases = [
      ['in the head', 'GET / HT', silent, 'CLIENT_GONE_IN_REQUEST'],
      ['in the body', POST.slice(0, -2), silent, 'CLIENT_GONE_IN_REQUEST'],
      ['before an answer', GET, silent, 'CLIENT_GONE_IN_RESPONSE'],
      ['in the answer', GET, answering(part), 'CLIENT_GONE_IN_RESPONSE'],
    ] as const;
    for (const [phase, request, script, code] of phases) {
      await using stage = await on({ nodes: [script] });
      const client = await stage.client();
      client.send(request);
      if (script !== silent) await client.until('some');
      else if (request !== 'GET / HT') await stage.until(() => stage.arrived[0] !== '');
      else
        await stage.until(
          () => stage.count('bytesFromClients') > 0 || stage.relay.clientCount === 1,
        );
      client.socket.resetAndDestroy();
      await stage.until(
        () => stage.relay.clientCount === 0 && stage.count('clientsAccepted') === 1,
      );
      deepEqual(stage.outcomes, { [code]: 1 }, phase);
    }
  },

  'a node that takes no connection in time: 504': async (on) => {
    await using stage = await on({ nodes: [null], limits: { connectTimeoutMs: SHORT_MS } });
    using full = await fullPort();
    stage.servers[1] = { ...stage.servers[1]!, port: full.port };
    match(await stage.ask(GET), /^HTTP\/1.1 504 .*error=connection_timeout/s);
    deepEqual(stage.outcomes, { CONNECT_TIMEOUT: 1 });
  },

  'a node that does not answer in time: 504': async (on) => {
    await using stage = await on({ nodes: [() => null], limits: { responseTimeoutMs: SHORT_MS } });
    match(await stage.ask(GET), /^HTTP\/1.1 504 /);
    deepEqual(stage.outcomes, { RESPONSE_TIMEOUT: 1 });
  },

  'connections are kept for the next client, and no more than allowed': async (on) => {
    await using stage = await on({ nodes: [answering(ANSWER)], limits: { poolIdleMax: 1 } });
    await Promise.all([stage.ask(GET), stage.ask(GET), stage.ask(GET)]);
    await stage.ask(GET);
    equal(stage.count('backendConnects') + stage.count('backendReuses'), 4);
    ok(stage.count('backendReuses') >= 1);
  },

  '200 MB pass to a slow reader in flat memory': async (on) => {
    const piece = Buffer.alloc(1_000_000, 0x61);
    await using stage = await on({
      nodes: [
        (socket) => {
          let sent = 0;
          const pump = (): void => {
            while (sent < LARGE_BYTES) {
              sent += piece.length;
              if (!socket.write(piece)) {
                socket.once('drain', pump);
                return;
              }
            }
          };
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${LARGE_BYTES}\r\n\r\n`);
          pump();
          return null;
        },
      ],
    });
    const { socket } = await stage.client();
    socket.removeAllListeners('data');
    const before = process.memoryUsage().rss;
    let most = before;
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      most = Math.max(most, process.memoryUsage.rss());
      // One rest for every read, which makes it far slower than the node.
      socket.pause();
      setImmediate(() => socket.resume());
    });
    socket.write(GET);
    await stage.until(() => bytes >= LARGE_BYTES);
    ok(most - before < GROWTH_BYTES_MAX, `${Math.round((most - before) / 1e6)} MB more`);
    await stage.until(() => stage.outcomes['DONE'] === 1);
  },

  'no smuggled request reaches a node, however it is cut': async (on) => {
    const post = 'POST / HTTP/1.1\r\nHost: a\r\n';
    const evil = 'GET /evil HTTP/1.1\r\nHost: a\r\n\r\n';
    const attacks = [
      `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${evil}`,
      `${post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${evil}`,
      `${post}Content-Length: 0\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`,
      `${post}Content-Length: 0,${evil.length}\r\n\r\n${evil}`,
      `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${evil}`,
      `${post}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n${evil}`,
      `${post}Transfer-Encoding\n: chunked\r\n\r\n0\r\n\r\n${evil}`,
      `${post}X: \0\r\n\r\n${evil}`,
      `${post}Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\n0\r\n\r\n${evil}`,
      `${post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${evil}`,
      `${post}Transfer-Encoding: chunked\r\n\r\n-1\r\n${evil}`,
      `${post}Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n${evil}`,
    ];
    await using stage = await on({ nodes: [(_, text) => (text.includes('evil') ? ANSWER : null)] });
    for (const attack of attacks) {
      for (const cut of [attack.length, attack.indexOf('\r\n\r\n') + 4, attack.length >> 1]) {
        const client = await stage.client();
        client.send(attack.slice(0, cut));
        if (cut < attack.length) {
          await new Promise((resolve) => setImmediate(resolve));
          client.send(attack.slice(cut));
        }
        const answer = await client.untilEnd();
        match(answer, /^HTTP\/1.1 (400|501) /, JSON.stringify(attack));
        equal(answer.split('HTTP/1.1 ').length, 2, 'one answer and no second');
      }
    }
    equal(stage.arrived[0]!.includes('evil'), false);
  },

  'draining finishes what is under way and takes nothing new': async (on) => {
    const released = Promise.withResolvers<void>();
    await using stage = await on({
      nodes: [
        (socket, text) => {
          if (text.endsWith('\r\n\r\n')) void released.promise.then(() => socket.write(ANSWER));
          return null;
        },
      ],
    });
    const busy = await stage.client();
    const idle = await stage.client();
    busy.send(GET);
    await stage.until(() => stage.arrived[0] !== '' && stage.relay.clientCount === 2);
    stage.relay.drain();
    await idle.untilEnd();
    equal(idle.text, '');
    released.resolve();
    match(await busy.untilEnd(), /Connection: close\r\n\r\nok$/);
    await stage.until(() => stage.relay.clientCount === 0);
  },

  'an address that leaves takes its clients along, busy ones at last': async (on) => {
    const quick: Script = (_, text) =>
      text.lastIndexOf('/quick') > text.lastIndexOf('GET / ') ? ANSWER : null;
    await using stage = await on({ nodes: [quick] });
    const busy = await stage.client();
    const idle = await stage.client();
    idle.send(QUICK);
    await idle.until('ok');
    busy.send(GET);
    await stage.until(() => stage.arrived[0]!.includes('GET / ') && stage.relay.clientCount === 2);
    equal(stage.relay.leave('10.0.0.9', true), 0);
    equal(stage.relay.clientCount, 2, 'they came through another one');
    equal(stage.relay.leave('127.0.0.1', false), 1);
    await idle.untilEnd();
    // Nobody is new for long, least of all on a busy machine.
    let newcomer: Client;
    do {
      await stage.until(() => stage.relay.clientCount === 1);
      newcomer = await stage.client();
      await stage.until(() => stage.relay.clientCount === 2);
    } while (stage.relay.leave('127.0.0.1', false) < 2);
    newcomer.send(QUICK);
    match(await newcomer.untilEnd(), /Connection: close\r\n\r\nok$/, 'what was on its way');
    equal(stage.relay.leave('127.0.0.1', false), 1);
    equal(stage.relay.leave('127.0.0.1', true), 0);
    equal(await busy.untilEnd(), '');
    deepEqual(stage.outcomes, { DONE: 2, SHUTDOWN: 1 });
  },
};

/** A listener whose queue is full: the kernel drops whoever else wants to connect. */
async function fullPort(): Promise<{ port: number } & Disposable> {
  const reactor = await makeReactor('epoll');
  const address = { kind: 'ip', host: '127.0.0.1', port: 0 } as const;
  const listener = await reactor.listen({ address, backlog: 1, reusePort: false }, () => {});
  if (typeof listener === 'string') throw new Error(listener);
  listener.pause();
  const { host } = address;
  // By its number: looking a name up would let them overtake each other.
  const waiting = Array.from({ length: 4 }, () =>
    connect({ host, port: listener.port }).on('error', () => {}),
  );
  // Two get in. Which is all the kernel will let in, however long anybody waits.
  await Promise.all(waiting.slice(0, 2).map((socket) => once(socket, 'connect')));
  return {
    port: listener.port,
    [Symbol.dispose]: () => {
      for (const socket of waiting) socket.destroy();
      reactor.stop();
    },
  };
}

for (const reactor of REACTORS) {
  for (const [what, run] of Object.entries(tests)) {
    test(`Relay (${reactor}): ${what}`, { timeout: DEADLINE_MS }, () =>
      run((options) => Stage.on(reactor, options)),
    );
  }
}
