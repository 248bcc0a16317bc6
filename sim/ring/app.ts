/**
 * What runs on top of a simulated node's group: the default one chats; the machine of the addresses
 * can take its place.
 *
 * What a newcomer gets wrong: an app is one life. After a crash another one is made; what is to
 * outlive it (a kernel's addresses) is kept by whoever makes apps.
 */
import type { GroupEvent, Member } from '../../src/core/ring/group.ts';
import type { Random } from './random.ts';

export type AppHost = {
  readonly self: Member;
  readonly random: Random;
  /** On this node's own clock. */
  readonly nowMs: () => number;
  /** Handled after whatever the app is doing now. */
  readonly send: (bytes: Uint8Array) => void;
  /** Calls `tick` then, on the node's clock. Replaces the one before. */
  readonly wake: (atMs: number) => void;
  readonly trace: (line: string) => void;
};

export type App = {
  /** The group says. */
  readonly event: (event: GroupEvent) => void;
  readonly tick: () => void;
  /** The process stands still from now on; what it gave the kernel goes on by itself. */
  readonly frozen?: () => void;
  readonly thawed?: () => void;
  /** The process is gone, by itself or not. */
  readonly ended?: (why: 'crash' | 'leave') => void;
};

export type MakeApp = (host: AppHost) => App;

/** Says something now and then, most often little, and sometimes a lot at once. */
export function chat(meanMs: number): MakeApp {
  return ({ random, nowMs, send, wake, self }) => {
    let count = 0;
    const say = (): void => {
      const size = random.chance(0.01) ? random.whole(1_000, 65_536) : random.whole(16, 60);
      const bytes = new Uint8Array(size);
      // Known again by who and which.
      const view = new DataView(bytes.buffer);
      view.setFloat64(0, self.bootId);
      view.setFloat64(8, count++);
      send(bytes);
    };
    const rest = (): void => wake(nowMs() + random.exponential(meanMs));
    rest();
    return {
      event: (event) => {
        if (event.kind === 'view') say();
        else if (event.kind === 'message' && random.chance(0.005)) say();
        else if (event.kind === 'blocked' && random.chance(0.3)) say();
      },
      tick: () => {
        // More than a window holds, now and then.
        const burst = random.chance(0.01) ? random.whole(2, 300) : 1;
        for (let i = 0; i < burst; i++) say();
        rest();
      },
    };
  };
}
