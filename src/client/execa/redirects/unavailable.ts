import { type ExecaOptions, hostOf } from '../execa-options.ts';
import { joinPaths } from './path.ts';

/** What has no meaning on another host, and why. */
const UNAVAILABLE: Readonly<Record<string, string>> = {
  ipc: 'messages between Node.js processes need a channel of the same machine',
  gracefulCancel: 'it needs the `ipc` option',
  detached: 'a command ends with its client; use host.run with `lifetime: "detached"`',
  uid: 'the daemon runs commands as its own user',
  gid: 'the daemon runs commands as its own user',
};

const KINDS: Readonly<Record<string, string>> = {
  ipc: 'boolean',
  gracefulCancel: 'boolean',
  detached: 'boolean',
  uid: 'number',
  gid: 'number',
};

/**
 * Stands in the place of the check of `gracefulCancel`, which is given all options: those that are not available are refused,
 * and the folder gets the place from which it is meant.
 * @throws TypeError
 */
export function validateGracefulCancel(options: ExecaOptions): void {
  for (const [name, why] of Object.entries(UNAVAILABLE)) {
    const value = options[name];
    // What is of no right kind is refused as such, as by Node
    if (value === undefined || value === false || typeof value !== KINDS[name]) continue;
    throw new TypeError(`The \`${name}\` option is not available on a remote host: ${why}.`);
  }
  const folder = hostOf(options).folder();
  if (folder === undefined) return;
  const isLocalDirDefault = options.localDirectory === options.cwd;
  options.cwd = joinPaths(folder, options.cwd);
  if (isLocalDirDefault) options.localDirectory = options.cwd;
}
