import esbuild from 'esbuild';
import { root } from '../setup/paths.mjs';

/** What is started or imported from outside: the name in dist, and the source. */
export const ENTRIES = {
  'client/cli/main': 'src/client/cli/main.ts',
  'daemon/main': 'src/daemon/main.ts',
  'client/index': 'src/client/index.ts',
};

/** iconv-lite is CommonJS and asks for Node's own modules by `require`, which a module does not have. */
const REQUIRE = [
  "import { createRequire as createRequireOfRexa } from 'node:module';",
  'const require = createRequireOfRexa(import.meta.url);',
].join('\n');

/**
 * Bundles the entries with all that they import, but for koffi, which is native. What several need, or what is
 * imported by `import()`, becomes a chunk of its own.
 *
 * @param {string} outdir
 * @returns {Promise<import('esbuild').Metafile>}
 */
export async function bundle(outdir) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    external: ['koffi'],
    banner: { js: REQUIRE },
    chunkNames: 'chunks/[name]-[hash]',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}
