import { isIPv4, isIPv6 } from 'node:net';
import { RexaError } from '../protocol/errors.ts';

/** A host over TLS. */
export interface TlsAddress {
  readonly kind: 'tls';
  /** A name, or an IP address without brackets. */
  readonly host: string;
  /** 0 asks a listener for a free one; nobody can be reached there. */
  readonly port: number;
  /** `SHA256:` and 43 characters, which the host's key must have; null: known_hosts decides. */
  readonly pin: string | null;
}

/** The port where none is written. */
export const DEFAULT_TLS_PORT = 7522;

const SCHEME = 'tls://';
const PIN = /^SHA256:[A-Za-z0-9+/]{43}$/;
/** Letters of any script, digits, and what else names are made of; auth/host-address.ts validates them completely. */
const NAME = /^[\p{L}\p{M}\p{N}_][\p{L}\p{M}\p{N}._-]*$/u;
/** The same in ASCII, asked first: V8 takes a millisecond to compile a set of Unicode properties. */
const ASCII_NAME = /^\w[\w.-]*$/;
const ZONE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Reads `tls://HOST[:PORT][#PIN]`, or the same without its scheme: a bare host. An IPv6 address stands in brackets.
 * @param defaultPort where none is written
 * @throws RexaError ADDRESS_INVALID
 */
export function parseTlsAddress(text: string, defaultPort = DEFAULT_TLS_PORT): TlsAddress {
  const bare = text.startsWith(SCHEME) ? text.slice(SCHEME.length) : text;
  const [place = '', ...pins] = bare.split('#');
  const { host, port = defaultPort } = splitPlace(place.replace(/^([^/?]+)\/$/, '$1'), text);
  return { kind: 'tls', host, port, pin: pins.length === 0 ? null : readPin(pins.join('#'), text) };
}

/** `tls://host:port` as messages and listeners show it, without a pin. */
export function formatTlsAddress({ host, port }: Pick<TlsAddress, 'host' | 'port'>): string {
  return `${SCHEME}${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function splitPlace(place: string, text: string): { readonly host: string; readonly port?: number } {
  if (place.includes('@')) throw invalid(text, 'the user stands before the whole address: USER@HOST');
  // The second question is dear the first time it is asked
  if (/:.*:/s.test(place) && isIPv6(place.replace(/%.*$/s, '')))
    throw invalid(text, `an IPv6 address stands in brackets: [${place}]`);
  const [, inBrackets, name, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/s.exec(place) ?? [];
  const host = inBrackets ?? name;
  if (host === undefined) throw invalid(text, 'write tls://HOST:PORT, an IPv6 address in brackets');
  if (inBrackets === undefined) checkName(host, text);
  else checkIpv6(inBrackets, text);
  return port === undefined ? { host } : { host, port: readPort(port, text) };
}

function checkName(host: string, text: string): void {
  if (host === '') throw invalid(text, 'a host is missing: tls://HOST:PORT');
  if (host.startsWith('-')) throw invalid(text, "a host's name does not begin with '-'");
  if (!ASCII_NAME.test(host) && !NAME.test(host))
    throw invalid(text, "a host's name has letters, digits, dots and hyphens");
  // The system would take 127.1, 0x7f.1 and 2130706433 for an address: what is compared must be what is reached.
  const last = host.replace(/\.$/, '').split('.').at(-1) ?? '';
  if (/^(?:\d+|0[xX][\da-fA-F]*)$/.test(last) && !isIPv4(host))
    throw invalid(text, 'that is neither a name nor an IP address as it is usually written');
}

function checkIpv6(inBrackets: string, text: string): void {
  const [address = '', ...zone] = inBrackets.split('%');
  const isZoneRight = zone.length === 0 || (zone.length === 1 && ZONE.test(zone[0] ?? ''));
  if (!isIPv6(address) || !isZoneRight)
    throw invalid(text, 'in brackets stands an IPv6 address, and nothing else');
}

function readPort(port: string, text: string): number {
  const number = /^\d{1,5}$/.test(port) ? Number(port) : Number.NaN;
  if (number >= 0 && number <= 65_535) return number;
  throw invalid(text, 'a port is a number up to 65535');
}

function readPin(pin: string, text: string): string {
  if (PIN.test(pin)) return pin;
  throw invalid(
    text,
    'behind # stands the pin of its key: SHA256: and the 43 characters that ssh-keygen -l shows',
  );
}

function invalid(text: string, reason: string): RexaError {
  return new RexaError('ADDRESS_INVALID', [text, reason]);
}
