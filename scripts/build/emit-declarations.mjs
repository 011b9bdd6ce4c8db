import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { root } from '../setup/paths.mjs';

/** Bundled packages whose types the library names: their declarations go along, and need nothing but Node's own types. */
const TYPED_PACKAGES = ['execa'];

/** The folders whose index is an entry of the package. */
const LIBRARIES = ['client', 'daemon', 'protocol'];

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

  const needed = new Set(LIBRARIES.map((name) => join(outdir, name, 'index.d.ts')));
  for (const file of needed) for (const named of finishDeclaration(file, outdir)) needed.add(named);
  for (const name of readdirSync(outdir, { recursive: true, encoding: 'utf8' })) {
    const file = join(outdir, name);
    if (name.endsWith('.d.ts') && !needed.has(file)) rmSync(file);
  }
  removeEmptyFolders(outdir);
  for (const name of TYPED_PACKAGES) copyDeclarations(name, join(outdir, 'packages', name));
}

/** @param {string} name @param {string} target */
function copyDeclarations(name, target) {
  const folder = join(root, 'node_modules', name);
  cpSync(join(folder, 'index.d.ts'), join(target, 'index.d.ts'));
  cpSync(join(folder, 'types'), join(target, 'types'), { recursive: true });
}

/**
 * The compiler leaves `.ts` in the imports of declarations, where readers expect `.js`. A bundled package has no
 * declarations for the reader, so the library's types may not name any of its types.
 *
 * @param {string} file
 * @param {string} outdir
 * @returns {string[]} the declarations that this one imports
 */
function finishDeclaration(file, outdir) {
  let text = readFileSync(file, 'utf8');
  /** @type {string[]} */
  const named = [];
  for (const { fileName, pos } of ts.preProcessFile(text).importedFiles.toReversed()) {
    if (fileName.startsWith('.')) {
      const start = pos + 1; // behind the quotation mark
      const end = start + fileName.length;
      text = text.slice(0, start) + fileName.replace(/\.ts$/, '.js') + text.slice(end);
      named.push(join(dirname(file), fileName.replace(/\.ts$/, '.d.ts')));
    } else if (TYPED_PACKAGES.includes(fileName)) {
      const start = pos + 1;
      const target = relative(dirname(file), join(outdir, 'packages', fileName, 'index.js'));
      text = text.slice(0, start) + target.replaceAll('\\', '/') + text.slice(start + fileName.length);
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
