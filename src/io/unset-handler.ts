/**
 * The handler of an accepted connection until `onConnection` sets another. Its silence would be a
 * connection that nobody owns, so any event in between is our bug.
 */
import type { ConnectionHandler } from './reactor.ts';

const forgotten = (): never => {
  throw new Error('invariant broken: onConnection must set the connection its handler');
};

export const unsetHandler: ConnectionHandler = {
  onConnect: forgotten,
  onData: forgotten,
  onEnd: forgotten,
  onDrain: forgotten,
  onClose: () => {},
};
