import { type FileRight, type Principal, permittedFolder } from '../../auth/principal.ts';
import { notPermitted } from '../rights.ts';

/**
 * Decides on the paths of a transfer.
 * @returns the folder that all of them are below, and which is not left; null: anything is permitted
 * @throws RexaError NOT_PERMITTED
 */
export function authorizePaths(
  principal: Principal,
  access: FileRight['access'],
  paths: readonly string[],
): string | null {
  const { files } = principal.rights;
  if (files === null) return null;
  const found = paths.map((path) => {
    const folder = permittedFolder(files, access, path);
    if (folder === null) throw notPermitted(principal, `to ${access} ${path}`);
    return folder;
  });
  const [first = ''] = found;
  const other = found.findIndex((folder) => folder !== first);
  if (other !== -1) throw notPermitted(principal, `to ${access} ${paths[other]} together with ${paths[0]}`);
  return first;
}
