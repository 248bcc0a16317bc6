/**
 * One line of the access log for one request.
 *
 *     common     host - - [time] "request" status bytes
 *     combined   the same "referer" "user agent", and then ours:
 *                sent/first-byte/total outcome server id        (ms; "-" is "did not come to that")
 *     json       the RequestRecord itself
 *
 * The words are Apache's (mod_log_config, "%h %l %u %t \"%r\" %>s %b"), so that what reads its logs
 * reads ours. What a newcomer gets wrong: all of it is written by clients. Quotes, backslashes and
 * whatever is not printable are escaped as Apache does, or one request could write many lines.
 */
import type { AccessLogFormat } from '../../core/cluster/config.ts';
import type { RequestRecord } from '../../core/report/request-record.ts';

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Without its line feed. */
export function accessLine(record: RequestRecord, format: AccessLogFormat): string {
  switch (format) {
    case 'json':
      return JSON.stringify(record);
    case 'common':
      return commonLine(record);
    case 'combined':
      return (
        `${commonLine(record)} ${quoted(record.referer)} ${quoted(record.userAgent)} ` +
        `${millis(record.sentMs)}/${millis(record.firstByteMs)}/${millis(record.totalMs)} ` +
        `${record.outcome} ${escaped(record.server ?? '-').replaceAll(' ', '_')} ${record.id}`
      );
  }
}

function commonLine(record: RequestRecord): string {
  const { method, target, protocol, status, bytesOut, client, atMs } = record;
  const request = [method, target, protocol].filter((part) => part !== '').join(' ');
  const bytes = bytesOut === 0 ? '-' : String(bytesOut);
  const code = status === 0 ? '-' : String(status);
  const line = quoted(request === '' ? null : request);
  return `${escaped(client) || '-'} - - [${timeText(atMs)}] ${line} ${code} ${bytes}`;
}

function millis(timeMs: number | null): string {
  return timeMs === null ? '-' : timeMs.toFixed(1);
}

function quoted(text: string | null): string {
  return text === null ? '"-"' : `"${escaped(text)}"`;
}

function escaped(text: string): string {
  return text.replace(/[^\x20-\x7e]|["\\]/g, (one) => {
    if (one === '"' || one === '\\') return `\\${one}`;
    return `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** The minute last written, and its text: most lines share it. */
let minuteLast = Number.NaN;
let minuteText = '';
let zoneText = '';

/** `22/Nov/2026:19:23:10 +0000`, in local time as Apache's `%t`. */
function timeText(atMs: number): string {
  const minute = Math.floor(atMs / 60_000);
  if (minute !== minuteLast) {
    minuteLast = minute;
    const at = new Date(atMs);
    const offset = -at.getTimezoneOffset();
    const sign = offset < 0 ? '-' : '+';
    const away = Math.abs(offset);
    minuteText =
      `${two(at.getDate())}/${MONTHS[at.getMonth()]}/${at.getFullYear()}` +
      `:${two(at.getHours())}:${two(at.getMinutes())}`;
    zoneText = `${sign}${two(Math.floor(away / 60))}${two(away % 60)}`;
  }
  return `${minuteText}:${two(Math.floor(atMs / 1_000) % 60)} ${zoneText}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
