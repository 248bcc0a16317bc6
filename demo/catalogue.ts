/** What the shop sells. */

export type Book = {
  readonly id: string;
  readonly title: string;
  readonly author: string;
  readonly year: number;
  readonly cents: number;
  /** Colours of the cover: the cloth, and the print on it. */
  readonly cover: readonly [cloth: string, print: string];
};

export const BOOKS: readonly Book[] = [
  book('moby-dick', 'Moby-Dick', 'Herman Melville', [1851, 1890], ['#16324f', '#e8d9b5']),
  book('middlemarch', 'Middlemarch', 'George Eliot', [1871, 1750], ['#5b2333', '#f2d7b6']),
  book('walden', 'Walden', 'Henry David Thoreau', [1854, 1290], ['#2f4a36', '#dfe5c5']),
  book('emma', 'Emma', 'Jane Austen', [1815, 1190], ['#8a4f64', '#f9e9e2']),
  book('dracula', 'Dracula', 'Bram Stoker', [1897, 1350], ['#1d1a1f', '#c8433c']),
  book('ulysses', 'Ulysses', 'James Joyce', [1922, 2190], ['#0f6a70', '#f3f1e0']),
  book('frankenstein', 'Frankenstein', 'Mary Shelley', [1818, 1090], ['#3b4252', '#b7d07a']),
  book('candide', 'Candide', 'Voltaire', [1759, 890], ['#b0652b', '#fff1d6']),
  book('the-trial', 'The Trial', 'Franz Kafka', [1925, 1240], ['#4b4a47', '#f0ead6']),
  book('war-and-peace', 'War and Peace', 'Leo Tolstoy', [1869, 2790], ['#6d1f1f', '#e6c98f']),
  book('the-time-machine', 'The Time Machine', 'H. G. Wells', [1895, 990], ['#23395b', '#f2a65a']),
  book('dead-souls', 'Dead Souls', 'Nikolai Gogol', [1842, 1420], ['#40514e', '#e4f9f5']),
];

const byId = new Map(BOOKS.map((item) => [item.id, item]));

export function bookOf(id: string): Book | null {
  return byId.get(id) ?? null;
}

function book(
  id: string,
  title: string,
  author: string,
  [year, cents]: readonly [number, number],
  cover: Book['cover'],
): Book {
  return { id, title, author, year, cents, cover };
}
