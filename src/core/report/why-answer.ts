/**
 * Why a request went where it went, or where one would go: the answer as JSON carries it.
 *
 * `why.ts` makes it, `why-text.ts` writes it for people. These shapes are a promise to whoever
 * reads the JSON (docs/reference/why.md). What a newcomer gets wrong: `chain` is what the chain
 * says when it is asked now, with the table of then; `happened` is what was recorded. Where the two
 * differ, `differs` says so.
 */
import type { RequestRecord, RequestWay } from './request-record.ts';

export type WhyAnswer = {
  readonly version: 1;
  /** Null for a hypothetical request. */
  readonly id: string | null;
  readonly node: string;
  readonly request: WhyRequest;
  /** Decoded, as zones see it; null: the target has none, and `refused` may say why. */
  readonly path: string | null;
  /** The file it maps to, where there is a document root. */
  readonly file: string | null;
  /** Why the path is refused, if it is. */
  readonly refused: { readonly status: number; readonly reason: string } | null;
  /** In the order they are merged: what comes later overrides. */
  readonly zones: readonly WhyZone[];
  /** The zone that decides; null: none. */
  readonly zone: string | null;
  /** Null: no chain was to be asked, and `way` and `because` say why. */
  readonly chain: WhyChain | null;
  readonly way: RequestWay;
  /** One line: why that way. */
  readonly because: string;
  /** For `redirect`. */
  readonly location: string | null;
  /** Null for a hypothetical request. */
  readonly happened: WhyHappened | null;
  /** Null: asked again, the chain says what happened. */
  readonly differs: WhyDiffers | null;
  /** What this answer cannot know, and what it left out. */
  readonly notes: readonly string[];
};

export type WhyRequest = {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly client: string;
  /** Names of its fields; values stay on the node, as they may be secret. */
  readonly fields: readonly string[];
};

export type WhyZone = {
  readonly name: string;
  readonly applies: boolean;
  /** `applies; overridden by <Location "/a">`, `no: the path is not below /b`. */
  readonly text: string;
};

export type WhyJudged = { readonly server: string; readonly figure: string };

export type WhyStep = {
  readonly candidacy: string;
  readonly before: readonly string[];
  /** Best first, each with the figure it was judged by, where there is one. */
  readonly after: readonly WhyJudged[];
  readonly dropped: readonly WhyJudged[];
  /** A function of the user's own misbehaved, and was passed over. */
  readonly fault: string | null;
};

export type WhyPass = {
  readonly pass: string;
  /** What kind of a pass that is, in words. */
  readonly meaning: string;
  readonly given: readonly string[];
  readonly withheld: readonly WhyJudged[];
  readonly steps: readonly WhyStep[];
};

export type WhyChain = {
  readonly functions: readonly string[];
  /** The cluster table it was asked with, ms since the epoch. */
  readonly tableMs: number;
  /** Whether that is the table of the request's time. */
  readonly tableOfThen: boolean;
  readonly passes: readonly WhyPass[];
  readonly winner: string | null;
  /** Who would be tried after the winner, in order. */
  readonly others: readonly string[];
  /** Why it left nobody. */
  readonly nobody: string | null;
};

export type WhyHappened = {
  readonly record: RequestRecord;
  readonly meaning: string;
  readonly lookAt: string;
};

export type WhyDiffers = {
  /** `asked again it says web2; it was web1`. */
  readonly text: string;
  /** Each may be why. */
  readonly because: readonly string[];
};
