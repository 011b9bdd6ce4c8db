import { posix, relative } from 'node:path';
import { root } from '../setup/paths.mjs';
import { ENTRIES } from './bundle.mjs';

/** Dear to load, so no entry may import them before it knows that it needs them. */
const LAZY = ['yargs', 'execa', 'iconv-lite'];

/**
 * Refuses a bundle in which one of the entries loads a dear package at its start.
 *
 * @param {import('esbuild').Metafile} metafile
 * @param {string} outdir
 */
export function checkLaziness(metafile, outdir) {
  const folder = relative(root, outdir);
  for (const entry of Object.keys(ENTRIES)) {
    for (const output of listLoadedAtStart(metafile, posix.join(folder, `${entry}.js`))) {
      const inputs = Object.keys(metafile.outputs[output]?.inputs ?? {});
      const dear = inputs.find((input) => LAZY.some((name) => input.startsWith(`node_modules/${name}/`)));
      if (dear !== undefined) {
        throw new Error(
          `dist/${entry}.js loads ${dear} at its start; import it with import() where it is needed`,
        );
      }
    }
  }
}

/**
 * @param {import('esbuild').Metafile} metafile
 * @param {string} first
 * @returns {Set<string>} the output itself and all that it imports statically
 */
function listLoadedAtStart(metafile, first) {
  const found = new Set([first]);
  for (const output of found) {
    for (const { path, kind } of metafile.outputs[output]?.imports ?? []) {
      if (kind === 'import-statement' && path in metafile.outputs) found.add(path);
    }
  }
  return found;
}
