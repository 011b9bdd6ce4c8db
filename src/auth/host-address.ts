import { domainToASCII } from 'node:url';
import { RexaError } from '../protocol/errors.ts';
import { parseIpAddress } from './ip-address.ts';

/** Maximum length of a host name, including dots (RFC 1035, section 2.3.4). */
const MAX_HOST_CHARACTERS = 253;

/**
 * Returns the canonical form of a host and port in known_hosts: `name:port`, or `[address]:port` for IPv6; names in lower
 * case, without a final dot, in Punycode; addresses in their shortest form.
 * @throws RexaError AUTH_HOST_NAME_INVALID for names that begin with `-` or contain blanks, control characters or `*?,@|#`
 */
export function formatHostAddress(host: string, port: number): string {
  const invalid = (reason: string) => new RexaError('AUTH_HOST_NAME_INVALID', [host, reason]);
  if (host.length > MAX_HOST_CHARACTERS) throw invalid(`it has more than ${MAX_HOST_CHARACTERS} characters`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalid(`${port} is no port`);
  const [address = '', zone, ...more] = host.replace(/^\[(.*)\]$/, '$1').split('%');
  const ip = parseIpAddress(address);
  if (ip !== null) {
    if (more.length > 0 || (zone !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(zone))) {
      throw invalid('its zone is not one');
    }
    if (ip.family === 4) return `${ip.text}:${port}`;
    return `[${ip.text}${zone === undefined ? '' : `%${zone}`}]:${port}`;
  }
  if (host.startsWith('-')) throw invalid("it begins with '-'");
  // Punycode conversion drops characters that are no letters, digits or marks: blanks, invisible characters.
  const ascii = isPrintable(host) || !/^[\p{L}\p{M}\p{N}._-]*$/u.test(host) ? host : domainToASCII(host);
  const name = ascii.toLowerCase().replace(/\.$/, '');
  if (name.length > MAX_HOST_CHARACTERS || !/^[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_][a-z0-9_-]*)*$/.test(name)) {
    throw invalid('a host name has letters, digits, dots and hyphens');
  }
  return `${name}:${port}`;
}

/** Asked first: V8 takes a millisecond to compile a set of Unicode properties. */
function isPrintable(host: string): boolean {
  return /^[\u0021-\u007e]*$/.test(host);
}

/**
 * Returns the canonical form of an address in known_hosts.
 * @throws RexaError AUTH_HOST_NAME_INVALID
 */
export function parseHostAddress(text: string): string {
  const [, host, port] = /^(\[[^\]]*\]|[^:]*):([0-9]{1,5})$/s.exec(text) ?? [];
  if (host === undefined)
    throw new RexaError('AUTH_HOST_NAME_INVALID', [text, 'host:port or [address]:port is expected']);
  return formatHostAddress(host, Number(port));
}
