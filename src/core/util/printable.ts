/**
 * Text of somebody else's for a terminal or a log.
 *
 * What a newcomer gets wrong: a name that an operator or a client chose may hold what moves the
 * cursor, hides a line or looks like another one.
 */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (one) => {
    return `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** The same for text of several lines: what follows the first is set in, so that it is no entry. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n  ');
}
