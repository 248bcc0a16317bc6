/**
 * Apache files to a configuration: all of them in order, then what depends on all of them.
 *
 * Several files merge as if they were one after the other: later single values win, lists grow.
 * Virtual hosts: zones do not look at the Host field, so the content of a `<VirtualHost>` is
 * applied only when it is the only one and is for every address (`*` or `_default_`), which makes
 * it the whole site. Otherwise it is left out with a warning, rather than applied to hosts it is
 * not for.
 */
import type { Diagnostics } from '../diagnostic.ts';
import { Draft, finishDraft, type PlacedConfig } from '../draft.ts';
import type { Environment } from '../environment.ts';
import { readAllHtaccess } from './htaccess.ts';
import type { Position, Reading } from './rule.ts';
import type { SectionNode } from './tree.ts';
import { Walk } from './walk.ts';
import { ZoneDraft } from './zone-draft.ts';

export type ReadParts = {
  readonly environment: Environment;
  readonly diagnostics: Diagnostics;
  /** Filled with the text of every file that is read. */
  readonly sources: Map<string, string>;
};

export function readApache(files: readonly string[], parts: ReadParts): PlacedConfig {
  const { environment, diagnostics } = parts;
  const draft = new Draft();
  const reading: Reading = { ...parts, draft, defines: new Set(environment.defines) };
  const whole = { file: files[0] ?? '', span: null };

  const zone = new ZoneDraft('the server', { place: whole, scopes: [] });
  const position: Position = { zone, scopes: [], context: 'server' };
  const walk = new Walk(reading);
  for (const file of files) walk.readFile(file, position, null);
  walkVirtualHosts(walk, position, reading);

  const finished = zone.finish(diagnostics);
  if (finished !== null) draft.zones.unshift(finished);
  readAllHtaccess(reading);
  const names = [environment.nodeName, draft.nodeName, draft.serverName, environment.hostName];
  return finishDraft(draft, { nodeName: names.find((name) => name !== null) ?? '', whole });
}

function walkVirtualHosts(walk: Walk, position: Position, reading: Reading): void {
  const { draft, diagnostics } = reading;
  const [first, second] = walk.virtualHosts;
  const applied = first !== undefined && second === undefined && isForEveryAddress(first);
  if (applied) {
    const machineName = draft.serverName;
    walk.walk(first.children, position);
    // Inside, ServerName is the site's: the same on every machine, so no name for one of them.
    draft.serverName = machineName;
  }
  for (const { name } of walk.virtualHosts.slice(applied ? 1 : 0)) {
    diagnostics.addOnce('virtualhost', {
      code: 'CONFIG_VIRTUAL_HOST_IGNORED',
      place: name,
      message: `<${name.text}> is left out: zones do not depend on the host asked for`,
      hint: 'move what is meant for all hosts outside of the section',
    });
  }
}

function isForEveryAddress({ words }: SectionNode): boolean {
  return (
    words.length > 0 && words.every(({ text }) => /^(?:\*|_default_)(?::(?:\d+|\*))?$/.test(text))
  );
}
