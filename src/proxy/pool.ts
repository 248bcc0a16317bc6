/** Objects used again and again, so that a busy worker leaves nothing to the garbage collector. */
export class Pool<T> {
  readonly #idle: T[] = [];
  readonly #make: () => T;
  readonly #idleMax: number;
  readonly #fits: (item: T) => boolean;

  /** @param fits false for what was taken from the pool before this one, and is of another kind */
  constructor(make: () => T, idleMax: number, fits: (item: T) => boolean = () => true) {
    this.#make = make;
    this.#idleMax = idleMax;
    this.#fits = fits;
  }

  take(): T {
    return this.#idle.pop() ?? this.#make();
  }

  /** The giver must not use it again. */
  give(item: T): void {
    if (this.#idle.length < this.#idleMax && this.#fits(item)) this.#idle.push(item);
  }
}
