/** What the kernel refuses, as a name and a sentence. */
import { getSystemErrorMessage, getSystemErrorName } from 'node:util';
import type { PortError } from './address-port.ts';

/**
 * @param errno positive or negated, as it comes from `sys`
 * @param what was asked for: `add 10.0.0.9/24 to eth0`
 * @param detail the kernel's own words, when it has some
 */
export function portError(errno: number, what: string, detail = ''): PortError {
  const code = getSystemErrorName(-Math.abs(errno));
  const said = detail === '' ? getSystemErrorMessage(-Math.abs(errno)) : detail;
  return { code, text: `${what}: ${said} (${code})` };
}
