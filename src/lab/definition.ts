/**
 * What a lab file says: networks, and machines that are plugged into them.
 *
 *     import { defineLab } from 'forehand';
 *     export default defineLab({
 *       networks: { lan: '192.168.100.0/24' },
 *       machines: {
 *         images1: { plugs: { lan: '192.168.100.11' }, run: ['images.wackamole.conf'] },
 *         visitor: { plugs: { lan: '192.168.100.1' } },
 *       },
 *     });
 *
 * What a newcomer gets wrong: a machine's cards are `eth0`, `eth1` ... in the order of its plugs.
 */
import { dirname, resolve } from 'node:path';
import { ipOctets, networkContains } from '../core/util/ip.ts';
import { exportedValue } from './exported-value.ts';

export type MachineDefinition = {
  /** Its address in each network it is plugged into, by the network's name. */
  readonly plugs: Readonly<Record<string, string>>;
  /** Configuration files of its daemon, relative to the lab file. Default: it runs none. */
  readonly run?: readonly string[];
  /** More arguments for `forehand run`. */
  readonly arguments?: readonly string[];
  /**
   * What runs on it besides, from power on to power off: `[['node', './shop.ts', 'www1']]`. `node`
   * is this Node, and what begins with `./` is relative to the lab file.
   */
  readonly programs?: readonly (readonly string[])[];
};

export type LabDefinition = {
  /** Each with its range: `'192.168.100.0/24'`. */
  readonly networks: Readonly<Record<string, string>>;
  readonly machines: Readonly<Record<string, MachineDefinition>>;
};

/** Returns what it is given. It is there so that an editor knows what is being written. */
export function defineLab(definition: LabDefinition): LabDefinition {
  return definition;
}

/** Interface names take 15 letters, of which `.0` and the like are two. */
const NAME = /^[a-z][a-z0-9-]{0,11}$/;

/** @returns the definition with its files resolved, or everything that is wrong with it */
export async function loadLab(
  file: string,
): Promise<LabDefinition | { readonly errors: readonly string[] }> {
  const exported = await exportedValue(file);
  if ('errors' in exported) return exported;
  const errors = errorsIn(exported.value);
  if (errors.length > 0) return { errors };
  const { networks, machines } = exported.value as LabDefinition;
  const directory = dirname(resolve(file));
  const resolved = Object.entries(machines).map(([name, machine]) => {
    const run = machine.run?.map((path) => resolve(directory, path));
    const programs = machine.programs?.map((words) => words.map((word) => meant(word, directory)));
    return [
      name,
      {
        ...machine,
        ...(run === undefined ? {} : { run }),
        ...(programs === undefined ? {} : { programs }),
      },
    ] as const;
  });
  return { networks, machines: Object.fromEntries(resolved) };
}

function meant(word: string, directory: string): string {
  if (word === 'node') return process.execPath;
  return word.startsWith('./') ? resolve(directory, word) : word;
}

function errorsIn(exported: unknown): string[] {
  if (!isRecord(exported)) return ['the file exports no lab: export default defineLab({ ... })'];
  const { networks, machines, ...others } = exported as Partial<Record<string, unknown>>;
  const errors = Object.keys(others).map((key) => `unknown key "${key}"`);
  if (!isRecord(networks)) return [...errors, 'expected networks: { lan: "10.0.0.0/24", ... }'];
  if (!isRecord(machines)) return [...errors, 'expected machines: { web1: { plugs: ... }, ... }'];
  for (const [name, range] of Object.entries(networks)) {
    if (!NAME.test(name)) errors.push(`network "${name}": expected up to 12 letters or digits`);
    if (rangeOf(range) === null)
      errors.push(`network ${name}: "${String(range)}" is no a.b.c.d/len`);
  }
  for (const [name, machine] of Object.entries(machines)) {
    if (!NAME.test(name)) errors.push(`machine "${name}": expected up to 12 letters or digits`);
    errors.push(...machineErrors(machine, networks).map((error) => `machine ${name}: ${error}`));
  }
  return errors;
}

function machineErrors(machine: unknown, networks: Record<string, unknown>): string[] {
  if (!isRecord(machine) || !isRecord(machine['plugs'])) return ['expected plugs: { lan: "..." }'];
  const errors = Object.keys(machine)
    .filter((key) => !['plugs', 'run', 'arguments', 'programs'].includes(key))
    .map((key) => `unknown key "${key}"`);
  for (const key of ['run', 'arguments']) {
    const value = machine[key];
    const isTexts = Array.isArray(value) && value.every((item) => typeof item === 'string');
    if (value !== undefined && !isTexts) errors.push(`expected ${key} to be a list of texts`);
  }
  const programs = machine['programs'] ?? [];
  const isPrograms =
    Array.isArray(programs) &&
    programs.every((words) => {
      return Array.isArray(words) && words.length > 0 && words.every((w) => typeof w === 'string');
    });
  if (!isPrograms) errors.push('expected programs to be a list of lists of texts');
  for (const [network, address] of Object.entries(machine['plugs'])) {
    const range = rangeOf(networks[network]);
    if (range === null) errors.push(`there is no network "${network}"`);
    else {
      const octets = typeof address === 'string' ? ipOctets(address) : null;
      if (octets === null) errors.push(`"${String(address)}" is no address`);
      else if (!networkContains(range, octets)) {
        errors.push(`${String(address)} is not in ${network} (${String(networks[network])})`);
      }
    }
  }
  return errors;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function rangeOf(range: unknown): { address: string; prefixLength: number } | null {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(typeof range === 'string' ? range : '');
  const address = match?.[1] ?? '';
  const octets = ipOctets(address);
  const prefixLength = Number(match?.[2]);
  if (octets === null || prefixLength > octets.length * 8) return null;
  return { address, prefixLength };
}
