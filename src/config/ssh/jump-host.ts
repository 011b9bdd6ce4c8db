import { isIPv6 } from 'node:net';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { isRexaAddress } from './address-of.ts';
import { checkHostName } from './check-host-name.ts';
import { readPort, readUser } from './values.ts';

/** A host as HOST, `-J` and `ProxyJump` name it. */
export interface JumpHost {
  readonly user: string | null;
  /** A name, an IP address without brackets, or an address of rexa. */
  readonly host: string;
  readonly port: number | null;
}

/**
 * Reads `[USER@]HOST[:PORT]`, or an address of rexa behind `USER@`.
 * @throws RexaError USAGE
 */
export function readJumpHost(text: string): JumpHost {
  const [, rexaUser = null, address] = /^(?:([^@:/]+)@)?(.*)$/s.exec(text) ?? [];
  if (address !== undefined && isRexaAddress(address)) return { user: rexaUser, host: address, port: null };
  const at = text.lastIndexOf('@');
  const user = at < 0 ? null : text.slice(0, at);
  const place = text.slice(at + 1);
  const [, bracketed, name, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/s.exec(place) ?? [];
  const host = bracketed ?? name ?? (isIPv6(place) ? place : '');
  if (user === '' || host === '' || host.startsWith('-'))
    throw usageError(`invalid jump host ${quoteWord(text)}`);
  return { user, host, port: port === undefined ? null : readPort(port) };
}

/**
 * Refuses names on the command line that a shell could take for more than a name, as ssh does. Files may have them.
 * @throws RexaError USAGE
 */
export function checkJumpHost(text: string): void {
  const { user, host } = readJumpHost(text);
  if (user !== null) readUser(user);
  if (!isRexaAddress(host)) checkHostName(host);
}

/** Writes jump hosts as `ssh -G` does: the last one is put together anew. */
export function printJumpHosts(jumps: readonly string[]): string {
  const { user, host, port } = readJumpHost(withoutScheme(jumps.at(-1) ?? ''));
  const isNumeric = host.includes(':') || /^[\d.]+$/.test(host);
  const name = isNumeric && !isRexaAddress(host) ? `[${host}]` : host;
  const last = `${user === null ? '' : `${user}@`}${name}${port === null ? '' : `:${port}`}`;
  return [...jumps.slice(0, -1), last].join(',');
}

/** Returns the name of the jump host before the host itself, as `%j` gives it; empty: there is none. */
export function nameLastJump(jumps: readonly string[] = []): string {
  const last = jumps.at(-1);
  return last === undefined ? '' : readJumpHost(withoutScheme(last)).host;
}

/** ssh takes a URI for the same as the plain words. */
function withoutScheme(text: string): string {
  return text.replace(/^ssh:\/\/([^/]*)\/?$/i, '$1');
}
