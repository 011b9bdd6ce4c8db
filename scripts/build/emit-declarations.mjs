import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { root } from '../setup/paths.mjs';

/** What stands between the quotes in `from '…'`, `import '…'` and `import('…')`. */
const SPECIFIER = /(?<=\b(?:from|import)\s*\(?\s*)(['"])([^'"]+)\1/g;

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
  for (const name of readdirSync(outdir, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.d.ts')) finishDeclaration(join(outdir, name));
  }
}

/**
 * The compiler leaves `.ts` in the imports of declarations, where readers expect `.js`. A bundled package has no
 * declarations for the reader, so the library's types may not name any of its types.
 *
 * @param {string} file
 */
function finishDeclaration(file) {
  const text = readFileSync(file, 'utf8').replace(SPECIFIER, (_, quote, specifier) => {
    if (!specifier.startsWith('.') && !isBuiltin(specifier)) {
      throw new Error(`${file} names types of ${specifier}, which a user of the library does not have`);
    }
    return quote + specifier.replace(/(?<=^\..*)\.ts$/, '.js') + quote;
  });
  writeFileSync(file, text);
}
