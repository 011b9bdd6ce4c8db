import net from 'node:net';
import { RexaError } from '../protocol/errors.ts';
import { bitsOf, type IpAddress, parseIpAddress, readIpv6 } from './ip-address.ts';
import { matchesWildcards } from './wildcards.ts';

/** A network: all addresses with the same prefix. */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly value: bigint;
  readonly prefixBits: number;
}

/** One entry of a `from=` list. */
export interface AddressPattern {
  readonly negated: boolean;
  readonly is: AddressRange | { readonly wildcards: string };
}

/**
 * Parses the `source-address` of a certificate: addresses and CIDR networks, comma-separated.
 * @throws RexaError KEY_OPTION_INVALID
 */
export function parseAddressRanges(text: string): readonly AddressRange[] {
  return text.split(',').map((entry) => {
    const range = parseRange(entry, 'source-address');
    if (range === null)
      throw new RexaError('KEY_OPTION_INVALID', ['source-address', `${entry} is no network`]);
    return range;
  });
}

/**
 * Parses the list of a `from=` option (sshd(8), PATTERNS in ssh_config(5)): networks, and patterns with `*` and `?` that are
 * matched against the address as text. Host names are never resolved, so a host name matches nothing, and an entry that
 * excludes a host by name is refused.
 * @throws RexaError KEY_OPTION_INVALID
 */
export function parseAddressPatterns(text: string): readonly AddressPattern[] {
  return text.split(',').map((entry) => {
    const negated = entry.startsWith('!');
    const pattern = negated ? entry.slice(1) : entry;
    const invalid = (reason: string) => new RexaError('KEY_OPTION_INVALID', ['from', reason]);
    if (pattern === '') throw invalid('an entry is empty');
    if (/\s/.test(pattern)) throw invalid(`there is a blank in '${pattern}'`);
    const range = parseRange(pattern, 'from');
    if (range !== null) return { negated, is: range };
    if (negated && !/^[0-9.*?]+$|^[0-9a-f.:*?]*:[0-9a-f.:*?]*$/i.test(pattern)) {
      throw invalid(`${pattern} cannot be excluded by its name, since names are not looked up`);
    }
    return { negated, is: { wildcards: pattern.toLowerCase() } };
  });
}

/**
 * Whether no address can match the pattern: a host name, or an address that is none (`10.0.0`).
 */
export function isNeverMatched({ is }: AddressPattern): boolean {
  if (!('wildcards' in is)) return false;
  const isAddressText = /^[0-9.*?]+$|^[0-9a-f*?]+$|^[0-9a-f.:*?]*:[0-9a-f.:*?]*$/.test(is.wildcards);
  return !isAddressText || !/[*?]/.test(is.wildcards);
}

export function isInRanges(ranges: readonly AddressRange[], address: IpAddress): boolean {
  return ranges.some((range) => isInRange(range, address));
}

/** Returns whether an entry matches the address and none excludes it. */
export function matchesPatterns(patterns: readonly AddressPattern[], address: IpAddress): boolean {
  const matching = patterns.filter(({ is }) =>
    'wildcards' in is ? matchesWildcards(is.wildcards, address.text) : isInRange(is, address),
  );
  return matching.length > 0 && matching.every(({ negated }) => !negated);
}

function isInRange({ family, value, prefixBits }: AddressRange, address: IpAddress): boolean {
  const shift = BigInt(bitsOf(family) - prefixBits);
  return address.family === family && address.value >> shift === value >> shift;
}

/**
 * Parses an address, or a network in CIDR notation; returns null for anything else.
 * @throws RexaError KEY_OPTION_INVALID for a network with host bits set, as sshd does
 */
function parseRange(text: string, option: string): AddressRange | null {
  const [address = '', bits, ...more] = text.split('/');
  const ip = address.includes('%') ? null : parseIpAddress(address);
  if (ip === null || more.length > 0 || (bits !== undefined && !/^[0-9]{1,4}$/.test(bits))) return null;
  const given = bits === undefined ? null : Number(bits);
  // The prefix length of an IPv4-mapped network counts from the start of the IPv6 form.
  const mapped = ip.family === 4 && net.isIPv6(address);
  const range: AddressRange =
    mapped && given !== null && given < 96
      ? { family: 6, value: readIpv6(address), prefixBits: given }
      : {
          family: ip.family,
          value: ip.value,
          prefixBits: given === null ? bitsOf(ip.family) : given - (mapped ? 96 : 0),
        };
  const spare = bitsOf(range.family) - range.prefixBits;
  if (spare < 0 || BigInt.asUintN(spare, range.value) !== 0n) {
    throw new RexaError('KEY_OPTION_INVALID', [option, `the prefix of ${text} does not fit its address`]);
  }
  return range;
}
