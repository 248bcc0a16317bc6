/**
 * Section headers to scopes: which requests `<Files ~ "\.php$">` is about.
 *
 * Apache takes a pattern in three ways: literally, as a shell pattern when it holds one of `*?[`,
 * and as a regular expression behind `~` or in the `...Match` sections. `<Directory ~ x>` is a
 * `<DirectoryMatch x>` also in the order of merging, so it gets that kind.
 */
import type { ZoneScope } from '../../core/cluster/config.ts';
import type { Diagnostics } from '../diagnostic.ts';
import { matchOf, type ScopeKind } from '../scope-match.ts';
import { isComplaint } from '../values.ts';
import type { Word } from './lexer.ts';
import { translateRegex } from './pattern.ts';
import { report } from './rule.ts';
import type { SectionNode } from './tree.ts';

type ScopeSection = {
  readonly name: string;
  readonly kind: ScopeKind;
  readonly regex: boolean;
};

export const SCOPE_SECTIONS: readonly ScopeSection[] = [
  { name: 'Directory', kind: 'directory', regex: false },
  { name: 'DirectoryMatch', kind: 'directory', regex: true },
  { name: 'Files', kind: 'files', regex: false },
  { name: 'FilesMatch', kind: 'files', regex: true },
  { name: 'Location', kind: 'location', regex: false },
  { name: 'LocationMatch', kind: 'location', regex: true },
];

export function scopeSectionNamed(name: string): ScopeSection | null {
  const wanted = name.toLowerCase();
  return SCOPE_SECTIONS.find((section) => section.name.toLowerCase() === wanted) ?? null;
}

export type Header = {
  /** As the user would write it: `<Files ~ "\.php$">`. */
  readonly name: string;
  readonly scope: ZoneScope;
};

/** The scope of a section, or null after having said what is wrong with its header. */
export function readHeader(
  node: SectionNode,
  section: ScopeSection,
  diagnostics: Diagnostics,
): Header | null {
  const [first, second, ...more] = node.words;
  const tilde = !section.regex && first?.text === '~';
  const pattern = tilde ? second : first;
  const surplus = tilde ? more[0] : second;
  if (pattern === undefined || surplus !== undefined) {
    const usage = section.regex ? 'regex' : 'pattern, or ~ regex';
    const found = pattern === undefined ? 'nothing' : `"${surplus?.text}" as well`;
    const message = `<${section.name}> takes one ${usage}; found ${found}`;
    diagnostics.add({ code: 'CONFIG_ARGUMENT_COUNT', place: surplus ?? node.name, message });
    return null;
  }
  const regex = section.regex || tilde;
  const match = regex
    ? readRegex(pattern, diagnostics)
    : readLiteral(pattern, section, diagnostics);
  if (match === null) return null;
  const kind = regex && section.kind === 'directory' ? 'directoryMatch' : section.kind;
  const name = `<${section.name} ${tilde ? '~ ' : ''}"${pattern.text}">`;
  return { name, scope: { kind, match } };
}

function readRegex(pattern: Word, diagnostics: Diagnostics): ZoneScope['match'] | null {
  if (pattern.text === '*') {
    const message = '"*" is not a regular expression; it is taken as everything';
    diagnostics.add({ code: 'CONFIG_MATCHES_EVERYTHING', place: pattern, message });
    return { kind: 'everything' };
  }
  const source = translateRegex(pattern.text);
  if (!isComplaint(source)) return { kind: 'regex', source: source.value };
  report(diagnostics, pattern, source.complaint);
  return null;
}

function readLiteral(
  pattern: Word,
  section: ScopeSection,
  diagnostics: Diagnostics,
): ZoneScope['match'] | null {
  const { text } = pattern;
  if (section.kind !== 'files' && !/^[/*?[]/.test(text)) {
    const message = `"${text}" is not a path: <${section.name}> begins with a slash`;
    const hint = text === '' ? undefined : `did you mean "/${text}"?`;
    diagnostics.add({ code: 'CONFIG_BAD_VALUE', place: pattern, message, hint });
    return null;
  }
  return matchOf(section.kind, text);
}
