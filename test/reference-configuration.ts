/**
 * The text of `docs/reference/configuration.md`, made from the types that editors complete from.
 *
 * What a newcomer gets wrong: a word about a key is to be changed in `src/config/native`, and the
 * page to be made anew (`reference.test.ts`).
 */
import { readFileSync } from 'node:fs';
import { type DefinedKey, keysOf, textOf } from './definition-keys.ts';

const sources = ['definition.ts', 'addresses-definition.ts', 'spread-definition.ts'].map((name) => {
  return readFileSync(new URL(`../src/config/native/${name}`, import.meta.url), 'utf8');
});
const [DEFINITION = '', ADDRESSES = '', SPREAD = ''] = sources;

type Part = {
  readonly title: string;
  /** Goes before each key's name. */
  readonly prefix: string;
  readonly source: string;
  readonly type: string;
  readonly note: string;
};

const PARTS: readonly Part[] = [
  {
    title: 'The cluster',
    prefix: '',
    source: DEFINITION,
    type: 'ClusterDefinition',
    note: '',
  },
  {
    title: 'One machine',
    prefix: 'nodes.<name>.',
    source: DEFINITION,
    type: 'NodeDefinition',
    note: 'Beside these, everything of the next part.',
  },
  {
    title: 'For all, or for one machine',
    prefix: '',
    source: DEFINITION,
    type: 'SharedDefinition',
    note:
      "At the top for all nodes, or in a node for that one. A node's value replaces the shared " +
      'one whole, lists included.',
  },
  {
    title: 'Zones',
    prefix: 'zones[].',
    source: DEFINITION,
    type: 'ZoneDefinition',
    note: textOf(DEFINITION, 'ZoneDefinition'),
  },
  {
    title: 'Announcements',
    prefix: 'announce.',
    source: DEFINITION,
    type: 'AnnounceDefinition',
    note: '',
  },
  {
    title: 'Limits',
    prefix: 'limits.',
    source: DEFINITION,
    type: 'LimitsDefinition',
    note: '',
  },
  {
    title: 'Access log',
    prefix: 'accessLog.',
    source: DEFINITION,
    type: 'AccessLogDefinition',
    note: textOf(DEFINITION, 'AccessLogDefinition'),
  },
  {
    title: 'Addresses',
    prefix: 'addresses.',
    source: ADDRESSES,
    type: 'AddressesDefinition',
    note:
      'An address of the pool belongs to no machine. Every node lists the same, and the nodes ' +
      'agree on who holds which.',
  },
  {
    title: "Addresses, a machine's own",
    prefix: 'nodes.<name>.addresses.',
    source: ADDRESSES,
    type: 'NodeAddressesDefinition',
    note: 'All but `pool` may stand in the shared `addresses` too. Each replaces the shared one.',
  },
  {
    title: 'Group',
    prefix: 'addresses.group.',
    source: ADDRESSES,
    type: 'GroupDefinition',
    note: textOf(ADDRESSES, 'GroupDefinition'),
  },
  {
    title: 'Spread',
    prefix: 'spread.',
    source: SPREAD,
    type: 'SpreadDefinition',
    note: textOf(SPREAD, 'SpreadDefinition'),
  },
];

/** Of these several are used by name in the types above. */
const FORMS: readonly (readonly [source: string, type: string])[] = [
  [DEFINITION, 'Duration'],
  [DEFINITION, 'Listen'],
  [DEFINITION, 'AnnounceTarget'],
  [ADDRESSES, 'PoolAddress'],
  [ADDRESSES, 'PoolItem'],
  [ADDRESSES, 'HookDefinition'],
  [ADDRESSES, 'NotifyDefinition'],
];

const HEAD = `# The configuration in TypeScript

Every key of a \`forehand.config.ts\`: its type, what it means, and what happens without it. Paths
are meant from the directory of the file. This page is made from the types in \`src/config/native\`,
which editors show as well; \`forehand check\` refuses everything that is not here. What Apache's form
calls the same: [directives.md](directives.md).
`;

/** `prefer` is a key of the whole cluster's addresses too, and the text is the same. */
const SHARED_OF_NODE = ['prefer', 'weight', 'hooks'];

export type PageKey = DefinedKey & { readonly path: string };

/** Every key of the page by its path, in the order of the page. */
export function pageKeys(): PageKey[] {
  return PARTS.flatMap(({ prefix, source, type }) => {
    return keysOf(source, type).map((key) => ({ ...key, path: prefix + key.name }));
  });
}

/** Paths that a file can have, those that stand in two places twice. */
export function allPaths(): string[] {
  const shared = SHARED_OF_NODE.map((name) => `addresses.${name}`);
  return [...pageKeys().map(({ path }) => path), ...shared];
}

export function configurationPage(): string {
  const parts = PARTS.map((part) => {
    const keys = keysOf(part.source, part.type).map((key) => keySection(part.prefix, key));
    const note = part.note === '' ? '' : `\n${part.note}\n`;
    return `\n## ${part.title}\n${note}${keys.join('')}`;
  });
  const forms = FORMS.map(([source, type]) => `\n### ${type}\n\n${textOf(source, type)}\n`);
  return `${HEAD}${parts.join('')}\n## Forms of values\n${forms.join('')}`;
}

function keySection(prefix: string, { name, type, required, text }: DefinedKey): string {
  const needed = required ? ' (needed)' : '';
  return `\n### \`${prefix}${name}\`\n\n\`${type}\`${needed}\n\n${text}\n`;
}
