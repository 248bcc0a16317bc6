/**
 * For tests: files that exist in memory only, and the environment they are in.
 */
import type { DirectoryEntry, Environment } from './environment.ts';

/** @param files their texts by absolute path */
export function memoryEnvironment(
  files: Readonly<Record<string, string>>,
  more: Partial<Environment> = {},
): Environment {
  return {
    hostName: 'www1.example.com',
    addresses: ['192.168.10.11'],
    interfaces: ['lo', 'eth0'],
    nodeName: null,
    defines: [],
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
      return text;
    },
    list: (path) => entriesOf(path === '/' ? '/' : `${path}/`, Object.keys(files)),
    ...more,
  };
}

function entriesOf(directory: string, paths: readonly string[]): DirectoryEntry[] | null {
  const entries = new Map<string, DirectoryEntry>();
  for (const path of paths) {
    if (!path.startsWith(directory)) continue;
    const [name = '', ...deeper] = path.slice(directory.length).split('/');
    entries.set(name, { name, kind: deeper.length === 0 ? 'file' : 'directory' });
  }
  return entries.size === 0 ? null : [...entries.values()].toSorted(byName);
}

function byName(a: DirectoryEntry, b: DirectoryEntry): number {
  return a.name < b.name ? -1 : 1;
}
