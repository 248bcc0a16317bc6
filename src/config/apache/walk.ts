/**
 * Goes through a tree of directives and sections and puts what they say into the draft.
 *
 * Order is the file's, and `Include` is as if the file stood there. Conditions (`<IfModule>`,
 * `<IfDefine>`) open no scope of their own: what is inside stands where they stand. What a newcomer
 * gets wrong: `<VirtualHost>` is not walked here. Whether it counts depends on how many there are,
 * so `read.ts` decides when all files are read.
 */
import { resolve } from 'node:path';
import type { ZoneScope } from '../../core/cluster/config.ts';
import type { Code } from '../codes.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { reasonOf } from '../environment.ts';
import { didYouMean, shorten } from '../suggest.ts';
import { BACKHAND_RULES } from './backhand-rules.ts';
import { FOREHAND_RULES } from './forehand-rules.ts';
import {
  FOREIGN_DIRECTIVES,
  FOREIGN_SECTIONS,
  INSTEAD,
  isForeignDirective,
  PRESENT_MODULES,
} from './foreign.ts';
import { FILES_MAX, filesOf, INCLUDE_DEPTH_MAX } from './include.ts';
import type { Word } from './lexer.ts';
import { LOG_RULES } from './log-rules.ts';
import type { Position, Reading, Rule } from './rule.ts';
import { readHeader, SCOPE_SECTIONS, scopeSectionNamed } from './scopes.ts';
import { resolveFrom, SERVER_RULES } from './server-rules.ts';
import { type DirectiveNode, type Node, parseTree, type SectionNode } from './tree.ts';
import { ZoneDraft } from './zone-draft.ts';

export const RULES: ReadonlyMap<string, Rule> = new Map(
  [...SERVER_RULES, ...BACKHAND_RULES, ...FOREHAND_RULES, ...LOG_RULES].map((rule) => [
    rule.name.toLowerCase(),
    rule,
  ]),
);

const FOREIGN_SECTION = new Set(FOREIGN_SECTIONS.map((name) => name.toLowerCase()));

/**
 * What a slip of the pen may have meant. Ours first, as of equally near words the first is taken.
 */
const DIRECTIVE_NAMES: readonly string[] = [
  ...[...RULES.values()].map(({ name }) => name),
  'Include',
  'IncludeOptional',
  ...FOREIGN_DIRECTIVES,
];

const SECTION_NAMES: readonly string[] = [
  ...SCOPE_SECTIONS.map(({ name }) => name),
  'IfModule',
  'IfDefine',
  'VirtualHost',
  ...FOREIGN_SECTIONS,
];

export class Walk {
  /** In the order of the files, with where they stand. */
  readonly virtualHosts: SectionNode[] = [];
  readonly #reading: Reading;
  /** The files we are inside of, outermost first. */
  readonly #open: string[] = [];
  #fileCount = 0;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** `asker` is the `Include` that wants the file; null for one named on the command line. */
  readFile(file: string, position: Position, asker: Word | null): void {
    const { environment, sources, diagnostics } = this.#reading;
    const place = asker ?? { file, span: null };
    const identity = resolve(file);
    if (this.#open.includes(identity)) {
      const message = `"${file}" is being read already: it includes itself`;
      this.#error('CONFIG_INCLUDE_LOOP', { place, message });
      return;
    }
    if (this.#open.length >= INCLUDE_DEPTH_MAX || this.#fileCount >= FILES_MAX) {
      const message = `files are nested deeper than ${INCLUDE_DEPTH_MAX}, or more than ${FILES_MAX}`;
      diagnostics.addOnce('limit', { code: 'CONFIG_INCLUDE_LOOP', place, message });
      return;
    }
    this.#fileCount++;
    let source: string;
    try {
      source = environment.readFile(file);
    } catch (error) {
      const message = `cannot read "${file}": ${reasonOf(error)}`;
      this.#error('CONFIG_FILE_UNREADABLE', { place, message });
      return;
    }
    sources.set(file, source);
    this.#open.push(identity);
    this.walk(parseTree(file, source, diagnostics), position);
    this.#open.pop();
  }

