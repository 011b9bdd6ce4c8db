import { isIPv6 } from 'node:net';
import { usageError } from '../../command-line/usage-error.ts';
import type { SshSettings } from './settings.ts';

/** Addresses of rexa that are complete: there is no port to them, or they have their own. */
const COMPLETE = /^(?:local$|unix:|pipe:|exec:|[a-z][a-z0-9+.-]*:\/\/)/;

/** Returns whether HOST is an address of rexa, and not the name of a host. */
export function isRexaAddress(host: string): boolean {
  return COMPLETE.test(host);
}

/** Returns the name of a host in small letters, as ssh uses it; an address of rexa stays as it is. */
export function lowerName(name: string): string {
  return isRexaAddress(name) ? name : name.toLowerCase();
}

/**
 * The address of rexa that HOST, `HostName` and `Port` come to.
 * @throws RexaError USAGE for a port of what has none
 */
export function addressOf(host: string, { hostName, port }: Pick<SshSettings, 'hostName' | 'port'>): string {
  const name = hostName ?? host;
  if (isRexaAddress(name)) {
    if (port !== undefined) throw usageError(`the address ${name} takes no port`);
    return name;
  }
  const bracketed = isIPv6(name) ? `[${name}]` : name;
  return port === undefined ? bracketed : `${bracketed}:${port}`;
}
