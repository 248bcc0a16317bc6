/**
 * wackamole.conf as statements: what was said, not yet what it means (`wackamole-parser.y`).
 *
 *     Name = value          Balance { Name = value ... }          Name { item ... }   Name item
 *
 * What a newcomer gets wrong: line ends mean nothing to the grammar, so after a mistake nobody can
 * tell where the statement was meant to end. We go on at the next line that begins with the name
 * of a statement, so that one mistake is one message.
 */
import type { Diagnostics } from '../diagnostic.ts';
import { didYouMean, shorten } from '../suggest.ts';
import { isKeyword, STATEMENTS, type Statement, statementOf } from './keywords.ts';
import type { Token } from './lexer.ts';

export type Setting = { readonly name: Token; readonly value: Token };

/** One thing of a list: an address and what is said of it, or several in braces. */
export type Item = { readonly words: readonly Token[]; readonly grouped: boolean };

export type Parsed =
  | { readonly kind: 'setting'; readonly statement: Statement; readonly setting: Setting }
  | { readonly kind: 'balance'; readonly name: Token; readonly settings: readonly Setting[] }
  | {
      readonly kind: 'list';
      readonly statement: 'Notify' | 'Prefer' | 'VirtualInterfaces';
      readonly name: Token;
      readonly items: readonly Item[];
    }
  /** `PerlUse X`, `RunDynamic X on up`. */
  | { readonly kind: 'foreign'; readonly statement: Statement; readonly words: readonly Token[] };

const BALANCE_NAMES = ['AcquisitionsPerRound', 'Interval'];

/** How many words follow the name of those that take neither "=" nor braces. */
const FOREIGN_WORDS: Readonly<Partial<Record<Statement, number>>> = {
  PerlUseLib: 1,
  PerlUse: 1,
  RunDynamic: 3,
};

export class Grammar {
  readonly #tokens: readonly Token[];
  readonly #diagnostics: Diagnostics;
  #at = 0;

  constructor(tokens: readonly Token[], diagnostics: Diagnostics) {
    this.#tokens = tokens;
    this.#diagnostics = diagnostics;
  }

  *statements(): Generator<Parsed> {
    while (this.#peek().kind !== 'end') {
      const parsed = this.#statement();
      if (parsed === null) this.#recover();
      else yield parsed;
    }
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #statement(): Parsed | null {
    const name = this.#take();
    const statement = name.kind === 'word' ? statementOf(name.text) : null;
    if (statement === null) return this.#unknown(name);
    switch (statement) {
      case 'Balance':
        return this.#balance(name);
      case 'Notify':
      case 'Prefer':
        return this.#list(name, statement);
      case 'VirtualInterfaces':
      case 'VIFs':
      case 'VIPs':
        return this.#list(name, 'VirtualInterfaces');
      case 'PerlUseLib':
      case 'PerlUse':
      case 'RunDynamic':
        return this.#foreign(name, statement);
      default: {
        const setting = this.#setting(name);
        return setting === null ? null : { kind: 'setting', statement, setting };
      }
    }
  }

