/**
 * A relay that is given another configuration while it works, on both reactors.
 *
 * What a newcomer gets wrong: a request is decided about once, when its head is whole. What comes
 * after that belongs to the configuration it was decided by.
 */
import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import type { Candidacy } from '../core/candidacy/candidates.ts';
import { candidacy } from '../core/candidacy/own.ts';
import { ZoneMap } from '../core/zone/zone-of.ts';
import type { RelayOptions } from './parts.ts';
import { ANSWER, answering, GET, REACTORS, type Script, Stage } from './relay.fixture.ts';

const NOBODY_WAITS = { serve: () => {} };

function only(slot: number): readonly Candidacy[] {
  return [candidacy(`only ${slot}`, (servers) => servers.filter((one) => one.slot === slot))];
}

function reload(stage: Stage, chain: readonly Candidacy[], options: Partial<RelayOptions> = {}) {
  const zone = { name: 'everything', scopes: [], chain, handler: null, selfRedirect: null };
  stage.relay.reload(
    { ...stage.relay.options, ...options },
    {
      zones: new ZoneMap({ zones: [zone], documentRoot: null }),
      status: NOBODY_WAITS,
      files: null,
    },
  );
}

const answerOf = (body: string) => ANSWER.replace('ok', body);

/** Answers when it is told to. */
function waiting(answer: string): { readonly script: Script; readonly release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const script: Script = (socket, text) => {
    if (text.endsWith('\r\n\r\n')) void promise.then(() => socket.write(answer));
    return null;
  };
  return { script, release: resolve };
}

type Run = (on: (options: Parameters<typeof Stage.on>[1]) => Promise<Stage>) => Promise<void>;

const tests: Readonly<Record<string, Run>> = {
  'a request under way ends where it began, the next one of its client goes by the new chain':
    async (on) => {
      const slow = waiting(answerOf('b1'));
      const nodes = [slow.script, answering(answerOf('b2'))];
      await using stage = await on({ nodes, chain: only(1) });
      const client = await stage.client();
      client.send(GET);
      await stage.until(() => stage.arrived[0] !== '');
      reload(stage, only(2));
      match(await stage.ask(GET), /b2$/);
      equal(client.text, '');
      slow.release();
      await client.until('b1');
      client.send(GET);
      await client.until('b2');
      deepEqual(stage.outcomes, { DONE: 3 });
    },

  'pooled connections stay, and go when pools are switched off': async (on) => {
    await using stage = await on({ nodes: [answering(ANSWER)], chain: only(1) });
    match(await stage.ask(GET), /ok$/);
    reload(stage, only(1));
    match(await stage.ask(GET), /ok$/);
    equal(stage.accepted[0], 1);
    reload(stage, only(1), { connectionPools: false });
    match(await stage.ask(GET), /ok$/);
    match(await stage.ask(GET), /ok$/);
    equal(stage.accepted[0], 3);
  },

  'another application takes the next request, and the one before ends what it has begun': async (
    on,
  ) => {
    const slow = waiting(answerOf('a1'));
    const nodes = [answering(answerOf('a2'))];
    await using stage = await on({ nodes, application: slow.script, chain: only(0) });
    const client = await stage.client();
    client.send(GET);
    await stage.until(() => stage.count('deliveredLocal') === 1);
    const { address: host, port } = stage.servers[1]!;
    reload(stage, only(0), { application: { kind: 'ip', host, port } });
    match(await stage.ask(GET), /a2$/);
    slow.release();
    await client.until('a1');
    client.send(GET);
    await client.until('a2');
    deepEqual(stage.outcomes, { DONE: 3 });
  },

  'limits count from the next head on, on connections that were there': async (on) => {
    await using stage = await on({ nodes: [answering(ANSWER)], chain: only(1) });
    const client = await stage.client();
    const long = GET.replace('\r\n\r\n', `\r\nX-Long: ${'x'.repeat(2_000)}\r\n\r\n`);
    client.send(long);
    await client.until('ok');
    const limits = { ...stage.relay.limits, headBytesMax: 1_000 };
    reload(stage, only(1), { limits });
    client.send(long);
    match(await client.untilEnd(), /HTTP\/1\.1 431 /);
    reload(stage, only(1), { limits: { ...limits, headBytesMax: 8_000 } });
    match(await stage.ask(long), /ok$/);
  },

  'fewer clients may be, and more again': async (on) => {
    await using stage = await on({ nodes: [answering(ANSWER)], chain: only(1) });
    const first = await stage.client();
    await stage.until(() => stage.relay.clientCount === 1);
    const { limits } = stage.relay;
    reload(stage, only(1), { limits: { ...limits, clientsMax: 1 } });
    const second = await stage.client();
    second.send(GET);
    first.send(GET);
    await first.until('ok');
    equal(second.text, '');
    reload(stage, only(1), { limits });
    await second.until('ok');
  },

  'who is no longer accepted is no longer believed, on a connection that is open': async (on) => {
    await using stage = await on({ nodes: [answering(ANSWER)], chain: only(1) });
    const accept = [{ address: '127.0.0.0', prefixLength: 8 }];
    reload(stage, only(1), { accept });
    const client = await stage.client();
    const relayed = GET.replace('\r\n\r\n', '\r\nBackhand-Proxied: 10.0.0.1\r\n\r\n');
    client.send(relayed);
    await client.until('404');
    reload(stage, only(1), { accept: [] });
    client.send(relayed);
    await client.until('ok');
  },

  'what is no longer listened on takes nobody, and those it has brought stay': async (on) => {
    await using stage = await on({ nodes: [answering(ANSWER)], chain: only(1) });
    const address = { kind: 'ip', host: '127.0.0.1', port: 0 } as const;
    const listener = await stage.relay.listen(address);
    if (typeof listener === 'string') throw new Error(listener);
    const client = await stage.client(listener.port);
    client.send(GET);
    await client.until('ok');
    stage.relay.unlisten(listener);
    await stage.client(listener.port).then(
      (late) => late.untilEnd(),
      ({ code }: NodeJS.ErrnoException) => equal(code, 'ECONNREFUSED'),
    );
    client.text = '';
    client.send(GET);
    await client.until('ok');
  },
};

for (const kind of REACTORS) {
  for (const [name, run] of Object.entries(tests)) {
    test(`Relay.reload() (${kind}): ${name}`, () => run((options) => Stage.on(kind, options)));
  }
}
