import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { root } from '../setup/paths.mjs';

/**
 * Writes the declarations of the library, and of whatever its types name and nothing else.
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

  const needed = new Set([join(outdir, 'client', 'index.d.ts')]);
  for (const file of needed) for (const named of finishDeclaration(file)) needed.add(named);
  for (const name of readdirSync(outdir, { recursive: true, encoding: 'utf8' })) {
    const file = join(outdir, name);
    if (name.endsWith('.d.ts') && !needed.has(file)) rmSync(file);
  }
  removeEmptyFolders(outdir);
}

/**
 * The compiler leaves `.ts` in the imports of declarations, where readers expect `.js`. A bundled package has no
 * declarations for the reader, so the library's types may not name any of its types.
 *
 * @param {string} file
 * @returns {string[]} the declarations that this one imports
 */
function finishDeclaration(file) {
  let text = readFileSync(file, 'utf8');
  /** @type {string[]} */
  const named = [];
  for (const { fileName, pos } of ts.preProcessFile(text).importedFiles.toReversed()) {
    if (fileName.startsWith('.')) {
      const start = pos + 1; // behind the quotation mark
      const end = start + fileName.length;
      text = text.slice(0, start) + fileName.replace(/\.ts$/, '.js') + text.slice(end);
      named.push(join(dirname(file), fileName.replace(/\.ts$/, '.d.ts')));
    } else if (!isBuiltin(fileName)) {
      throw new Error(`${file} names types of ${fileName}, which a user of the library does not have`);
    }
  }
  writeFileSync(file, text);
  return named;
}

/** @param {string} folder */
function removeEmptyFolders(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
