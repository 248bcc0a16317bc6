/**
 * What a drill file says: a lab, a load from one of its machines, and what happens when.
 *
 *     import { defineDrill } from 'forehand';
 *     export default defineDrill({
 *       lab: './site.lab.ts',
 *       load: { from: 'client', perSecond: 500, targets: ['http://195.5.3.180/'] },
 *       lastS: 60,
 *       events: [
 *         { atS: 10, do: 'off director1' },
 *         { atS: 25, do: 'on director1' },
 *       ],
 *     });
 *
 * What a newcomer gets wrong: each event is judged until the next one, so they should be further
 * apart than anything takes to recover. Without `events` a seed makes them (`random.ts`).
 */
import { dirname, resolve } from 'node:path';
import { type LabDefinition, loadLab } from '../definition.ts';
import { exportedValue } from '../exported-value.ts';

export type DrillEvent = {
  /** From the beginning of the load. */
  readonly atS: number;
  /** A word of the lab's prompt, such as `off www1`. */
  readonly do: string;
};

export type DrillLoad = {
  /** The machine it comes from. */
  readonly from: string;
  /** All targets together, whatever comes of them: the clients of a site do not wait. */
  readonly perSecond: number;
  /** Asked in turn. */
  readonly targets: readonly string[];
};

export type DrillDefinition = {
  /** The lab file, relative to this one. */
  readonly lab: string;
  readonly load: DrillLoad;
  readonly lastS: number;
  readonly events?: readonly DrillEvent[];
};

export type LoadedDrill = Omit<DrillDefinition, 'lab'> & { readonly lab: LabDefinition };

/** Returns what it is given. It is there so that an editor knows what is being written. */
export function defineDrill(definition: DrillDefinition): DrillDefinition {
  return definition;
}

/** As many as two processors bear beside a cluster. */
const PER_SECOND_MAX = 5_000;
const LAST_S_MAX = 86_400;

/** @returns the drill with its lab, or everything that is wrong with it */
export async function loadDrill(
  file: string,
): Promise<LoadedDrill | { readonly errors: readonly string[] }> {
  const exported = await exportedValue(file);
  if ('errors' in exported) return exported;
  const errors = errorsIn(exported.value);
  if (errors.length > 0) return { errors };
  const definition = exported.value as DrillDefinition;
  const lab = await loadLab(resolve(dirname(resolve(file)), definition.lab));
  if ('errors' in lab) return { errors: lab.errors.map((error) => `${definition.lab}: ${error}`) };
  if (lab.machines[definition.load.from] === undefined) {
    const names = Object.keys(lab.machines).join(', ');
    return { errors: [`load.from: no machine "${definition.load.from}"; there are ${names}`] };
  }
  return { ...definition, lab };
}

function errorsIn(exported: unknown): string[] {
  if (!isRecord(exported)) {
    return ['the file exports no drill: export default defineDrill({ ... })'];
  }
  const { lab, load, lastS, events, ...others } = exported;
  const errors = Object.keys(others).map((key) => `unknown key "${key}"`);
  if (typeof lab !== 'string') errors.push("expected lab: './site.lab.ts'");
  if (!isRecord(load)) {
    errors.push("expected load: { from: 'client', perSecond: 500, targets: [...] }");
  } else {
    if (typeof load['from'] !== 'string') errors.push('load.from: expected the name of a machine');
    if (!isBetween(load['perSecond'], 1, PER_SECOND_MAX)) {
      errors.push(`load.perSecond: expected a number from 1 to ${PER_SECOND_MAX}`);
    }
    const { targets } = load;
    const good = Array.isArray(targets) && targets.length > 0 && targets.every(isTarget);
    if (!good) errors.push("load.targets: expected a list of 'http://address/path'");
  }
  if (!isBetween(lastS, 1, LAST_S_MAX)) errors.push('lastS: expected a number of seconds');
  if (events === undefined) return errors;
  if (!Array.isArray(events)) return [...errors, 'events: expected a list'];
  for (const [index, event] of events.entries()) {
    const good = isRecord(event) && typeof event['do'] === 'string';
    if (!good) errors.push(`events[${index}]: expected { atS: 10, do: 'off www1' }`);
    else if (!isBetween(event['atS'], 0, Number(lastS))) {
      errors.push(`events[${index}].atS: expected a time from 0 to lastS`);
    }
  }
  return errors;
}

function isTarget(value: unknown): boolean {
  return typeof value === 'string' && URL.parse(value)?.protocol === 'http:';
}

function isBetween(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && value >= min && value <= max;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
