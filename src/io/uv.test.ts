/** The uv reactor, held to `reactor.ts`. */
import { testConnections } from './reactor.conformance.ts';
import { testLoop } from './reactor-loop.conformance.ts';
import { UvReactor } from './uv.ts';

const makeReactor = (): UvReactor => new UvReactor();

testConnections('uv', makeReactor);
testLoop('uv', makeReactor);
