/**
 * The native dialect: a `forehand.config.ts` for the whole cluster, and one node of it.
 *
 * What a newcomer gets wrong: a configuration's functions cannot be sent to another thread, so
 * every worker of a node loads the file itself. Therefore loading depends on the file and the
 * environment alone, and a worker is told its node's name rather than left to find out.
 */
import { resolve } from 'node:path';
import type { Program } from 'acorn';
import * as v from 'valibot';
import type { Diagnostics, Place } from './diagnostic.ts';
import type { PlacedConfig } from './draft.ts';
import { type Environment, reasonOf } from './environment.ts';
import { buildConfig } from './native/build.ts';
import { locateKey, locateValue, type Path } from './native/locate.ts';
import { runFile } from './native/run-file.ts';
import { CLUSTER, type ParsedCluster } from './native/schema.ts';
import { complaintOf, isAboutKey } from './native/schema-parts.ts';
import { didYouMean } from './suggest.ts';

export type NativeParts = {
  readonly environment: Environment;
  readonly diagnostics: Diagnostics;
  readonly sources: Map<string, string>;
};

/** Null when it cannot be read, or is no configuration, or has no node for this machine. */
export async function loadNative(file: string, parts: NativeParts): Promise<PlacedConfig | null> {
  const { environment, diagnostics, sources } = parts;
  let source: string;
  try {
    source = environment.readFile(file);
  } catch (error) {
    const message = `cannot read "${file}": ${reasonOf(error)}`;
    const place = { file, span: null };
    diagnostics.add({ code: 'CONFIG_FILE_UNREADABLE', place, message });
    return null;
  }
  sources.set(file, source);
  const ran = await runFile(file, resolve(file), source);
  if ('failure' in ran) {
    diagnostics.add(ran.failure);
    return null;
  }
  const { exported, program, thrown } = ran;
  const placeOf = (path: Path): Place => ({ file, span: locateValue(program, path) });
  let cluster: ParsedCluster | null;
  try {
    cluster = checkShape(exported, { file, program, diagnostics });
  } catch (error) {
    // A getter, or a trap of a proxy: reading a value may run code of the file.
    diagnostics.add(thrown(error));
    return null;
  }
  if (cluster === null) return null;
  const nodeName = chooseNode(cluster, environment, { place: placeOf(['nodes']), diagnostics });
  if (nodeName === null) return null;
  return buildConfig(cluster, nodeName, { file, environment, diagnostics, placeOf });
}

type ShapeParts = {
  readonly file: string;
  readonly program: Program;
  readonly diagnostics: Diagnostics;
};

function checkShape(exported: unknown, parts: ShapeParts): ParsedCluster | null {
  const { file, program, diagnostics } = parts;
  if (typeof exported !== 'object' || exported === null) {
    const message = 'the file has no default export that describes a cluster';
    const hint = 'write: export default defineCluster({ nodes: { ... } })';
    diagnostics.add({ code: 'CONFIG_NOT_EXPORTED', place: { file, span: null }, message, hint });
    return null;
  }
  const parsed = v.safeParse(CLUSTER, exported);
  if (parsed.success) return parsed.output;
  for (const issue of parsed.issues) {
    const complaint = complaintOf(issue);
    const path = (issue.path ?? []).map(({ key }) => key as string | number);
    const missing = complaint.code === 'CONFIG_MISSING_KEY';
    const locate = isAboutKey(complaint) ? locateKey : locateValue;
    const span = locate(program, missing ? path.slice(0, -1) : path);
    const { code, message, hint } = complaint;
    diagnostics.add({ code, place: { file, span }, message, hint });
  }
  return null;
}

type ChoiceParts = { readonly place: Place; readonly diagnostics: Diagnostics };

/** By the name asked for, else by the host's name, else by an address of the machine. */
function chooseNode(
  { nodes }: ParsedCluster,
  { nodeName, hostName, addresses }: Environment,
  { place, diagnostics }: ChoiceParts,
): string | null {
  const names = Object.keys(nodes);
  const listed = names.length === 0 ? 'there are none' : `the nodes: ${names.join(', ')}`;
  if (nodeName !== null) {
    if (Object.hasOwn(nodes, nodeName)) return nodeName;
    const message = `there is no node "${nodeName}"`;
    const hint = didYouMean(nodeName, names) ?? listed;
    diagnostics.add({ code: 'CONFIG_UNKNOWN_NODE', place, message, hint });
    return null;
  }
  const byName =
    names.find((name) => name.toLowerCase() === hostName.toLowerCase()) ??
    names.find((name) => shortName(name) === shortName(hostName));
  if (byName !== undefined) return byName;
  // One node without an address: there is no other that this machine could be.
  const [sole, second] = names;
  if (sole !== undefined && second === undefined && nodes[sole]?.address === undefined) return sole;
  const byAddress = names.find((name) => addresses.includes(nodes[name]?.address?.host ?? ''));
  if (byAddress !== undefined) return byAddress;
  const message = `none of the nodes is this machine, "${hostName}"`;
  const hint = `${listed}; choose one with --node NAME`;
  diagnostics.add({ code: 'CONFIG_UNKNOWN_NODE', place, message, hint });
  return null;
}

/** `www1` is `www1.example.com`: which of them the system calls itself differs between systems. */
function shortName(name: string): string {
  return (name.split('.')[0] ?? name).toLowerCase();
}
