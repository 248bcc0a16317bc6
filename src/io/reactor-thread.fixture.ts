/**
 * A thread with a reactor in it, for `reactor-loop.conformance.ts`: listens, says its port, and is
 * told to stop. It must then end by itself, with a connection and a timer still there.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { makeReactor } from './make-reactor.ts';

const reactor = await makeReactor(workerData === 'uv' ? 'uv' : 'epoll');
reactor.timer(() => {}).set(3_600_000);
const handler = {
  onConnect: (): void => {},
  onData: (_connection: unknown, _memory: Uint8Array, _start: number, end: number): number => end,
  onEnd: (): void => {},
  onDrain: (): void => {},
  onClose: (): void => {},
};
const address = { kind: 'ip', host: '127.0.0.1', port: 0 } as const;
const listener = await reactor.listen({ address, backlog: 16, reusePort: false }, (connection) => {
  connection.handler = handler;
});
parentPort!.once('message', () => {
  reactor.stop();
});
parentPort!.postMessage(typeof listener === 'string' ? listener : listener.port);