  walk(nodes: readonly Node[], position: Position): void {
    for (const node of nodes) {
      if (this.#reading.diagnostics.isHopeless) return;
      if (node.kind === 'section') this.#walkSection(node, position);
      else this.#walkDirective(node, position);
    }
  }

  #walkDirective(node: DirectiveNode, position: Position): void {
    const { name, words } = node;
    const wanted = name.text.toLowerCase();
    if (wanted === 'include' || wanted === 'includeoptional') {
      this.#include(node, position);
      return;
    }
    const rule = RULES.get(wanted);
    if (rule === undefined) {
      this.#withoutRule(name);
      return;
    }
    if (rule.context === 'server' && position.context !== 'server') {
      const where = position.context === 'htaccess' ? 'in this file' : `in ${position.zone.name}`;
      const message = `"${name.text}" has no meaning ${where}`;
      const hint = 'it concerns the whole node: write it outside of all sections';
      this.#error('CONFIG_WRONG_CONTEXT', { place: name, message, hint });
      return;
    }
    if (words.length < rule.words.min || words.length > rule.words.max) {
      this.#wrongCount(node, `${rule.name} ${rule.usage}`, rule.words.max);
      return;
    }
    rule.apply({ reading: this.#reading, position, name, words });
  }

  #withoutRule(name: Word): void {
    const wanted = name.text.toLowerCase();
    if (!isForeignDirective(wanted)) {
      const message = `unknown directive "${shorten(name.text)}"`;
      const hint = didYouMean(name.text, DIRECTIVE_NAMES);
      this.#error('CONFIG_UNKNOWN_DIRECTIVE', { place: name, message, hint });
      return;
    }
    const instead = INSTEAD[wanted];
    this.#reading.diagnostics.addOnce(wanted, {
      code: 'CONFIG_DIRECTIVE_IGNORED',
      place: name,
      message: `"${name.text}" is ignored: it is Apache's own affair`,
      hint: instead === undefined ? undefined : `${instead} is what comes nearest here`,
    });
  }

  #wrongCount({ name, words }: DirectiveNode, usage: string, max: number): void {
    const surplus = words[max];
    const place = surplus ?? name;
    const found = words.length < max || surplus === undefined ? 'too few' : 'too many';
    const message = `${found} arguments: the usage is ${usage}`;
    const commented = words.some(({ text }) => text.startsWith('#'));
    const hint = commented ? 'a comment needs a line of its own' : undefined;
    this.#error('CONFIG_ARGUMENT_COUNT', { place, message, hint });
  }

  #include(node: DirectiveNode, position: Position): void {
    const { name, words } = node;
    const path = words[0];
    if (path === undefined || words.length > 1) {
      this.#wrongCount(node, `${name.text} path`, 1);
      return;
    }
    if (position.context === 'htaccess') {
      const message = `"${name.text}" has no meaning in this file`;
      this.#error('CONFIG_WRONG_CONTEXT', { place: name, message });
      return;
    }
    const { draft, environment } = this.#reading;
    const resolved = resolveFrom(draft.serverRoot, path.file, path.text);
    const files = filesOf(resolved, environment);
    const optional = name.text.toLowerCase() === 'includeoptional';
    const isPattern = files.length !== 1 || files[0] !== resolved;
    if (files.length === 0 && !optional) {
      const message = `"${path.text}" matches no file`;
      this.#error('CONFIG_INCLUDE_NOTHING', { place: path, message });
    }
    for (const file of files) {
      if (optional && !isPattern && !this.#exists(file)) continue;
      this.readFile(file, position, path);
    }
  }

  #exists(file: string): boolean {
    const entries = this.#reading.environment.list(resolve(file, '..')) ?? [];
    return entries.some(({ name }) => file.endsWith(`/${name}`));
  }

  #walkSection(node: SectionNode, position: Position): void {
    const wanted = node.name.text.toLowerCase();
    const scopeSection = scopeSectionNamed(wanted);
    if (scopeSection !== null) {
      this.#walkScope(node, scopeSection, position);
      return;
    }
    switch (wanted) {
      case 'ifmodule':
        this.#walkCondition(node, position, (module) => this.#isPresent(module));
        return;
      case 'ifdefine':
        this.#walkCondition(node, position, ({ text }) => this.#reading.defines.has(text));
        return;
      case 'virtualhost':
        this.#takeVirtualHost(node, position);
        return;
      default:
        this.#withoutSection(node.name);
        return;
    }
  }

  #takeVirtualHost(node: SectionNode, { context, zone }: Position): void {
    if (context === 'server') {
      this.virtualHosts.push(node);
      return;
    }
    const message = `<${node.name.text}> cannot stand inside ${zone.name}`;
    this.#error('CONFIG_WRONG_CONTEXT', { place: node.name, message });
  }

  #withoutSection(name: Word): void {
    const wanted = name.text.toLowerCase();
    if (!FOREIGN_SECTION.has(wanted)) {
      const message = `unknown section <${shorten(name.text)}>`;
      const hint = didYouMean(name.text, SECTION_NAMES);
      this.#error('CONFIG_UNKNOWN_SECTION', { place: name, message, hint });
      return;
    }
    this.#reading.diagnostics.addOnce(wanted, {
      code: 'CONFIG_SECTION_IGNORED',
      place: name,
      message: `<${name.text}> is skipped, with all that is in it`,
    });
  }

  #walkScope(
    node: SectionNode,
    section: NonNullable<ReturnType<typeof scopeSectionNamed>>,
    position: Position,
  ): void {
    const { draft, diagnostics } = this.#reading;
    const innermost = position.scopes.at(-1);
    // Apache 2.4 "How the sections are merged": only <Files> may stand inside, and not in itself.
    if (innermost !== undefined && (section.kind !== 'files' || innermost.kind === 'files')) {
      const message = `<${section.name}> cannot stand inside ${position.zone.name}`;
      this.#error('CONFIG_WRONG_CONTEXT', { place: node.name, message });
      return;
    }
    const header = readHeader(node, section, diagnostics);
    // Of a section that matches nothing we know of, the content is still worth checking.
    const scope: ZoneScope = header?.scope ?? { kind: section.kind, match: { kind: 'everything' } };
    const outer = position.scopes.length === 0 ? '' : `${position.zone.name} `;
    const name = `${outer}${header?.name ?? `<${section.name}>`}`;
    const scopes = [...position.scopes, scope];
    const zone = new ZoneDraft(name, { place: node.name, scopes });
    const context = position.context === 'htaccess' ? 'htaccess' : 'section';
    const index = draft.zones.length;
    this.walk(node.children, { zone, scopes, context });
    const finished = zone.finish(diagnostics);
    // In the order of opening: what stands inside a section comes after it.
    if (finished !== null) draft.zones.splice(index, 0, finished);
  }

  #walkCondition(node: SectionNode, position: Position, holds: (subject: Word) => boolean): void {
    const [subject, surplus] = node.words;
    if (subject === undefined || surplus !== undefined) {
      const message = `<${node.name.text}> takes one name; found ${node.words.length}`;
      const place = surplus ?? node.name;
      this.#error('CONFIG_ARGUMENT_COUNT', { place, message });
      return;
    }
    const negated = subject.text.startsWith('!');
    const bare = negated ? { ...subject, text: subject.text.slice(1) } : subject;
    if (holds(bare) !== negated) this.walk(node.children, position);
  }

  #isPresent(module: Word): boolean {
    const wanted = module.text.toLowerCase();
    if (PRESENT_MODULES.includes(wanted)) return true;
    this.#reading.diagnostics.addOnce(wanted, {
      code: 'CONFIG_MODULE_ABSENT',
      place: module,
      message: `"${module.text}" counts as absent: its work is not done here`,
      hint: didYouMean(module.text, ['mod_backhand.c', 'backhand_module']),
    });
    return false;
  }

  #error(code: Code, rest: Omit<Diagnostic, 'code'>): void {
    this.#reading.diagnostics.add({ code, ...rest });
  }
}
