import { bitsOf, parseIpAddress } from '../../auth/ip-address.ts';
import { isLoopbackAddress } from '../../protocol/loopback.ts';

/** Where connections come from, as far as one is held against another. */
export interface Source {
  /** An IPv4 address, or the network that one customer of IPv6 has: `2001:db8:1:2::/64`. */
  readonly name: string;
  /** This machine itself: never punished, or its own users would be by each other. */
  readonly isLoopback: boolean;
}

/** A customer of IPv6 has at least so many first bits alone, and chooses the others at will. */
const IPV6_PREFIX_BITS = 64;

/** @param address as the socket has it; IPv4 inside IPv6 is IPv4 */
export function sourceOf(address: string): Source {
  const ip = parseIpAddress(address);
  if (ip === null) return { name: address, isLoopback: false };
  const isLoopback = isLoopbackAddress(ip.text);
  if (ip.family === 4 || isLoopback) return { name: ip.text, isLoopback };
  const spare = BigInt(bitsOf(ip.family) - IPV6_PREFIX_BITS);
  const prefix = ip.value >> spare;
  const groups = [48n, 32n, 16n, 0n].map((shift) => ((prefix >> shift) & 0xffffn).toString(16));
  return { name: `${groups.join(':')}::/${IPV6_PREFIX_BITS}`, isLoopback };
}
