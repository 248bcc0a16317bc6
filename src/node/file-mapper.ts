/**
 * Which file a path stands for, so that `<Files>` and `<Directory>` see what Apache would see: the
 * index of a directory, and the script in front of additional path information.
 *
 * What a newcomer gets wrong: zones are cached by path, so an index that is added while the node
 * runs counts for its directory from the next start or reload on.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';

/** Each level is a look at the file system, and the path is the client's. */
const PATH_INFO_LEVELS_MAX = 8;

/** @returns a function of decoded paths that begin with "/"; null where there is no root */
export function fileMapper(
  documentRoot: string | null,
  directoryIndex: readonly string[],
): (path: string) => string | null {
  if (documentRoot === null) return () => null;
  const root = documentRoot.replace(/\/+$/, '');
  return (path) => {
    if (path.endsWith('/')) {
      const index = directoryIndex.find((name) => isFile(join(root, path, name)));
      if (index !== undefined) return `${root}${path}${index}`;
    }
    return withoutPathInfo(root, path);
  };
}

/** `/x.php/info` is the file `/x.php` when that is one (Apache: AcceptPathInfo). */
function withoutPathInfo(root: string, path: string): string {
  let end = path.length;
  for (let level = 0; level < PATH_INFO_LEVELS_MAX && end > 0; level++) {
    if (isFile(root + path.slice(0, end))) return root + path.slice(0, end);
    end = path.lastIndexOf('/', end - 1);
  }
  return root + path;
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    // A name too long for the file system, or a directory we may not enter: nothing to serve there.
    return false;
  }
}
