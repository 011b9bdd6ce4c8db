import { ENTRIES, LAZY_PACKAGES } from './bundle.mjs';

/**
 * Refuses a bundle in which one of the entries loads a dear package at its start, or holds a part of one.
 *
 * @param {import('esbuild').Metafile[]} metafiles
 */
export function checkLaziness(metafiles) {
  const outputs = metafiles.flatMap((metafile) => Object.values(metafile.outputs));
  const sources = Object.values(ENTRIES);
  for (const { entryPoint = '', imports, inputs } of outputs) {
    if (!sources.includes(entryPoint)) continue;
    for (const name of LAZY_PACKAGES) {
      const isLoaded = imports.some(
        ({ path, kind }) => kind === 'import-statement' && path.endsWith(`packages/${name}.js`),
      );
      const isHeld = Object.keys(inputs).some((input) => input.includes(`node_modules/${name}/`));
      if (isLoaded || isHeld) {
        throw new Error(
          `${entryPoint} loads ${name} at its start; import it with import() where it is needed`,
        );
      }
    }
  }
}
