/**
 * The group as the main thread sees it: `core/ring`'s interface, with the ring in its own thread.
 *
 * What a newcomer gets wrong: `leave` resolves when the others have been told, and only then may
 * the process end; otherwise its death is found out by lifeline, which is quick but not polite.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Group, type GroupEvent, MESSAGE_BYTES_MAX } from '../../core/ring/group.ts';
import { type Channel, openChannel } from '../../io/thread-channel.ts';
import {
  BEAT_MS,
  type FromRing,
  type RingStart,
  type RingState,
  type RingThreadStart,
  type Will,
} from './ring-protocol.ts';

export type RingGroupHandler = {
  readonly onEvent: (event: GroupEvent) => void;
  readonly onReport: (text: string) => void;
  /** What is to be said for us if we die, anew every now and then. */
  readonly onWill: (will: Will) => void;
  /** The ring's thread has ended by itself. */
  readonly onFailed: (message: string) => void;
};

const LEAVE_MS = 500;

const NOTHING: RingState = { hears: [], view: null, refused: {}, dropped: {}, lifelines: [] };

export class RingGroup implements Group {
  readonly #worker: Worker;
  readonly #channel: Channel;
  readonly #beats: Int32Array;
  readonly #beating: NodeJS.Timeout;
  readonly #asking: ((state: RingState) => void)[] = [];
  /** As it was when its thread ended, without anybody. */
  #ended = false;
  #leaving: Promise<void> | null = null;

  private constructor(worker: Worker, channel: Channel, beats: SharedArrayBuffer) {
    this.#worker = worker;
    this.#channel = channel;
    this.#beats = new Int32Array(beats);
    this.#beating = setInterval(() => Atomics.add(this.#beats, 0, 1), BEAT_MS);
  }

  /** @returns the group once its port is open, or why it cannot be */
  static async join(
    start: RingStart,
    handler: RingGroupHandler,
  ): Promise<RingGroup | { readonly error: string }> {
    const beats = new SharedArrayBuffer(4);
    let hear = (_: FromRing): void => {};
    let joined = false;
    const channel = openChannel((said) => hear(said as FromRing));
    if (typeof channel === 'string') return { error: channel };
    const workerData: RingThreadStart = { ...start, beats, channelFd: channel.farFd };
    const worker = new Worker(new URL('./ring-worker.ts', import.meta.url), {
      workerData,
      // Young objects are almost all there is; a small space keeps each collection below 1 ms.
      resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 },
    });
    const group = new RingGroup(worker, channel, beats);
    return new Promise((resolve) => {
      hear = (message) => {
        if (message.kind === 'joined') {
          joined = true;
          resolve(group);
        } else if (message.kind === 'failed') {
          void group.leave();
          resolve({ error: message.message });
        } else group.#hear(message, handler);
      };
      let reason = '';
      worker.once('error', (error) => {
        reason = String(error);
      });
      // After an error as well, and then nothing of it runs any more.
      worker.once('exit', (code) => {
        clearInterval(group.#beating);
        channel.close();
        group.#ended = true;
        for (const resolve of group.#asking.splice(0)) resolve(NOTHING);
        if (reason === '') reason = `the ring's thread ended with code ${code}`;
        if (joined && group.#leaving === null) handler.onFailed(reason);
        resolve({ error: reason });
      });
    });
  }

  send(bytes: Uint8Array): boolean {
    if (bytes.length > MESSAGE_BYTES_MAX) return false;
    this.#channel.send({ kind: 'send', bytes });
    return true;
  }

  /** Whether there is a way to the others at all. */
  set link(up: boolean) {
    this.#channel.send({ kind: 'link', up });
  }

  set serving(on: boolean) {
    this.#channel.send({ kind: 'serving', on });
  }

  /** Other keys, or others to look for: nobody leaves for that. */
  reload(secrets: readonly string[], peers: readonly string[]): void {
    this.#channel.send({ kind: 'reload', secrets, peers });
  }

  /** Once its thread has ended, nobody is heard any more. */
  state(): Promise<RingState> {
    if (this.#ended) return Promise.resolve(NOTHING);
    return new Promise((resolve) => {
      this.#asking.push(resolve);
      this.#channel.send({ kind: 'ask' });
    });
  }

  /** However often it is asked for, it resolves when the others have been told. */
  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async #leave(): Promise<void> {
    // A thread that has ended by itself ends no second time.
    if (this.#worker.threadId === -1) return;
    const gone = once(this.#worker, 'exit').catch(() => undefined);
    this.#channel.send({ kind: 'leave' });
    const patience = setTimeout(() => void this.#worker.terminate(), LEAVE_MS);
    await gone;
    clearTimeout(patience);
    clearInterval(this.#beating);
  }

  #hear(message: FromRing, handler: RingGroupHandler): void {
    if (message.kind === 'event' && this.#leaving === null) handler.onEvent(message.event);
    // What is to be done and has come with it goes first.
    else if (message.kind === 'report') setImmediate(() => handler.onReport(message.text));
    else if (message.kind === 'will') handler.onWill(message.will);
    else if (message.kind === 'state') this.#asking.shift()?.(message.state);
  }
}
