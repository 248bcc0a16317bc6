/** Objects used again and again, so that a busy worker leaves nothing to the garbage collector. */
export class Pool<T> {
  readonly #idle: T[] = [];
  readonly #make: () => T;
  readonly #idleMax: number;

  constructor(make: () => T, idleMax: number) {
    this.#make = make;
    this.#idleMax = idleMax;
  }

  take(): T {
    return this.#idle.pop() ?? this.#make();
  }

  /** The giver must not use it again. */
  give(item: T): void {
    if (this.#idle.length < this.#idleMax) this.#idle.push(item);
  }
}
