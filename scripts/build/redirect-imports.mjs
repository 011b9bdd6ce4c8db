import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../setup/paths.mjs';

/**
 * One import of execa's own modules that gets another module: `from` is the importing file in the package, `imports` the
 * specifier, `to` ours.
 *
 * @typedef {{ from: string, imports: string, to: string }} Redirect
 */

/** The daemon's execa: its runner brings the child process along, and follows it. @type {readonly Redirect[]} */
export const DAEMON_REDIRECTS = [
  ['node:child_process', 'injected-spawn'],
  ['../arguments/options.js', 'prepared-execa'],
  ['../stdio/handle-async.js', 'prepared-execa'],
  ['../resolve/wait-subprocess.js', 'prepared-execa'],
].map(([imports = '', name]) => ({
  from: 'lib/methods/main-async.js',
  imports,
  to: `src/process/runner/${name}.ts`,
}));

/** The client's execa, whose commands run on another host: nothing in it looks at this process or its machine. */
export const HOST_REDIRECTS = [
  ['lib/methods/main-async.js', 'node:child_process', 'spawn'],
  ['lib/methods/main-async.js', '../terminate/kill-descendants.js', 'kill'],
  ['lib/methods/main-async.js', '../terminate/cleanup.js', 'kill'],
  ['lib/methods/main-async.js', './promise.js', 'promise'],
  ['lib/resolve/wait-subprocess.js', 'node:events', 'events'],
  ['lib/io/iterate.js', 'node:events', 'events'],
  ['lib/methods/create.js', './main-sync.js', 'sync'],
  ['lib/methods/node.js', 'node:process', 'process'],
  ['lib/methods/node.js', 'node:path', 'path'],
  ['lib/arguments/options.js', 'node:process', 'process'],
  ['lib/arguments/options.js', 'npm-run-path', 'path'],
  ['lib/arguments/options.js', './cwd.js', 'cwd'],
  ['lib/arguments/options.js', '../terminate/graceful.js', 'unavailable'],
  ['lib/return/message.js', '../arguments/cwd.js', 'cwd'],
  ['lib/arguments/command-file.js', 'node:process', 'process'],
].map(([from = '', imports = '', name]) => ({ from, imports, to: `src/client/execa/redirects/${name}.ts` }));

/** What stands in the place of globals there. */
export const HOST_GLOBALS = ['src/client/execa/redirects/abort.ts'];

/**
 * Returns the file that an import gets instead; undefined: it is no redirect's.
 *
 * @param {readonly Redirect[]} redirects
 * @param {string} imported
 * @param {string | undefined} importer a path or a URL
 */
export function findRedirect(redirects, imported, importer) {
  const file = importer?.startsWith('file:') ? fileURLToPath(importer) : importer;
  return redirects.find(
    ({ from, imports }) =>
      imports === imported && file?.replaceAll('\\', '/').endsWith(`/node_modules/execa/${from}`),
  );
}

/**
 * Returns the file of a module of execa that its package does not export; undefined: it is none.
 *
 * @param {string} imported
 */
export function findUnexported(imported) {
  return imported.startsWith('execa/lib/') ? join(root, 'node_modules', imported) : undefined;
}

/** @param {Redirect} redirect */
export function targetOf({ to }) {
  return join(root, to);
}

/**
 * Gives modules of execa ours in the place of what they import. An execa in which one of these imports is not there exactly
 * once fails the build.
 *
 * @param {readonly Redirect[]} redirects
 * @returns {import('esbuild').Plugin}
 */
export function redirectImports(redirects) {
  return {
    name: 'redirect-imports',
    setup(build) {
      const hits = new Map(redirects.map((redirect) => [redirect, 0]));
      build.onResolve({ filter: /.*/ }, ({ path, importer }) => {
        const file = findUnexported(path);
        if (file !== undefined) return { path: file };
        const redirect = findRedirect(redirects, path, importer);
        if (redirect === undefined) return undefined;
        hits.set(redirect, (hits.get(redirect) ?? 0) + 1);
        return { path: targetOf(redirect) };
      });
      build.onEnd(() => ({
        errors: [...hits]
          .filter(([, count]) => count !== 1)
          .map(([{ from, imports }, count]) => ({
            text: `execa's ${from} imports ${imports} ${count} times where once is expected`,
          })),
      }));
    },
  };
}
