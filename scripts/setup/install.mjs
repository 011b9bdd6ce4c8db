import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outerPath, root, tell } from './paths.mjs';
import { runQuietly } from './run-quietly.mjs';

/**
 * The project's own Node 24: the package for this platform holds the program, so npm checks it against the hash in
 * package-lock.json. npm links it into node_modules/.bin by itself.
 */
const ownNode = join(
  root,
  'node_modules',
  `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`,
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/** The oldest Node that can do the project's work, as `engines` in package.json says. */
const OLDEST_NODE = [22, 18];

/**
 * Whether node_modules holds exactly what package-lock.json asks for. npm writes its own list there when it is
 * done, so that one that was interrupted, or stems from an older lock file, is seen without trusting any clock.
 */
export function isInstalled() {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (installed === null) return false;
  const wanted = readPackages(join(root, 'package-lock.json')) ?? {};
  for (const [path, { version, integrity, optional }] of Object.entries(wanted)) {
    const found = installed[path];
    if (path === '' || (found === undefined && optional === true)) continue;
    if (found === undefined) return false;
    if (found.version !== version || found.integrity !== integrity) return false;
  }
  return Object.keys(installed).every((path) => path in wanted);
}

/**
 * @typedef {Record<string, { version: string, integrity?: string, optional?: boolean }>} Packages
 * @param {string} file
 * @returns {Packages | null} null when there is no such file
 */
function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : null;
}

/** Installs what package-lock.json says, with the npm that runs us or the one on the PATH. */
export async function install() {
  tell('installing the development dependencies (about 15 s, once)');
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const [npm, before] = findNpm();
  if (!(await runQuietly(npm, [...before, ...args], { path: outerPath() }))) {
    throw new Error('the dependencies could not be installed; is the npm registry within reach?');
  }
}

/** @returns {[file: string, args: string[]]} */
function findNpm() {
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  if (!script?.endsWith('.js') || !node || node.startsWith(root) || !existsSync(node)) return ['npm', []];
  return [node, [script]];
}

/**
 * @returns {string} the path of a Node that can run the project: its own, or else the one that runs this
 */
export function chooseNode() {
  if (existsSync(ownNode)) return ownNode;
  if (isRecent(process.versions.node)) return process.execPath;
  throw new Error(
    `scripts/toolchain/package.json has no Node for ${process.platform} ${process.arch}; ` +
      `put Node ${OLDEST_NODE.join('.')} or newer on the PATH (this is ${process.version}) and try again`,
  );
}

/** @param {string} version */
function isRecent(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
