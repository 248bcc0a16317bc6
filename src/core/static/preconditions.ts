/**
 * Conditional requests: whether the copy that a client has is still good (RFC 9110 section 13).
 *
 * What a newcomer gets wrong: the order is fixed (13.2.2), and a condition on entity tags makes the
 * one on dates void. Dates that cannot be read count as not sent.
 */

export type Representation = {
  /** With its quotes. Strong: two files with the same one are the same octets. */
  readonly etag: string;
  /** Ms since the epoch; HTTP sees whole seconds of it. */
  readonly modifiedMs: number;
};

export type Conditions = {
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
  readonly ifModifiedSince: string | null;
  readonly ifUnmodifiedSince: string | null;
};

/**
 * @returns the status to answer with instead of the representation, or null to go on. For GET and
 * HEAD.
 */
export function preconditionStatus(
  conditions: Conditions,
  representation: Representation,
): 304 | 412 | null {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  const modifiedS = Math.floor(representation.modifiedMs / 1_000);
  if (ifMatch !== null) {
    if (!matches(ifMatch, representation.etag, 'strong')) return 412;
  } else {
    const limitS = dateSeconds(ifUnmodifiedSince);
    if (limitS !== null && modifiedS > limitS) return 412;
  }
  if (ifNoneMatch !== null) return matches(ifNoneMatch, representation.etag, 'weak') ? 304 : null;
  const sinceS = dateSeconds(ifModifiedSince);
  return sinceS !== null && modifiedS <= sinceS ? 304 : null;
}

/** RFC 9110 13.1.5: a range is only for who has the rest of this very representation. */
export function ifRangeHolds(ifRange: string | null, representation: Representation): boolean {
  if (ifRange === null) return true;
  const value = ifRange.trim();
  if (value.startsWith('"')) return value === representation.etag;
  // A weak tag never holds here, and a date only if it is exact.
  const seconds = dateSeconds(value);
  return seconds !== null && seconds === Math.floor(representation.modifiedMs / 1_000);
}

/** RFC 9110 8.8.3.2: strong comparison takes no weak tags, weak comparison ignores the mark. */
function matches(list: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true;
  for (const [tag] of list.matchAll(/(?:W\/)?"[^"]*"/g)) {
    if (tag === etag) return true;
    if (comparison === 'weak' && tag.startsWith('W/') && tag.slice(2) === etag) return true;
  }
  return false;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/** IMF-fixdate, the only form that is still generated (RFC 9110 5.6.7). */
const DATE = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;

/** @returns seconds since the epoch, or null when it is not an HTTP date */
export function dateSeconds(text: string | null): number | null {
  const match = DATE.exec(text?.trim() ?? '');
  if (match === null) return null;
  const [day, year, hour, minute, second] = [1, 3, 4, 5, 6].map((group) => Number(match[group]));
  const month = MONTHS.indexOf(match[2]!);
  if (month < 0 || day! < 1 || day! > 31 || hour! > 23 || minute! > 59 || second! > 60) return null;
  return (daysSinceEpoch(year!, month, day!) * 24 + hour!) * 3_600 + minute! * 60 + second!;
}

/** Gregorian, without the clock that core may not have. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const past = year - 1;
  const leaps = (y: number): number =>
    Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  const isLeap = leaps(year) > leaps(past);
  const days = (year - 1970) * 365 + leaps(past) - leaps(1969);
  return days + DAYS_BEFORE[month]! + (isLeap && month > 1 ? 1 : 0) + day - 1;
}
