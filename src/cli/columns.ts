/**
 * Text in columns, for terminals: as wide as needed, cut where a line would be too long.
 *
 * What a newcomer gets wrong: escape sequences of colour have no width. A cell is measured without
 * them, and a cut line ends what it began.
 */
import { stripVTControlCharacters } from 'node:util';

export type Column = { readonly title: string; readonly align: 'left' | 'right' };

const GAP = '  ';

export function columns(
  heads: readonly Column[],
  rows: readonly (readonly string[])[],
  widthMax = Number.POSITIVE_INFINITY,
): string[] {
  const all = [heads.map(({ title }) => title), ...rows];
  const widths = heads.map((_, i) => Math.max(...all.map((row) => widthOf(row[i] ?? ''))));
  return all.map((row) => {
    const cells = heads.map(({ align }, i) => {
      const cell = row[i] ?? '';
      const fill = ' '.repeat(widths[i]! - widthOf(cell));
      return align === 'left' ? cell + fill : fill + cell;
    });
    return cut(cells.join(GAP).trimEnd(), widthMax);
  });
}

export function cut(line: string, widthMax: number): string {
  if (widthOf(line) <= widthMax) return line;
  return `${stripVTControlCharacters(line).slice(0, Math.max(0, widthMax - 1))}…`;
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
