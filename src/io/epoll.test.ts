/** The epoll reactor, held to `reactor.ts`. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { EpollReactor } from './epoll.ts';
import { testConnections } from './reactor.conformance.ts';
import { acceptedPair } from './reactor.fixture.ts';
import { testLoop } from './reactor-loop.conformance.ts';

const makeReactor = (): EpollReactor => new EpollReactor();

testConnections('epoll', makeReactor);
testLoop('epoll', makeReactor);

test('epoll: quiet is false at once when the other side closes, before any callback', async () => {
  const reactor = makeReactor();
  const { connection, recorder, peer } = await acceptedPair(reactor);
  equal(connection.quiet, true);
  // Closes the descriptor before it returns; the reactor gets no turn in between.
  peer.destroy();
  equal(connection.quiet, false);
  equal(recorder.events.length, 0);
  reactor.stop();
});
