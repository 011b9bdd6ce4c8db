/** `127.0.0.0/8`, also IPv4-mapped. */
const LOOPBACK_4 = /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i;

/** Returns whether an address, as printed by Node, is a loopback address. */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || LOOPBACK_4.test(address);
}

/**
 * Returns the loopback addresses of a host name, in the order to try them; none for any other host. It uses no resolver,
 * whose answer could change before it is used.
 */
export function loopbackAddresses(host: string): readonly string[] {
  if (host.toLowerCase() === 'localhost') return ['127.0.0.1', '::1'];
  return isLoopbackAddress(host) ? [host] : [];
}
