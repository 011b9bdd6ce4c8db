import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAMS } from './bundle.mjs';

/**
 * Completes the programs that bin/run-program.js runs: their first line names the build, so that code which was compiled from
 * another one is not taken for this one's, and all that is not ASCII is escaped, so that they are read byte by byte.
 *
 * @param {string} outdir
 */
export function finishPrograms(outdir) {
  for (const name of Object.keys(PROGRAMS)) {
    const file = join(outdir, `${name}.cjs`);
    const text = escapeCharacters(readFileSync(file, 'utf8'));
    const build = createHash('sha256').update(text).digest('hex').slice(0, 16);
    writeFileSync(file, `/* build ${build} */ ${text}`);
  }
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