  #unknown(token: Token): null {
    if (token.kind !== 'word') {
      return this.#refuse(token, `${shown(token)} stands where a statement should begin`);
    }
    const [head = '', ...rest] = token.text.split('=');
    const joined = rest.length > 0 && statementOf(head) !== null;
    if (joined) {
      const hint = `write "${head} = ${rest.join('=')}": blanks around "=" are needed`;
      return this.#refuse(token, `"${shorten(token.text)}" is one word`, hint);
    }
    const message = `unknown statement "${shorten(token.text)}"`;
    const hint = didYouMean(token.text, STATEMENTS);
    this.#diagnostics.add({ code: 'CONFIG_UNKNOWN_DIRECTIVE', place: token, message, hint });
    return null;
  }

  /** `= value` behind a name. */
  #setting(name: Token): Setting | null {
    if (this.#peek().kind !== 'equals') {
      const found = this.#peek();
      const stuck = found.kind === 'word' && found.text.startsWith('=');
      const hint = stuck ? `write "= ${found.text.slice(1)}": a blank is needed` : undefined;
      return this.#refuse(found, `expected "=" after "${name.text}", found ${shown(found)}`, hint);
    }
    this.#take();
    const value = this.#peek();
    const isValue = value.kind === 'quoted' || value.kind === 'word';
    if (!isValue) return this.#refuse(value, `"${name.text}" has no value`);
    const isRate = value.text.toLowerCase() === 'all' && /^acq/i.test(name.text);
    if (value.kind === 'word' && isKeyword(value.text) && !isRate) {
      const message = value.continues
        ? `"${value.text}" is a word of the language and no value of "${name.text}"`
        : `"${name.text}" has no value`;
      const hint = value.continues ? `in quotes it is one: "${value.text}"` : undefined;
      return this.#refuse(value.continues ? value : name, message, hint);
    }
    this.#take();
    return { name, value };
  }

  #balance(name: Token): Parsed | null {
    if (this.#peek().kind !== 'open') {
      return this.#refuse(
        this.#peek(),
        `expected "{" after "Balance", found ${shown(this.#peek())}`,
      );
    }
    const open = this.#take();
    const settings: Setting[] = [];
    while (this.#peek().kind !== 'close') {
      const key = this.#take();
      const known = BALANCE_NAMES.some((word) => word.toLowerCase() === key.text.toLowerCase());
      if (key.kind === 'end' || statementOf(key.text) !== null) return this.#unclosed(open);
      if (!known) {
        const hint = didYouMean(key.text, BALANCE_NAMES);
        return this.#refuse(key, `${shown(key)} means nothing in "Balance"`, hint);
      }
      const setting = this.#setting(key);
      if (setting === null) return null;
      settings.push(setting);
    }
    this.#take();
    return settings.length === 0 ? this.#empty(name) : { kind: 'balance', name, settings };
  }

  #list(name: Token, statement: (Parsed & { kind: 'list' })['statement']): Parsed | null {
    const items: Item[] = [];
    if (this.#peek().kind !== 'open') {
      const bare = statement !== 'VirtualInterfaces' && this.#peek().kind !== 'close';
      if (!bare || this.#peek().kind === 'end' || this.#peek().kind === 'equals') {
        const message = `expected "{" after "${name.text}", found ${shown(this.#peek())}`;
        return this.#refuse(this.#peek(), message);
      }
      return { kind: 'list', statement, name, items: [this.#item()] };
    }
    const open = this.#take();
    while (this.#peek().kind !== 'close') {
      if (this.#peek().kind === 'open') {
        const group = this.#group(statement, name);
        if (group === null) return null;
        items.push(group);
        continue;
      }
      if (this.#isBeyond()) return this.#unclosed(open);
      items.push(this.#item());
    }
    this.#take();
    return items.length === 0 ? this.#empty(name) : { kind: 'list', statement, name, items };
  }

  /** `{ address address ... }` inside of `VirtualInterfaces`. */
  #group(statement: string, name: Token): Item | null {
    const open = this.#take();
    if (statement !== 'VirtualInterfaces') {
      return this.#refuse(open, `"${name.text}" has no groups in braces`);
    }
    const words: Token[] = [];
    while (this.#peek().kind !== 'close') {
      if (this.#peek().kind === 'open' || this.#isBeyond()) return this.#unclosed(open);
      words.push(this.#take());
    }
    this.#take();
    return words.length === 0 ? this.#empty(name) : { words, grouped: true };
  }

  /** An address, with `throttle N` and `ping` behind it. */
  #item(): Item {
    const words = [this.#take()];
    for (;;) {
      const word = this.#peek().kind === 'word' ? this.#peek().text.toLowerCase() : '';
      if (word !== 'throttle' && word !== 'ping') return { words, grouped: false };
      words.push(this.#take());
      if (word === 'throttle' && this.#peek().kind === 'word') words.push(this.#take());
    }
  }

  #foreign(name: Token, statement: Statement): Parsed {
    const words = [name];
    while (words.length <= (FOREIGN_WORDS[statement] ?? 0)) {
      const isWord = this.#peek().kind === 'word' || this.#peek().kind === 'quoted';
      if (!isWord || !this.#peek().continues) break;
      words.push(this.#take());
    }
    return { kind: 'foreign', statement, words };
  }

  /** Something that cannot be inside of braces: the end, or the next statement. */
  #isBeyond(): boolean {
    const { kind, text, continues } = this.#peek();
    // `Arp-Cache` is an item of `Notify` too, and then without "=".
    const begins = !continues && kind === 'word' && statementOf(text) !== null;
    return kind === 'end' || (begins && !(/^arp-cache$/i.test(text) && !this.#hasEquals()));
  }

  #hasEquals(): boolean {
    return this.#tokens[this.#at + 1]?.kind === 'equals';
  }

  #unclosed(open: Token): null {
    const message = 'this brace is not closed';
    this.#diagnostics.add({ code: 'CONFIG_SECTION_UNCLOSED', place: open, message });
    return null;
  }

  #empty(name: Token): null {
    return this.#refuse(name, `"${name.text}" has nothing between its braces`);
  }

  #refuse(place: Token, message: string, hint?: string): null {
    this.#diagnostics.add({ code: 'CONFIG_SYNTAX', place, message, hint });
    return null;
  }

  /** To the next line that begins with the name of a statement. */
  #recover(): void {
    while (this.#peek().kind !== 'end') {
      const { kind, text, continues } = this.#peek();
      if (!continues && kind === 'word' && statementOf(text) !== null) return;
      this.#take();
    }
  }
}

function shown({ kind, text }: Token): string {
  return kind === 'end' ? 'the end of the file' : `"${shorten(text)}"`;
}
