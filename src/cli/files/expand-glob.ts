import { matchesGlob, parseGlob } from '../../files/exclude.ts';
import { readPath, writePath } from '../../services/files/client-paths.ts';
import type { FilesHost } from '../../services/files/client-types.ts';

const MAGIC = /[*?[]/;

/**
 * Returns the paths of a host that match a pattern, as a shell would: each name by itself, and those with a dot in front
 * only where the pattern has one.
 * @param pattern byte text @throws RexaError FILES_UNREADABLE
 */
export async function expandGlob(
  host: Pick<FilesHost, 'readdir'>,
  pattern: string,
): Promise<readonly string[]> {
  const [first = '', ...rest] = pattern.split('/');
  // An absolute path begins with an empty name
  let found = first === '' ? ['/'] : await extend(host, [''], first, rest.length > 0);
  for (const [index, part] of rest.entries())
    found = await extend(host, found, part, index < rest.length - 1);
  return found.toSorted();
}

/** @param isFolder something follows */
async function extend(
  host: Pick<FilesHost, 'readdir'>,
  folders: readonly string[],
  part: string,
  isFolder: boolean,
): Promise<string[]> {
  if (!MAGIC.test(part)) return folders.map((folder) => join(folder, part));
  const glob = parseGlob(part);
  const found: string[] = [];
  for (const folder of folders) {
    const entries = await host.readdir(writePath(folder === '' ? '.' : folder)).catch(() => []);
    for (const { name, kind } of entries) {
      const text = readPath(name);
      if (isFolder && kind !== 'folder' && kind !== 'link') continue;
      if (text.startsWith('.') && !part.startsWith('.')) continue;
      if (matchesGlob(glob, text)) found.push(join(folder, text));
    }
  }
  return found;
}

function join(folder: string, name: string): string {
  return folder === '' || folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}
