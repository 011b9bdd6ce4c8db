import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The `cwd` option, as far as it is known without the host: relative to the host's own.
 * @throws TypeError
 */
export function normalizeCwd(cwd: unknown = '.'): string {
  const folder = cwd instanceof URL ? fileURLToPath(cwd) : cwd;
  if (typeof folder !== 'string')
    throw new TypeError(`The "cwd" option must be a string or a file URL: ${String(cwd)}.`);
  return posix.normalize(folder);
}

/** The host has said what is wrong with its folder; it is not looked for here. */
export function fixCwdError(message: string): string {
  return message;
}
