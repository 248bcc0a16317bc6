/**
 * Does what only makes later things quicker: what goes wrong in it is said, and stops nobody.
 *
 * @returns what to say, or null
 */
export function rehearsalProblem(rehearse: () => unknown): string | null {
  try {
    rehearse();
    return null;
  } catch (error) {
    return `the rehearsal failed, so a first take-over may be slower: ${String(error)}`;
  }
}
