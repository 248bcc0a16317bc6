/**
 * The original's control socket, for `wackatrl` and old scripts: one byte is a command.
 *
 *     0x00  who holds what     length and records (core/wackamole/control-state.ts)
 *     0x01  -f: let all go     4 bytes of zero, when it is done
 *     0x02  -s: take part      4 bytes of zero
 *
 * What a newcomer gets wrong: it shares its path with our own control socket, which speaks HTTP.
 * The first byte tells them apart, as no method of HTTP begins with a zero, a one or a two.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';

export const COMMAND = { state: 0, fail: 1, succeed: 2 } as const;

export type WackatrlActions = {
  readonly state: () => Promise<Uint8Array>;
  /** Others take over what is held here, or it takes part again. */
  readonly drain: (on: boolean) => Promise<void>;
};

const DONE = new Uint8Array(4);

export function isWackatrl(byte: number | undefined): boolean {
  return byte !== undefined && byte <= COMMAND.succeed;
}

/** Answers one command after the other, each when it is done, until there is one it has not. */
export async function serveWackatrl(socket: Socket, actions: WackatrlActions): Promise<void> {
  try {
    for await (const chunk of socket) {
      for (const byte of chunk as Uint8Array) {
        const answer = await answerTo(byte, actions);
        if (answer === null) return;
        // Whoever reads no answer gets no next one.
        if (!socket.write(answer)) await once(socket, 'drain');
      }
    }
  } catch {
    // Whoever asked has gone.
  } finally {
    socket.destroySoon();
  }
}

async function answerTo(byte: number, { state, drain }: WackatrlActions) {
  switch (byte) {
    case COMMAND.state:
      return state();
    case COMMAND.fail:
    case COMMAND.succeed:
      await drain(byte === COMMAND.fail);
      return DONE;
    default:
      return null;
  }
}
