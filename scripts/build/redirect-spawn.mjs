import { join } from 'node:path';
import { root } from '../setup/paths.mjs';

/** The module of execa that spawns, as a path or a URL. */
const IMPORTER = /[\\/]execa[\\/]lib[\\/]methods[\\/]main-async\.js$/;
const IMPORTED = 'node:child_process';
/** What it imports `spawn` from instead. */
export const INJECTED_SPAWN = join(root, 'src/process/runner/injected-spawn.ts');

/**
 * Whether this is the import by which execa gets `spawn`.
 *
 * @param {string} imported
 * @param {string | undefined} importer a path or a URL
 */
export function isSpawnOfExeca(imported, importer) {
  return imported === IMPORTED && importer !== undefined && IMPORTER.test(importer);
}

/**
 * Gives execa our `spawn`. Another execa, in which there is not exactly one such import, fails the build.
 *
 * @returns {import('esbuild').Plugin}
 */
export function redirectSpawn() {
  return {
    name: 'redirect-spawn',
    setup(build) {
      let hits = 0;
      build.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) => {
        if (!isSpawnOfExeca(path, importer)) return undefined;
        hits += 1;
        return { path: INJECTED_SPAWN };
      });
      build.onEnd(() =>
        hits === 1
          ? undefined
          : { errors: [{ text: `execa imports spawn ${hits} times where once is expected` }] },
      );
    },
  };
}
