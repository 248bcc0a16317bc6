/**
 * wackamole.conf files to the addresses of a node: all of them in order, then the defaults.
 *
 * What a newcomer gets wrong: a file that says nothing of `Mature` or `Balance` behaved otherwise
 * with the C daemon (300 s) than its manual said (5 s, 4 s). We do as the manual says, and warn.
 */
import type { AddressGroup } from '../../core/address/pool.ts';
import type { GroupEngine } from '../../core/cluster/config.ts';
import {
  ADDRESS_DEFAULTS,
  type AddressPlacement,
  type PlacedAddresses,
  resolvePrefer,
  spreadEngine,
} from '../address-pool.ts';
import type { Diagnostics } from '../diagnostic.ts';
import { type Environment, reasonOf } from '../environment.ts';
import { WackamoleDraft } from './draft.ts';
import { Grammar } from './grammar.ts';
import { lex } from './lexer.ts';
import { apply, warn } from './meaning.ts';

export type ReadParts = {
  readonly environment: Environment;
  readonly diagnostics: Diagnostics;
  readonly sources: Map<string, string>;
};

export type ReadWackamole = PlacedAddresses & { readonly control: string | null };

/** What the article and every example call it; without a name the original joins nothing. */
const GROUP_DEFAULT = 'wack1';

/** @returns null when there is no pool to take part in */
export function readWackamole(files: readonly string[], parts: ReadParts): ReadWackamole | null {
  const { environment, diagnostics, sources } = parts;
  const draft = new WackamoleDraft(environment, diagnostics);
  for (const file of files) {
    let source: string;
    try {
      source = environment.readFile(file);
    } catch (error) {
      const message = `cannot read "${file}": ${reasonOf(error)}`;
      diagnostics.add({ code: 'CONFIG_FILE_UNREADABLE', place: { file, span: null }, message });
      continue;
    }
    sources.set(file, source);
    const grammar = new Grammar(lex(file, source, diagnostics), diagnostics);
    for (const parsed of grammar.statements()) {
      if (diagnostics.isHopeless) break;
      apply(parsed, draft);
    }
  }
  const whole = { file: files[0] ?? '', span: null };
  if (diagnostics.errorCount > 0) return null;
  if (draft.pool.length === 0) {
    const message = 'there are no addresses to share';
    const hint = 'for example VirtualInterfaces { eth0:192.168.100.200/24 }';
    diagnostics.add({ code: 'CONFIG_POOL_EMPTY', place: whole, message, hint });
    return null;
  }
  warnOfDefaults(draft, whole);
  return finish(draft, whole);
}

function finish(draft: WackamoleDraft, whole: AddressPlacement['whole']): ReadWackamole {
  const pool = draft.pool.map((addresses): AddressGroup => {
    return { name: addresses[0]!.value.address, addresses: addresses.map(({ value }) => value) };
  });
  const poolPlace = draft.poolPlace ?? whole;
  return {
    addresses: {
      pool,
      matureMs: draft.matureMs ?? ADDRESS_DEFAULTS.matureMs,
      balance: {
        rate: draft.rate ?? 1,
        intervalMs: draft.intervalMs ?? ADDRESS_DEFAULTS.balance.intervalMs,
        enabled: true,
      },
      prefer: resolvePrefer(draft.prefer, pool, draft.diagnostics),
      weight: ADDRESS_DEFAULTS.weight,
      policy: { kind: 'serve' },
      group: {
        engine: engineOf(draft),
        name: draft.group?.value ?? GROUP_DEFAULT,
        port: draft.port ?? ADDRESS_DEFAULTS.port,
        profile: ADDRESS_DEFAULTS.profile,
        host: null,
        peers: [],
        multicast: null,
        secrets: draft.secret === null ? [] : [draft.secret],
      },
      compatibility: null,
      notify: draft.notify,
      arpCacheMs: draft.arpCacheMs ?? ADDRESS_DEFAULTS.arpCacheMs,
      refreshMs: ADDRESS_DEFAULTS.refreshMs,
      validMs: ADDRESS_DEFAULTS.validMs,
      hooks: { up: [], down: [] },
    },
    control: draft.control,
    placement: {
      whole,
      pool: draft.pool.map((addresses) => addresses.map(({ place }) => place)),
      policy: poolPlace,
      group: draft.group?.place ?? whole,
      secretFile: draft.secretFile,
    },
  };
}

/** The original always has a daemon; without `Spread` it is the one at the default port. */
function engineOf({ daemon, retryMs }: WackamoleDraft): GroupEngine {
  return spreadEngine({ daemon: daemon ?? undefined, retryMs: retryMs ?? undefined });
}

function warnOfDefaults(draft: WackamoleDraft, whole: AddressPlacement['whole']): void {
  const say = (message: string, hint: string) =>
    warn('CONFIG_WACKAMOLE_DIFFERS', whole, { message, hint }, draft);
  if (draft.group === null) {
    say(
      `without "Group" the original joins nothing; here the group is called "${GROUP_DEFAULT}"`,
      `write "Group = ${GROUP_DEFAULT}"`,
    );
  }
  if (draft.matureMs === null) {
    say(
      'without "Mature" the original waits 300 s; here it is 5 s, as documented',
      'write "Mature = 5s"',
    );
  }
  if (draft.intervalMs === null) {
    say(
      'without "Interval" the original balances every 300 s; here it is 4 s, as documented',
      'write "Balance { AcquisitionsPerRound = 1  Interval = 4s }"',
    );
  }
}
