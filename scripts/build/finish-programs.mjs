import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAMS } from './bundle.mjs';

/**
 * Completes the programs that bin/run-program.js runs: their first line names the build, so that code which was compiled from
 * another one is not taken for this one's, all that is not ASCII is escaped, so that they are read byte by byte, and they import
 * by a function that they are given.
 *
 * @param {string} outdir
 */
export function finishPrograms(outdir) {
  for (const name of Object.keys(PROGRAMS)) {
    const file = join(outdir, `${name}.cjs`);
    const text = replaceImports(escapeCharacters(readFileSync(file, 'utf8')));
    const build = createHash('sha256').update(text).digest('hex').slice(0, 16);
    writeFileSync(file, `/* build ${build} */ ${text}`);
  }
}

/**
 * A script that node:vm has made cannot import without a warning: run-program.js imports for it.
 *
 * @param {string} text
 */
function replaceImports(text) {
  const replaced = text.replaceAll('await import("', 'await importModule("');
  if (/\bimport\s*[(.]/.test(replaced)) throw new Error('an import() of a program is not awaited by itself');
  return replaced;
}

/**
 * esbuild has escaped all characters but those of regular expressions and raw templates.
 *
 * @param {string} text
 */
function escapeCharacters(text) {
  // A raw template shows its escapes
  if (/String\.raw`[^`]*[^\0-\x7f]/.test(text)) throw new Error('a raw template is not ASCII');
  return text.replaceAll(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
