import { createHmac, timingSafeEqual } from 'node:crypto';
import { matchesWildcards } from './wildcards.ts';

/** `|1|SALT|HASH` of HashKnownHosts: HMAC-SHA1 of the name, under the salt. */
const HASHED = /^\|1\|([A-Za-z0-9+/]{27}=)\|([A-Za-z0-9+/]{27}=)$/;
const SSH_PORT = '22';

/**
 * Whether the host field of a line is about a host, as sshd(8) has it ("SSH_KNOWN_HOSTS FILE FORMAT"): names and patterns
 * with commas between, `!` before those that are meant not, `[host]:port` for ports other than 22, or one hashed name. In
 * rexa's own lines `host:port` stands as it is.
 * @param address as `formatHostAddress` gives it
 */
export function isFieldAbout(field: string, address: string): boolean {
  if (field === address || isForeignHash(field)) return true;
  const names = namesOf(address);
  const hashed = HASHED.exec(field);
  if (hashed !== null)
    return [address, ...names].some((name) => isHashOf(name, hashed[1] ?? '', hashed[2] ?? ''));
  const patterns = field.toLowerCase().split(',');
  const fits = (pattern: string): boolean =>
    pattern === address || names.some((name) => matchesWildcards(pattern, name));
  if (patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern));
}

/** Whether a host field can be read at all. */
export function isReadableField(field: string): boolean {
  return HASHED.test(field) || /^[^\s|@#]+$/.test(field);
}

/** Whether a field is a hash that is damaged or of an unknown kind. It may name any host. */
export function isForeignHash(field: string): boolean {
  return field.startsWith('|') && !HASHED.test(field);
}

/** What OpenSSH calls a host. */
function namesOf(address: string): readonly string[] {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  const port = address.slice(at + 1);
  return port === SSH_PORT ? [host] : [`[${host}]:${port}`];
}

function isHashOf(name: string, salt: string, hash: string): boolean {
  const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return timingSafeEqual(found, Buffer.from(hash, 'base64'));
}
