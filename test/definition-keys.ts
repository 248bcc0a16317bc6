/**
 * Reads the keys of an object type out of its source: name, type as written, doc comment.
 *
 * The types of `src/config/native` are the documentation of the native dialect, as editors show
 * it; the reference page is made from them. What a newcomer gets wrong: this is no parser of
 * TypeScript. It knows the shape that Biome gives to a type, and fails loudly on any other.
 */
import { ok } from 'node:assert/strict';

export type DefinedKey = {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** The comment as one paragraph; empty where there is none. */
  readonly text: string;
};

/** The keys that `export type NAME = ... { ... };` has of its own, in their order. */
export function keysOf(source: string, type: string): DefinedKey[] {
  const [, body] =
    new RegExp(`^export type ${type} =[^{;]*\\{\\n(.*?)^\\};$`, 'ms').exec(source) ?? [];
  ok(body !== undefined, `no object type ${type}`);
  const comment = /(?:\/\*\*(?<comment>.*?)\*\/\n {2})?/.source;
  const key = /readonly (?<name>\w+)(?<optional>\??):\s(?<written>.*?);\n/.source;
  const entry = new RegExp(`^ {2}${comment}${key}(?= {2}(?:/\\*\\*|readonly )|$)`, 'gms');
  const rest = body.replace(entry, '');
  ok(rest.trim() === '', `${type} has something that is no key: ${rest}`);
  return [...body.matchAll(entry)].map(({ groups = {} }) => ({
    name: groups['name'] ?? '',
    type: (groups['written'] ?? '').replace(/\s+/g, ' ').trim().replace(/^\| /, ''),
    required: groups['optional'] === '',
    text: paragraphOf(groups['comment'] ?? ''),
  }));
}

function paragraphOf(comment: string): string {
  return comment
    .replace(/^\s*\*/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The comment in front of an exported type, as one paragraph. */
export function textOf(source: string, type: string): string {
  const at = source.indexOf(`\nexport type ${type} =`);
  const before = source.slice(0, at);
  ok(at !== -1 && before.endsWith('*/'), `${type} has no comment`);
  const comment = before.slice(before.lastIndexOf('/**') + 3, -2);
  return comment
    .replace(/^\s*\*/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}
