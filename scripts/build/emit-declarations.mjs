import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../setup/paths.mjs';

/**
 * Writes the declarations of the library and of whatever its types name.
 *
 * @param {string} outdir
 */
export function emitDeclarations(outdir) {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [compiler, '-p', join(root, 'tsconfig.declarations.json'), '--outDir', outdir];
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error('the declarations could not be made');
}
