/**
 * Lines to a tree of directives and sections, per file.
 *
 * Sections are matched by name without regard to case, as in Apache. A file must close what it
 * opens; what it does not is reported and closed at its end, so that one slip is one message.
 */
import type { Diagnostics } from '../diagnostic.ts';
import { nearest } from '../suggest.ts';
import { lexLines, type Word } from './lexer.ts';

export type DirectiveNode = {
  readonly kind: 'directive';
  readonly name: Word;
  readonly words: readonly Word[];
};

export type SectionNode = {
  readonly kind: 'section';
  readonly name: Word;
  readonly words: readonly Word[];
  readonly children: readonly Node[];
};

export type Node = DirectiveNode | SectionNode;

/** Deeper than any file has a reason to be, and shallow enough to walk by recursion. */
const SECTION_DEPTH_MAX = 32;

type OpenSection = SectionNode & { readonly children: Node[] };

export function parseTree(file: string, source: string, diagnostics: Diagnostics): Node[] {
  const root: Node[] = [];
  const open: OpenSection[] = [];
  for (const line of lexLines(file, source, diagnostics)) {
    const siblings = open.at(-1)?.children ?? root;
    switch (line.kind) {
      case 'directive':
        siblings.push(line);
        break;
      case 'open': {
        if (open.length === SECTION_DEPTH_MAX) {
          const message = `sections are nested deeper than ${SECTION_DEPTH_MAX}`;
          diagnostics.add({ code: 'CONFIG_SYNTAX', place: line.name, message });
          return root;
        }
        const section = { ...line, kind: 'section', children: [] as Node[] } as const;
        siblings.push(section);
        open.push(section);
        break;
      }
      case 'close':
        closeSection(line.name, open, diagnostics);
        break;
    }
  }
  for (const section of open) reportUnclosed(section, diagnostics);
  return root;
}

function closeSection(name: Word, open: OpenSection[], diagnostics: Diagnostics): void {
  const wanted = name.text.toLowerCase();
  const depth = open.findLastIndex((section) => section.name.text.toLowerCase() === wanted);
  const innermost = open.at(-1);
  if (depth === -1) {
    const message =
      innermost === undefined
        ? `</${name.text}> closes a section that is not open`
        : `</${name.text}> cannot close <${innermost.name.text}>`;
    const hint = innermost === undefined ? undefined : `expected </${innermost.name.text}>`;
    diagnostics.add({ code: 'CONFIG_SECTION_UNOPENED', place: name, message, hint });
    // A misspelt end is still the end, and saying that it is missing would be the same slip twice.
    if (innermost !== undefined && nearest(name.text, [innermost.name.text]) !== null) open.pop();
    return;
  }
  // What stands open inside of it was forgotten: closing it here keeps the rest of the file apart.
  for (const section of open.splice(depth).slice(1)) reportUnclosed(section, diagnostics);
}

function reportUnclosed({ name }: OpenSection, diagnostics: Diagnostics): void {
  const message = `<${name.text}> is never closed`;
  const hint = `write </${name.text}> where it ends`;
  diagnostics.add({ code: 'CONFIG_SECTION_UNCLOSED', place: name, message, hint });
}
