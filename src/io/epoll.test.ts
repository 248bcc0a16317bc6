/** The epoll reactor, held to `reactor.ts`. */

import { EpollReactor } from './epoll.ts';
import { testConnections } from './reactor.conformance.ts';
import { testLoop } from './reactor-loop.conformance.ts';

const makeReactor = (): EpollReactor => new EpollReactor();

testConnections('epoll', makeReactor);
testLoop('epoll', makeReactor);
