import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { innerPath, root, tell } from './paths.mjs';
import { runQuietly } from './run-quietly.mjs';

const stampFile = join(root, 'dist', '.stamp');
/** What dist is made from: files, and folders with all that is in them. */
const SOURCES = ['src', 'scripts/build.mjs', 'scripts/build', 'package.json', 'package-lock.json'];

/** Whether dist was made from the sources as they are now. Contents are compared: no clock is trusted. */
export function isBuilt() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hashSources();
}

/**
 * @param {string} node the program that runs the build
 * @param {{ release: boolean }} options `release`: with declarations and all checks, as the package needs it
 */
export async function build(node, { release }) {
  const stamp = hashSources();
  const args = ['scripts/build.mjs', ...(release ? ['--release'] : [])];
  if (!release) tell('building');
  if (!(await runQuietly(node, args, { path: innerPath() }))) throw new Error('the build failed');
  writeFileSync(stampFile, stamp);
}

function hashSources() {
  const hash = createHash('sha256');
  for (const source of SOURCES.flatMap(listFiles)) {
    hash
      .update(`${source}\0`)
      .update(readFileSync(join(root, source)))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} path relative to the top folder
 * @returns {string[]} the file itself, or the files in that folder, in a stable order
 */
function listFiles(path) {
  const folder = join(root, path);
  if (!existsSync(folder)) return [];
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const names = entries.map((entry) => entry.name).toSorted();
    return names.flatMap((name) => listFiles(`${path}/${name}`));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOTDIR') return [path];
    throw error;
  }
}
