import net from 'node:net';

/** An IP address as a number. An IPv4-mapped IPv6 address (`::ffff:10.0.0.1`) is IPv4. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
  /** In canonical notation. */
  readonly text: string;
}

/** The first 96 bits of IPv4-mapped IPv6 addresses (RFC 4291, section 2.5.5.2). */
const MAPPED_PREFIX = 0xffffn;

export function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

/** Parses an address; returns null for anything else. A zone (`fe80::1%eth0`) is dropped, since it is local to one host. */
export function parseIpAddress(text: string): IpAddress | null {
  const bare = text.split('%', 1)[0] ?? '';
  if (net.isIPv4(bare)) return ipv4(readIpv4(bare));
  if (!net.isIPv6(bare)) return null;
  const value = readIpv6(bare);
  if (value >> 32n === MAPPED_PREFIX) return ipv4(value & 0xffffffffn);
  return { family: 6, value, text: new net.SocketAddress({ address: bare, family: 'ipv6' }).address };
}

function ipv4(value: bigint): IpAddress {
  const bytes = [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn);
  return { family: 4, value, text: bytes.join('.') };
}

function readIpv4(text: string): bigint {
  return text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

/** Returns the 128 bits of a valid IPv6 address. */
export function readIpv6(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const before = readGroups(head);
  const after = tail === undefined ? [] : readGroups(tail);
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => 0n);
  return [...before, ...zeros, ...after].reduce((value, group) => (value << 16n) | group, 0n);
}

function readGroups(text: string): bigint[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)];
    const value = readIpv4(group);
    return [value >> 16n, value & 0xffffn];
  });
}
