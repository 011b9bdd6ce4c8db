/** `127.0.0.0/8`, as it is or mapped into IPv6. */
const LOOPBACK_4 = /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i;

/** Whether an address, as Node shows it, is reachable from this machine alone. */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || LOOPBACK_4.test(address);
}

/**
 * The loopback addresses that a host name stands for, in the order to try them; none for any other host. No resolver
 * is asked: what it answers could be somewhere else by the time it is used.
 */
export function loopbackAddresses(host: string): readonly string[] {
  if (host.toLowerCase() === 'localhost') return ['127.0.0.1', '::1'];
  return isLoopbackAddress(host) ? [host] : [];
}
