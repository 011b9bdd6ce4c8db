import { posix } from 'node:path';
import esbuild from 'esbuild';
import { root } from '../setup/paths.mjs';
import { DAEMON_REDIRECTS, HOST_GLOBALS, HOST_REDIRECTS, redirectImports } from './redirect-imports.mjs';

/** What bin/run-program.js runs as one script, with compiled code that it keeps: the name in dist, and the source. */
export const PROGRAMS = { 'cli/main': 'src/cli/main.ts' };

/** What is started or imported from outside: the name in dist, and the source. */
export const ENTRIES = {
  ...PROGRAMS,
  'daemon/main': 'src/daemon/main.ts',
  'supervisor/main': 'src/supervisor/main.ts',
  'client/index': 'src/client/index.ts',
  'daemon/index': 'src/daemon/index.ts',
};

/** Runs in any runtime, a browser included. */
const PURE = { name: 'protocol/index', source: 'src/protocol/index.ts' };

/** What threads are started with, likewise. */
const WORKERS = { 'auth/bcrypt-worker': 'src/auth/bcrypt-worker.ts' };

/** execa whose commands run on another host: it has a file of its own, which the library loads where it is called. */
const HOST_EXECA = { name: 'packages/host-execa', source: 'src/client/execa/host-execa.ts' };

/** Packages that are dear to load. Each has a file of its own in dist, which the sources load where it is needed. */
export const LAZY_PACKAGES = [
  '@cfworker/json-schema',
  '@xmldom/xmldom',
  '@xterm/headless',
  'diff',
  'execa',
  'iconv-lite',
  'xpath',
  'yaml',
  'yargs',
];

/** Packages that are one function and take long to set up, ten milliseconds of Unicode sets: they do so at its first call. */
const LATE_FUNCTIONS = ['string-width'];

/** CommonJS packages ask for Node's own modules by `require`, which a module does not have. */
const REQUIRE = [
  "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);",
].join('\n');

/** @type {import('esbuild').BuildOptions} */
const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.18',
  external: ['koffi'],
  banner: { js: REQUIRE },
  legalComments: 'none',
  logLevel: 'warning',
};

/**
 * A script and not a module: its compiled code can be kept after a run. It is a function of what it needs of its file.
 *
 * @type {import('esbuild').BuildOptions}
 */
const SCRIPT = {
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  banner: { js: '(function (require, programUrl, resolveProgram, importModule) {' },
  footer: { js: '})' },
  define: { 'import.meta.url': 'programUrl', 'import.meta.resolve': 'resolveProgram' },
};

/**
 * Bundles each entry into one file, and each dear package into another. Entries share nothing: one file is read faster
 * than the twenty that esbuild's own splitting makes (measured: 5 ms of CPU in each `rexa run`). koffi is native and
 * stays outside.
 *
 * @param {string} outdir
 * @returns {Promise<import('esbuild').Metafile[]>}
 */
export async function bundle(outdir) {
  const packages = Object.fromEntries(LAZY_PACKAGES.map((name) => [`packages/${name}`, name]));
  const sources = { ...ENTRIES, ...WORKERS, ...packages, [HOST_EXECA.name]: HOST_EXECA.source };
  const pure = esbuild.build({
    ...OPTIONS,
    platform: 'browser',
    banner: {},
    entryPoints: { [PURE.name]: PURE.source },
    outdir,
    metafile: true,
  });
  const jobs = Object.entries(sources).map(([name, source]) =>
    esbuild.build({
      ...OPTIONS,
      ...(name in PROGRAMS ? SCRIPT : {}),
      entryPoints: { [name]: source },
      outdir,
      metafile: true,
      inject: source === HOST_EXECA.source ? HOST_GLOBALS : [],
      plugins: choosePlugins(name, source),
    }),
  );
  const results = await Promise.all([...jobs, pure]);
  return results.map(({ metafile }) => metafile);
}

/**
 * @param {string} name
 * @param {string} source
 */
function choosePlugins(name, source) {
  if (source === HOST_EXECA.source) return [redirectImports(HOST_REDIRECTS)];
  if (source.startsWith('src/')) return [keepApart(name), loadBuiltinsLate(), callLate()];
  return source === 'execa' ? [redirectImports(DAEMON_REDIRECTS)] : [];
}

/**
 * Makes an entry load the dear packages from their files beside it.
 *
 * @param {string} entry
 * @returns {import('esbuild').Plugin}
 */
function keepApart(entry) {
  return {
    name: 'keep-apart',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path }) => {
        if (!LAZY_PACKAGES.includes(path)) return undefined;
        return { path: posix.relative(posix.dirname(entry), `packages/${path}.js`), external: true };
      });
    },
  };
}

/**
 * Loads Node's own modules when the module that imports them is run, and of each only the names that are used. An
 * `import` in the bundle would load them all at the start and read every export of each: `node:util` alone, read so,
 * makes stderr and loads worker_threads.
 *
 * @returns {import('esbuild').Plugin}
 */
function loadBuiltinsLate() {
  return {
    name: 'load-builtins-late',
    setup(build) {
      build.onResolve({ filter: /^node:/ }, ({ path }) => ({
        path,
        namespace: 'builtin',
        sideEffects: false,
      }));
      build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => {
        const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter((name) =>
          /^[A-Za-z_$][\w$]*$/.test(name),
        );
        const exported = names
          .filter((name) => name !== 'default')
          .map((name) => `export const ${name} = /* @__PURE__ */ take('${name}');`);
        return {
          contents: [
            `const module = /* @__PURE__ */ process.getBuiltinModule('${path}');`,
            'const take = (name) => module[name];',
            'export default module;',
            ...exported,
          ].join('\n'),
          loader: 'js',
        };
      });
    },
  };
}

/**
 * Sets the late functions up when they are called. esbuild runs a module that is required at that moment, and one that is
 * imported at the start of its importer.
 *
 * @returns {import('esbuild').Plugin}
 */
function callLate() {
  return {
    name: 'call-late',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
        LATE_FUNCTIONS.includes(path) && kind === 'import-statement'
          ? { path, namespace: 'late' }
          : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => ({
        contents: [
          'let late;',
          `export default (...words) => (late ??= require('${path}').default)(...words);`,
        ].join('\n'),
        resolveDir: root,
        loader: 'js',
      }));
    },
  };
}
