/**
 * One section's own words on balancing, gathered line by line, and the zone they make.
 *
 * The lines of one section in order form its chain. A section with `Backhand` lines starts a chain
 * of its own and does not inherit (`cfg->local = 1` in mod_backhand); one without says nothing of
 * balancing, and the section around it counts. `off` alone is the empty chain.
 */
import type { Candidacy } from '../../core/candidacy/candidates.ts';
import type { Zone, ZoneScope } from '../../core/cluster/config.ts';
import type { Diagnostics, Place } from '../diagnostic.ts';
import type { PlacedZone } from '../draft.ts';

export class ZoneDraft {
  readonly name: string;
  readonly place: Place;
  readonly scopes: readonly ZoneScope[];
  readonly #steps: { readonly candidacy: Candidacy; readonly place: Place }[] = [];
  #off: Place | null = null;
  handler: Zone['handler'] = null;
  selfRedirect: boolean | null = null;

  constructor(name: string, { place, scopes }: { place: Place; scopes: readonly ZoneScope[] }) {
    this.name = name;
    this.place = place;
    this.scopes = scopes;
  }

  addStep(candidacy: Candidacy, place: Place): void {
    this.#steps.push({ candidacy, place });
  }

  turnOff(place: Place): void {
    this.#off = place;
  }

  /** Null when the section turned out to hold nothing of ours. */
  finish(diagnostics: Diagnostics): PlacedZone | null {
    const steps = this.#steps;
    if (this.#off !== null && steps.length > 0) {
      const message = `"off" stands beside other candidacy functions in ${this.name}`;
      const hint = 'keep "off" or the others';
      diagnostics.add({ code: 'CONFIG_OFF_NOT_ALONE', place: this.#off, message, hint });
    }
    const says = this.#off !== null || steps.length > 0;
    if (!says && this.handler === null && this.selfRedirect === null) return null;
    const value: Zone = {
      name: this.name,
      scopes: this.scopes,
      chain: says ? steps.map(({ candidacy }) => candidacy) : null,
      handler: this.handler,
      selfRedirect: this.selfRedirect,
    };
    return { value, place: this.place, steps: steps.map(({ place }) => place) };
  }
}
