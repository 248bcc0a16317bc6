/**
 * Goal: every case of llhttp's own suite reads here as llhttp reads it, or differs for a reason
 * that is written down.
 *
 * Method: the cases of `test/fixtures/llhttp/` go through the parser; messages, bodies, and where
 * and how the conversation ends are compared. `deviations` in `llhttp-deviations.ts` lists what
 * differs; one that no longer differs fails as well. People read the same list in
 * `docs/reference/http1-deviations.md`.
 *
 *     UPDATE=1 node --test src/core/http1/llhttp.test.ts     writes that page anew
 *
 * What a newcomer gets wrong: llhttp leaves Host to its user, so hardly any case has one. Where
 * that is all we miss, the case is read with a Host added, and counted.
 */
import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import type { RequestSeen, ResponseSeen } from './testing/cases.ts';
import { type Conversation, readRequests, readResponses } from './testing/conversation.ts';

import { deviations, renderDeviations } from './testing/llhttp-deviations.ts';
import { type LlhttpCase, type LlhttpMessage, readLlhttpCases } from './testing/llhttp-fixture.ts';

const root = join(import.meta.dirname, '../../..');
const fixtures = join(root, 'test/fixtures/llhttp');
const page = join(root, 'docs/reference/http1-deviations.md');

const cases = globSync(`${fixtures}/*/*.md`)
  .toSorted()
  .flatMap((path) =>
    readLlhttpCases(`${basename(dirname(path))}/${basename(path)}`, readFileSync(path, 'utf8')),
  );

const ADDED = 'Host: added';

/** Puts a Host in wherever a request is refused for want of one. */
function withHosts(input: string): { readonly text: string; readonly added: number } {
  let text = input;
  for (let added = 0; ; added++) {
    const { ending, offset } = readRequests(text);
    if (ending !== 'REQUEST_MISSING_HOST') return { text, added };
    const requestLine = /^(\r\n)*[^\r]+\r\n/.exec(text.slice(offset))?.[0] ?? '';
    const at = offset + requestLine.length;
    text = `${text.slice(0, at)}${ADDED}\r\n${text.slice(at)}`;
  }
}

/** What both parsers' outcomes are brought to: a line for each thing seen, the ending last. */
type Lines = readonly string[];

function linesOfOurs({
  messages,
  ending,
}: Conversation<RequestSeen> | Conversation<ResponseSeen>): Lines {
  const refused = /^[A-Z_]+$/.test(ending);
  const lines: string[] = [];
  for (const { head, body, whole } of messages) {
    if (refused && !whole) continue;
    const isRequest = 'method' in head;
    lines.push(isRequest ? `${head.method} ${head.target}` : `${head.status} ${head.reason}`);
    lines.push(`1.${head.versionMinor}`, ...head.fields.filter((field) => field !== ADDED));
    if (head.framing === 'chunked') lines.push('chunked');
    if (head.framing === 'length') lines.push(`length ${head.contentLength}`);
    lines.push(`${JSON.stringify(body)}${whole ? '' : ' ...'}`);
  }
  return [...lines, refused ? 'refused' : ending];
}

function linesOfTheirs({ messages, error, skipsBody }: LlhttpCase): Lines {
  const ending = endingOfTheirs(messages, error);
  const lines: string[] = [];
  for (const message of messages) {
    const { status, fields, body, whole } = message;
    if (!message.headDone || (ending === 'refused' && !whole)) continue;
    const isRequest = status === '';
    lines.push(isRequest ? `${message.method} ${message.target}` : `${status} ${message.reason}`);
    // llhttp keeps white space behind a value for its user to remove.
    lines.push(message.version, ...fields.map((field) => field.replace(/(: .*?)[ \t]*$/, '$1')));
    const hasBody = !skipsBody && !/^(1..|204|304)$/.test(status);
    if (hasBody && message.chunked) lines.push('chunked');
    if (hasBody && message.contentLength !== null) lines.push(`length ${message.contentLength}`);
    lines.push(`${JSON.stringify(body)}${whole ? '' : ' ...'}`);
  }
  return [...lines, ending];
}

function endingOfTheirs(messages: readonly LlhttpMessage[], error: string | null): string {
  const last = messages.at(-1);
  if (error === 'Pause on CONNECT/Upgrade') return 'tunnel';
  if (error === 'Data after `Connection: close`') return 'closed';
  if (error !== null) return 'refused';
  if (last === undefined || last.whole) return 'idle';
  const isOpenEnded = last.status !== '' && !last.chunked && last.contentLength === null;
  return last.headDone && isOpenEnded ? 'untilClose' : 'middle';
}

type Comparison = { readonly theirs: Lines; readonly ours: Lines; readonly ending: string };

function compare(given: LlhttpCase): Comparison {
  const isRequest = given.kind.startsWith('request');
  const conversation = isRequest
    ? readRequests(withHosts(given.input).text)
    : readResponses(given.input, given.skipsBody ? 'HEAD' : 'GET');
  return {
    theirs: linesOfTheirs(given),
    ours: linesOfOurs(conversation),
    ending: conversation.ending,
  };
}
/** What llhttp does, for the page. */
function theirsInWords({ error }: LlhttpCase): string {
  const isEnding = error === null || /^(Pause on|Data after)/.test(error);
  return isEnding ? 'reads it' : `refuses: ${error}`;
}

const expected = new Map(
  deviations.flatMap((group) => group.cases.map(({ name, here }) => [name, here] as const)),
);

test('the suite is there: every case is read, none twice', () => {
  const blocks = globSync(`${fixtures}/*/*.md`).flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line === '```http'),
  );
  equal(cases.length, blocks.length);
  equal(new Set(cases.map(({ name }) => name)).size, cases.length);
});

for (const given of cases) {
  const here = expected.get(given.name);
  const verdict = here === undefined ? 'as llhttp does' : `otherwise: ${here}`;
  test(`the parser reads ${given.name} ${verdict}`, () => {
    const { theirs, ours, ending } = compare(given);
    if (here === undefined) return deepEqual(ours, theirs);
    notDeepEqual(ours, theirs, 'no deviation any more: take it off the list');
    equal(ending, here);
  });
}

test('the list of deviations names only cases that there are, and each once', () => {
  const names = new Set(cases.map(({ name }) => name));
  const listed = deviations.flatMap((group) => group.cases.map(({ name }) => name));
  deepEqual(
    listed.filter((name) => !names.has(name)),
    [],
  );
  equal(new Set(listed).size, listed.length);
});

test('the suite does test something: both verdicts, bodies, several messages', () => {
  const alike = cases.filter(({ name }) => !expected.has(name)).map(compare);
  const count = (holds: (lines: Lines) => boolean) =>
    alike.filter(({ ours }) => holds(ours)).length;
  ok(count((lines) => lines.at(-1) === 'refused') > 60);
  ok(count((lines) => lines.at(-1) === 'idle') > 60);
  ok(count((lines) => lines.includes('chunked')) > 15);
  ok(count((lines) => lines.filter((line) => /^1\.[01]$/.test(line)).length > 1) >= 5);
  ok(cases.reduce((sum, { kind, input }) => sum + hostsAdded(kind, input), 0) > 50);
});

function hostsAdded(kind: string, input: string): number {
  return kind.startsWith('request') ? withHosts(input).added : 0;
}

test('docs/reference/http1-deviations.md shows the list as it is', () => {
  const text = renderDeviations(new Map(cases.map((given) => [given.name, theirsInWords(given)])));
  if (process.env['UPDATE'] === '1') writeFileSync(page, text);
  equal(readFileSync(page, 'utf8'), text);
});
