import { basename, delimiter, dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone's top folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Programs of the development dependencies. */
const ownPrograms = join(root, 'node_modules', '.bin');

/**
 * PATH as it was before npm put folders in front for its scripts: what rexa shows as the host's PATH is the host's,
 * and npm does not stand on the Node that it is about to replace.
 */
export function outerPath() {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.filter((folder) => !isAddedByNpm(folder)).join(delimiter);
}

/** @param {string} folder */
function isAddedByNpm(folder) {
  if (basename(folder) === 'node-gyp-bin') return true;
  const above = dirname(dirname(resolve(folder)));
  return (
    folder.endsWith(join('node_modules', '.bin')) && (root === above || root.startsWith(join(above, sep)))
  );
}

/** PATH with the clone's own programs, its Node among them, in front. */
export function innerPath() {
  return ownPrograms + delimiter + outerPath();
}

/** @param {string} text */
export function tell(text) {
  process.stderr.write(`rexa: ${text}\n`);
}
