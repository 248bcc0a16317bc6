/**
 * The relay and nodes that take connections but are of no use, on both reactors: silent
 * ones.
 *
 * What a newcomer gets wrong: the nodes of a stage announce nothing. They were heard of once, when
 * the stage was set, and how long that may be ago is `silenceMs`.
 */
import { deepEqual, equal, match } from 'node:assert/strict';
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

for (const reactor of REACTORS) {
  for (const [what, run] of Object.entries(silent)) {
    test(`Relay (${reactor}): ${what}`, { timeout: DEADLINE_MS }, () =>
      run((options) => Stage.on(reactor, options)),
    );
  }
}
