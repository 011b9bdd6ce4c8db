import { spawn } from 'node:child_process';
import { root, tell } from './paths.mjs';

/**
 * Runs a program to its end without showing anything, unless it fails: then all that it said goes to stderr.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {{ cwd?: string, path: string }} options `path`: the PATH that it gets
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function runQuietly(file, args, { cwd = root, path }) {
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  /** @type {Buffer[]} */
  const said = [];
  child.stdout.on('data', (chunk) => said.push(chunk));
  child.stderr.on('data', (chunk) => said.push(chunk));
  const ending = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? null : (signal ?? `exit status ${code}`)));
  });
  if (ending === null) return true;
  process.stderr.write(Buffer.concat(said));
  tell(`${[file, ...args].join(' ')} failed: ${ending}`);
  return false;
}
