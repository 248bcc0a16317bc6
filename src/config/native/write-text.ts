/** Lists and quoted texts as TypeScript source. */

export function list(items: readonly string[]): string {
  return `[${items.join(', ')}]`;
}

export function quote(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${escaped}'`;
}
