import { domainToASCII } from 'node:url';
import { RexaError } from '../protocol/errors.ts';
import { parseIpAddress } from './ip-address.ts';

/** What a host's name may have, with its dots (RFC 1035, section 2.3.4). */
const MAX_HOST_CHARACTERS = 253;

/**
 * How a host and port stand in known_hosts: `name:port`, or `[address]:port` for IPv6; names in small letters and
 * without a final dot, other scripts as Punycode, addresses in their one form. Two spellings of a host are thus one.
 * @throws RexaError AUTH_HOST_NAME_INVALID; no name begins with `-` or holds blanks, control characters or `*?,@|#`
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
  // What is no letter, digit or mark would be dropped on the way to Punycode: blanks, invisible characters.
  const ascii = /^[\p{L}\p{M}\p{N}._-]*$/u.test(host) ? toAscii(host) : host;
  const name = ascii.toLowerCase().replace(/\.$/, '');
  if (name.length > MAX_HOST_CHARACTERS || !/^[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_][a-z0-9_-]*)*$/.test(name)) {
    throw invalid('a host name has letters, digits, dots and hyphens');
  }
  return `${name}:${port}`;
}

function toAscii(host: string): string {
  return /^[\u0021-\u007e]*$/.test(host) ? host : domainToASCII(host);
}

/**
 * The opposite: the parts of an address as it stands in known_hosts, brought into their one form.
 * @throws RexaError AUTH_HOST_NAME_INVALID
 */
export function parseHostAddress(text: string): string {
  const [, host, port] = /^(\[[^\]]*\]|[^:]*):([0-9]{1,5})$/s.exec(text) ?? [];
  if (host === undefined)
    throw new RexaError('AUTH_HOST_NAME_INVALID', [text, 'host:port or [address]:port is expected']);
  return formatHostAddress(host, Number(port));
}
