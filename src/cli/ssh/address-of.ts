import { isIPv6 } from 'node:net';
import { usageError } from '../../command-line/usage-error.ts';
import type { SshSettings } from './settings.ts';

/** Addresses of rexa that are complete: there is no port to them, or they have their own. */
const COMPLETE = /^(?:local$|unix:|pipe:|exec:|[a-z][a-z0-9+.-]*:\/\/)/;

/**
 * The address of rexa that HOST, `HostName` and `Port` come to.
 * @throws RexaError USAGE for a port of what has none
 */
export function addressOf(host: string, { hostName, port }: Pick<SshSettings, 'hostName' | 'port'>): string {
  const name = hostName ?? host;
  if (COMPLETE.test(name)) {
    if (port !== undefined) throw usageError(`the address ${name} takes no port`);
    return name;
  }
  const bracketed = isIPv6(name) ? `[${name}]` : name;
  return port === undefined ? bracketed : `${bracketed}:${port}`;
}
