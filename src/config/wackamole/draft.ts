/**
 * What wackamole.conf files have said so far, with places: later values win, lists grow.
 */
import type { NotifyTarget } from '../../core/address/pool.ts';
import type { Wish } from '../address-pool.ts';
import type { Diagnostics, Place } from '../diagnostic.ts';
import type { Placed } from '../draft.ts';
import type { Environment } from '../environment.ts';
import type { IpAddr } from './values.ts';

export class WackamoleDraft {
  readonly environment: Environment;
  readonly diagnostics: Diagnostics;
  port: number | null = null;
  /** As SP_connect takes it. */
  daemon: string | null = null;
  retryMs: number | null = null;
  group: Placed<string> | null = null;
  control: string | null = null;
  matureMs: number | null = null;
  arpCacheMs: number | null = null;
  rate: number | 'all' | null = null;
  intervalMs: number | null = null;
  secret: string | null = null;
  secretFile: string | null = null;
  readonly notify: NotifyTarget[] = [];
  readonly prefer: Wish[] = [];
  readonly pool: Placed<IpAddr>[][] = [];
  /** The block of the pool, for what is wrong with it as a whole. */
  poolPlace: Place | null = null;

  constructor(environment: Environment, diagnostics: Diagnostics) {
    this.environment = environment;
    this.diagnostics = diagnostics;
  }
}
