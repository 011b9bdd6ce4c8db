import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { matchesWildcards } from './wildcards.ts';

/** `|1|SALT|HASH` of HashKnownHosts: the HMAC-SHA1 of the name with the salt as key. */
const HASHED = /^\|1\|([A-Za-z0-9+/]{27}=)\|([A-Za-z0-9+/]{27}=)$/;
const SSH_PORT = '22';
/** As in OpenSSH: the size of a SHA-1 hash. */
const SALT_BYTES = 20;

/**
 * Returns whether the host field of a line matches a host, as in sshd(8) ("SSH_KNOWN_HOSTS FILE FORMAT"): comma-separated
 * names and patterns, negated with `!`, `[host]:port` for ports other than 22, or one hashed name. rexa's own lines have
 * `host:port`.
 * @param address as returned by `formatHostAddress`
 */
export function isFieldAbout(field: string, address: string): boolean {
  if (field === address || isForeignHash(field)) return true;
  const names = namesOf(address);
  const hashed = HASHED.exec(field);
  if (hashed !== null)
    return [address, ...names].some((name) => isHashOf(name, hashed[1] ?? '', hashed[2] ?? ''));
  const patterns = field.toLowerCase().split(',');
  const fits = (pattern: string): boolean =>
    [address, ...names].some((name) => matchesWildcards(pattern, name));
  if (patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern));
}

/**
 * Returns a host field that does not show the name (HashKnownHosts of ssh_config(5)): the hash of OpenSSH's notation, so
 * that `ssh-keygen -F` finds it.
 * @param address as returned by `formatHostAddress`
 */
export function hashField(address: string): string {
  const [name = address] = namesOf(address);
  const salt = randomBytes(SALT_BYTES);
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

/** Returns whether a field does not show the name of its host. */
export function isHashedField(field: string): boolean {
  return HASHED.test(field);
}

/** Returns whether a host field can be parsed. */
export function isReadableField(field: string): boolean {
  return HASHED.test(field) || /^[^\s|@#]+$/.test(field);
}

/** Returns whether a field is a damaged hash, or one of an unknown kind. It may refer to any host. */
export function isForeignHash(field: string): boolean {
  return field.startsWith('|') && !HASHED.test(field);
}

/** Returns OpenSSH's notation for a host. */
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
