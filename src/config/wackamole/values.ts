/**
 * The values of wackamole.conf: times, numbers, and addresses with an interface in front.
 *
 *     [interface:]a.b.c.d/length[nNET]      eth0:192.168.100.200/24, eth0:10.0.0.1/32n16
 *     [interface:][v6]/length[nNET]         ours: eth0:[fd00::1]/64
 *
 * `NET` is how many bits of the address a neighbour must share to be told of a change.
 */
import type { VirtualAddress } from '../../core/address/pool.ts';
import { ipOctets, ipText } from '../../core/util/ip.ts';
import {
  INTERFACE_NAME_MAX,
  NOTIFY_PREFIX_LENGTH_DEFAULT,
  NOTIFY_PREFIX_LENGTH_DEFAULT_V6,
} from '../address-pool.ts';
import type { Complaint, Read } from '../values.ts';

/** As a virtual address, but the interface may be missing: '' then. */
export type IpAddr = VirtualAddress;

const IPADDR =
  /^(?:(?<name>[^:[\]]+):)?(?:(?<v4>\d{1,3}(?:\.\d{1,3}){3})|\[(?<v6>[^\]]*)\])\/(?<length>\d{1,3})(?:n(?<net>\d{1,3}))?$/i;

const WITHOUT_LENGTH = /^(?:[^:[\]]+:)?(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]*\])$/i;

export const IPADDR_FORM = 'an address such as eth0:192.168.100.200/24';

export function readIpAddr(text: string): Read<IpAddr> {
  const groups = IPADDR.exec(text)?.groups;
  if (groups === undefined) {
    const hint = WITHOUT_LENGTH.test(text) ? `did you mean "${text}/32"?` : undefined;
    return complain({
      code: 'CONFIG_BAD_ADDRESS',
      message: `"${text}" is not ${IPADDR_FORM}`,
      hint,
    });
  }
  const { name = '', v4, v6, length = '', net } = groups;
  const address = v4 ?? v6 ?? '';
  const octets = ipOctets(address);
  if (octets === null || (v6 !== undefined && octets.length === 4)) {
    const message = `"${address}" is not an IP address`;
    return complain({ code: 'CONFIG_BAD_ADDRESS', message, part: address || undefined });
  }
  const bits = octets.length * 8;
  for (const written of [length, net ?? '0']) {
    if (Number(written) <= bits) continue;
    const message = `"${written}" is not a prefix length from 0 to ${bits}`;
    return complain({ code: 'CONFIG_BAD_NETWORK', message, part: written });
  }
  if (name.length > INTERFACE_NAME_MAX) {
    const message = `"${name}" is too long for the name of an interface`;
    return complain({ code: 'CONFIG_BAD_VALUE', message, part: name });
  }
  const netDefault = bits === 32 ? NOTIFY_PREFIX_LENGTH_DEFAULT : NOTIFY_PREFIX_LENGTH_DEFAULT_V6;
  return {
    value: {
      interface: name,
      address: ipText(octets),
      prefixLength: Number(length),
      notifyPrefixLength: net === undefined ? netDefault : Number(net),
    },
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** Of the order of Node's longest timer (24 days); nobody waits longer for a machine. */
const TIME_MS_MAX = 2_000_000_000;

export function readTime(text: string): Read<number> {
  const [, digits = '', unit = ''] = /^(\d{1,9})([smh])$/i.exec(text) ?? [];
  const timeMs = Number(digits) * (UNIT_MS[unit.toLowerCase()] ?? Number.NaN);
  if (timeMs <= TIME_MS_MAX) return { value: timeMs };
  const hint = /^\d+$/.test(text) ? `did you mean "${text}s"?` : undefined;
  const message = `"${text}" is not a time such as 5s, 2m or 1h`;
  return complain({ code: 'CONFIG_BAD_DURATION', message, hint });
}

function complain(complaint: Complaint): { readonly complaint: Complaint } {
  return { complaint };
}
