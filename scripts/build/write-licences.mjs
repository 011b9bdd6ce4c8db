import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/paths.mjs';

/**
 * Writes THIRD-PARTY-LICENSES.txt: the licence of every package of which a part stands in the bundle.
 *
 * @param {import('esbuild').Metafile[]} metafiles
 * @param {string} outdir
 */
export function writeLicences(metafiles, outdir) {
  const outputs = metafiles.flatMap((metafile) => Object.values(metafile.outputs));
  const inputs = outputs.flatMap((output) => Object.keys(output.inputs));
  const folders = new Set(inputs.map(findPackageFolder).filter((folder) => folder !== null));
  const texts = [...folders].toSorted().map(describeLicence);
  const head = 'rexa contains parts of these packages, each under its own licence.';
  writeFileSync(join(outdir, 'THIRD-PARTY-LICENSES.txt'), [head, ...texts].join(`\n\n${'-'.repeat(80)}\n\n`));
}

/**
 * @param {string} input a path such as `node_modules/a/node_modules/@b/c/lib/d.js`
 * @returns {string | null} such as `node_modules/a/node_modules/@b/c`
 */
function findPackageFolder(input) {
  return /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? null;
}

/** @param {string} folder */
function describeLicence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const file = readdirSync(join(root, folder)).find((entry) => /^(licen[cs]e|copying)(\.\w+)?$/i.test(entry));
  if (file === undefined && license === undefined)
    throw new Error(`${name} is bundled and states no licence`);
  const text = file === undefined ? '' : `\n\n${readFileSync(join(root, folder, file), 'utf8').trim()}`;
  return `${name} ${version} (${license})${text}`;
}
