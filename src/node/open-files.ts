/**
 * The files a node serves, or why it cannot, in words that name the setting.
 *
 * What a newcomer gets wrong: `forehand check` only warns of the same, as a file may be checked on
 * another machine. Here is the machine it is meant for.
 */
import { statSync } from 'node:fs';
import { reasonOf } from '../config/environment.ts';
import type { ClusterConfig } from '../core/cluster/config.ts';
import { Files } from '../proxy/files.ts';

type FilesConfig = Pick<ClusterConfig, 'application' | 'documentRoot' | 'directoryIndex'>;

/** @returns null when this node serves no files; throws when it cannot serve those it should */
export function openFiles({
  application,
  documentRoot,
  directoryIndex,
}: FilesConfig): Files | null {
  if (documentRoot === null || application !== null) return null;
  try {
    // The slash makes it fail where there is a file.
    statSync(`${documentRoot}/`);
    return new Files({ documentRoot, directoryIndex });
  } catch (error) {
    throw new Error(`cannot serve DocumentRoot "${documentRoot}": ${reasonFor(error)}`);
  }
}

function reasonFor(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT') return 'there is no such directory';
  return code === 'ENOTDIR' ? 'it is no directory' : reasonOf(error);
}
