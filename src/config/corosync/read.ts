/**
 * What a corosync.conf says of time and of members: no more of it matters to us.
 *
 * What a newcomer gets wrong: without a word of it, Corosync 3 gives up a machine after 3 s, and
 * 650 ms more for each node above two; and then the others take 1.2 of that to agree (`consensus`).
 * Source: corosync.conf(5).
 */
export type CorosyncConfig = {
  /** As it is used, for so many nodes. */
  readonly tokenMs: number;
  readonly consensusMs: number;
  readonly nodes: readonly {
    readonly name: string | null;
    /** One for each link. */
    readonly addresses: readonly string[];
  }[];
};

const TOKEN_MS = 3_000;
const TOKEN_COEFFICIENT_MS = 650;
const CONSENSUS_RATIO = 1.2;

type Section = { readonly path: string; readonly values: Map<string, string> };

export function readCorosync(text: string): CorosyncConfig {
  const sections = sectionsOf(text);
  const totem = sections.find(({ path }) => path === 'totem')?.values;
  const nodes = sections
    .filter(({ path }) => path === 'nodelist/node')
    .map(({ values }) => ({
      name: values.get('name') ?? null,
      addresses: [...values].flatMap(([key, value]) => (/^ring\d_addr$/.test(key) ? [value] : [])),
    }));
  const coefficientMs = numberOf(totem?.get('token_coefficient')) ?? TOKEN_COEFFICIENT_MS;
  const more = Math.max(0, nodes.length - 2) * coefficientMs;
  const tokenMs = (numberOf(totem?.get('token')) ?? TOKEN_MS) + more;
  const consensusMs = numberOf(totem?.get('consensus')) ?? Math.round(tokenMs * CONSENSUS_RATIO);
  return { tokenMs, consensusMs, nodes };
}

function sectionsOf(text: string): Section[] {
  const sections: Section[] = [];
  const open: Section[] = [];
  for (const line of text.split('\n').map((written) => written.trim())) {
    if (line.startsWith('#')) continue;
    const begun = /^([\w]+)\s*\{$/.exec(line)?.[1];
    const [, key, value] = /^(\w+)\s*:\s*(.*)$/.exec(line) ?? [];
    if (begun !== undefined) {
      const above = open.at(-1);
      const path = above === undefined ? begun : `${above.path}/${begun}`;
      const section = { path, values: new Map<string, string>() };
      open.push(section);
      sections.push(section);
    } else if (line === '}') open.pop();
    else if (key !== undefined) open.at(-1)?.values.set(key, value ?? '');
  }
  return sections;
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
