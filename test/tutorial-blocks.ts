/**
 * The tutorial as blocks: what is to be run, and what it is said to print.
 *
 *     ```sh                    run by test/e2e/tutorial.test.ts, all of a file in one shell
 *     ```sh lab                run by test/kernel/tutorial.test.ts, each on its own
 *     ```text                  what the block before it prints; `...` stands for anything
 *     ```console REASON        for the reader only
 *
 * What a newcomer gets wrong: a line that is only `...` stands for any number of lines, none too.
 */
import { readFileSync } from 'node:fs';

export type Block = {
  readonly kind: 'sh' | 'sh lab' | 'console';
  readonly reason: string;
  readonly command: string;
  /** Null: anything may be printed. */
  readonly printed: string | null;
  readonly line: number;
};

const FENCE = /^```(\S+)(?: ([^\n]*))?\n(.*?)^```\n/gms;

export function tutorial(language: 'en' | 'ru'): string {
  return readFileSync(new URL(`../docs/tutorial/${language}.md`, import.meta.url), 'utf8');
}

export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (const { 1: tag, 2: rest = '', 3: body = '', index } of text.matchAll(FENCE)) {
    const line = text.slice(0, index).split('\n').length;
    const previous = blocks.at(-1);
    if (tag === 'text' && previous?.printed === null) {
      blocks[blocks.length - 1] = { ...previous, printed: body };
    } else if (tag === 'console' && rest !== '') {
      blocks.push({ kind: 'console', reason: rest, command: body, printed: null, line });
    } else if (tag === 'sh' && (rest === '' || rest === 'lab')) {
      const kind = rest === '' ? 'sh' : 'sh lab';
      blocks.push({ kind, reason: '', command: body, printed: null, line });
    } else throw new Error(`line ${line}: a block that nobody knows what to do with`);
  }
  return blocks;
}

/** Whether a command printed what is shown. How far columns are apart does not count. */
export function isShown(output: string, printed: string): boolean {
  const lines = squeezed(printed)
    .split('\n')
    .map((line) => {
      if (line === '...') return '(?:[^\\n]*\\n)*';
      return `${line.split('...').map(RegExp.escape).join('[^\\n]*')}\\n`;
    });
  return new RegExp(`^${lines.join('')}$`).test(`${squeezed(output)}\n`);
}

function squeezed(text: string): string {
  return text.trimEnd().replace(/ +$/gm, '').replace(/ {2,}/g, ' ');
}
