/**
 * "Did you mean ...?": the known word nearest to an unknown one.
 *
 * The distance is optimal string alignment: insertions, deletions, replacements and swapped
 * neighbours each cost one. Case costs nothing, as Apache's words have none.
 */

/** Compared words are cut here: a hint is not worth quadratic work on a line of a megabyte. */
const WORD_LENGTH_MAX = 64;

export function nearest(word: string, known: Iterable<string>): string | null {
  if (word.length === 0 || word.length > WORD_LENGTH_MAX) return null;
  // One slip in three letters: beyond that, the guess is wrong more often than right.
  let best = Math.max(1, Math.floor(word.length / 3)) + 1;
  let found: string | null = null;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= best) continue;
    const distance = distanceBetween(word.toLowerCase(), candidate.toLowerCase());
    if (distance >= best) continue;
    best = distance;
    found = candidate;
  }
  return found;
}

export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const found = nearest(word, known);
  return found === null ? undefined : `did you mean "${found}"?`;
}

export function distanceBetween(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = last[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      let cost = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length]!;
}

/** Quoted back in a message: enough to recognise it by. */
export function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
