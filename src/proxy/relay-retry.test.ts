/**
 * The relay and nodes that take connections but are of no use, on both reactors: silent ones, and
 * those whose application is gone.
 *
 * What a newcomer gets wrong: the nodes of a stage announce nothing. They were heard of once, when
 * the stage was set, and how long that may be ago is `silenceMs`.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import {
  ANSWER,
  answering,
  DEADLINE_MS,
  GET,
  REACTORS,
  type Script,
  SHORT_MS,
  Stage,
} from './relay.fixture.ts';

const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody';
const GATEWAY = 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n';
const REFUSED = `${GATEWAY}Proxy-Status: b1; error=connection_refused\r\n\r\nnode`;

type Run = (on: (options: Parameters<typeof Stage.on>[1]) => Promise<Stage>) => Promise<void>;

const silent: Readonly<Record<string, Run>> = {
  'a node that is silent in every way is passed over while it owes an answer': async (on) => {
    const limits = { connectTimeoutMs: SHORT_MS };
    await using stage = await on({ nodes: [() => null, answering(ANSWER)], limits, silenceMs: 0 });
    stage.servers[2] = { ...stage.servers[2]!, heardMs: Number.POSITIVE_INFINITY };
    match(await stage.ask(GET), /ok$/);
    equal(stage.servers[1]?.suspect, true);
    equal(stage.count('retries'), 1);
    match(await stage.ask(GET), /ok$/);
    equal(stage.accepted[0], 1, 'the next request went elsewhere at once');
    equal(stage.count('retries'), 1);
    deepEqual(stage.outcomes, { DONE: 2 });
  },

  'all that was on a machine which vanishes goes elsewhere, however much it was': async (on) => {
    const limits = { connectTimeoutMs: SHORT_MS };
    await using stage = await on({ nodes: [() => null, answering(ANSWER)], limits, silenceMs: 0 });
    stage.servers[2] = { ...stage.servers[2]!, heardMs: Number.POSITIVE_INFINITY };
    // Far more than the budget has when a worker has just begun.
    const clients = await Promise.all(Array.from({ length: 60 }, () => stage.client()));
    for (const client of clients) client.send(GET);
    for (const client of clients) await client.until('ok');
    equal(stage.count('retriesRefused'), 0);
    deepEqual(stage.outcomes, { DONE: 60 });
  },

  'a POST goes on waiting for a silent node, and other requests do not': async (on) => {
    const released = Promise.withResolvers<void>();
    const slow: Script = (socket, text) => {
      if (text.endsWith('body')) void released.promise.then(() => socket.write(ANSWER));
      return null;
    };
    const other = answering(ANSWER.replace('ok', 'me'));
    const limits = { connectTimeoutMs: SHORT_MS };
    await using stage = await on({ nodes: [slow, other], limits, silenceMs: 0 });
    const client = await stage.client();
    client.send(POST);
    await stage.until(() => stage.servers[1]!.suspect);
    match(await stage.ask(GET), /me$/);
    equal(client.text, '');
    released.resolve();
    await client.until('ok');
    equal(stage.count('retries'), 0);
    deepEqual(stage.outcomes, { DONE: 2 });
  },

  'a silent node is waited for when there is nobody else': async (on) => {
    const released = Promise.withResolvers<void>();
    const slow: Script = (socket) => {
      void released.promise.then(() => socket.write(ANSWER));
      return null;
    };
    const limits = { connectTimeoutMs: SHORT_MS };
    await using stage = await on({ nodes: [slow], limits, silenceMs: 0 });
    const client = await stage.client();
    client.send(GET);
    await stage.until(() => stage.servers[1]!.suspect);
    released.resolve();
    await client.until('ok');
    deepEqual(stage.outcomes, { DONE: 1 });
  },

  'a node that has been heard of lately may take its time': async (on) => {
    const released = Promise.withResolvers<void>();
    const slow: Script = (socket) => {
      void released.promise.then(() => socket.write(ANSWER));
      return null;
    };
    const limits = { connectTimeoutMs: SHORT_MS };
    const nodes = [slow, answering(ANSWER)];
    await using stage = await on({ nodes, limits, silenceMs: DEADLINE_MS });
    const client = await stage.client();
    client.send(GET);
    // The probe is the second connection.
    await stage.until(() => stage.accepted[0] === 2);
    released.resolve();
    await client.until('ok');
    equal(stage.servers[1]?.suspect, false);
    deepEqual(stage.accepted, [2, 0]);
  },
};

const refused: Readonly<Record<string, Run>> = {
  'a node without its application is passed over, and is suspect from then on': async (on) => {
    await using stage = await on({ nodes: [answering(REFUSED), answering(ANSWER)] });
    const answer = await stage.ask(GET);
    ok(answer.startsWith('HTTP/1.1 200 ') && answer.endsWith('ok'), answer);
    equal(stage.servers[1]?.suspect, true);
    equal(stage.count('retries'), 1);
    match(await stage.ask(GET), /ok$/);
    deepEqual(stage.accepted[0], 1, 'it was not asked again');
    deepEqual(stage.outcomes, { DONE: 2 });
  },

  'the refusal may come in pieces, and its body late': async (on) => {
    const slowly = async (socket: Parameters<Script>[0]): Promise<void> => {
      for (const byte of REFUSED.slice(0, -4)) {
        socket.write(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const trickling: Script = (socket) => {
      void slowly(socket.setNoDelay(true));
      return null;
    };
    await using stage = await on({ nodes: [trickling, answering(ANSWER)] });
    match(await stage.ask(GET), /ok$/);
    deepEqual(stage.outcomes, { DONE: 1 });
  },

  'no node has its application: 502, and each was asked once': async (on) => {
    const nodes = [answering(REFUSED), answering(REFUSED), null];
    await using stage = await on({ nodes });
    const answer = await stage.ask(GET);
    match(answer, /^HTTP\/1.1 502 .*Proxy-Status: stage; error=connection_refused/s);
    deepEqual(stage.accepted, [1, 1, 0]);
    equal(stage.count('retries'), 2);
    deepEqual(stage.outcomes, { CONNECT_FAILED: 1 });
  },

  'a POST is not sent again, and its client is told': async (on) => {
    const whole: Script = (_, text) => (text.endsWith('body') ? REFUSED : null);
    await using stage = await on({ nodes: [whole, answering(ANSWER)] });
    match(await stage.ask(POST), /^HTTP\/1.1 502 .*node$/s);
    equal(stage.count('retries'), 0);
    deepEqual(stage.outcomes, { DONE: 1 });
  },

  'a 502 for any other reason is passed on': async (on) => {
    const other = `${GATEWAY}Proxy-Status: b1; error=connection_terminated\r\n\r\nnode`;
    for (const answer of [`${GATEWAY}\r\nnode`, other]) {
      await using stage = await on({ nodes: [answering(answer), answering(ANSWER)] });
      match(await stage.ask(GET), /^HTTP\/1.1 502 .*node$/s);
      equal(stage.servers[1]?.suspect, false);
      equal(stage.count('retries'), 0);
      deepEqual(stage.outcomes, { DONE: 1 });
    }
  },

  'a 502 of our own application is passed on': async (on) => {
    const application = answering(REFUSED);
    await using stage = await on({ nodes: [answering(ANSWER)], application, chain: [] });
    match(await stage.ask(GET), /^HTTP\/1.1 502 .*node$/s);
    equal(stage.count('retries'), 0);
    deepEqual(stage.outcomes, { DONE: 1 });
  },
};

for (const reactor of REACTORS) {
  for (const [what, run] of Object.entries({ ...silent, ...refused })) {
    test(`Relay (${reactor}): ${what}`, { timeout: DEADLINE_MS }, () =>
      run((options) => Stage.on(reactor, options)),
    );
  }
}
