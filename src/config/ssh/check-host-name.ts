import { usageError } from '../../command-line/usage-error.ts';

/** What no name of a host has and a shell could take for syntax, as OpenSSH refuses it (CVE-2023-51385). */
const NO_HOST = /^-|[\s\p{Cc}'`"$\\;&<>|(){}]/u;

/**
 * Refuses a name of a host that a shell could take for more than a name, where a command has `%h` or `%n`.
 * @throws RexaError USAGE
 */
export function checkHostName(name: string): void {
  if (NO_HOST.test(name)) throw usageError('hostname contains invalid characters');
}
