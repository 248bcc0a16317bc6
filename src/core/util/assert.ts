/**
 * The two ways this program says "this cannot happen": both crash, and the supervisor restarts us.
 * Never used for what a peer, a client or a user can cause (docs/architecture.md, "Errors").
 */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${invariant}`);
}

/** Closes a `switch` over a sum type: a new member that is not handled fails to compile. */
export function unreachable(value: never): never {
  throw new Error(`invariant broken: unexpected ${JSON.stringify(value)}`);
}
