import { isFieldAbout, isForeignHash, isHashedField } from './known-host-field.ts';
import type { KnownHost } from './known-hosts.ts';
import { isSameKey, type PublicKey } from './public-key.ts';

/** What the keys that a host has change in known_hosts. */
export interface HostKeyUpdate {
  readonly added: readonly PublicKey[];
  /** Lines with keys that the host does not have any more. */
  readonly removed: readonly (KnownHost & { readonly key: PublicKey })[];
  /** Whether lines about the host do not show its name. */
  readonly isHashed: boolean;
}

/**
 * Decides what changes in a file of known hosts, as ssh does: nothing where a marker, a pattern or a list of names is about the host,
 * where one of its keys is known for another name, and where the key that it has proven by TLS is not in the file.
 * @param served the key that the host has proven by TLS
 * @param keys the keys of the host that are accepted, with that one; others are proven
 * @returns null: nothing
 */
export function planHostKeyUpdate(
  hosts: readonly KnownHost[],
  address: string,
  served: PublicKey,
  keys: readonly PublicKey[],
): HostKeyUpdate | null {
  const isOffered = ({ key }: KnownHost): boolean =>
    key !== null && keys.some((each) => isSameKey(each, key));
  const about = hosts.filter((host) => isFieldAbout(host.address, address));
  if (
    about.some(
      ({ marker, address: field }) => marker !== undefined || isForeignHash(field) || /[*?!,]/.test(field),
    )
  )
    return null;
  if (!about.some(({ key }) => key !== null && isSameKey(key, served))) return null;
  if (hosts.some((host) => !about.includes(host) && isOffered(host))) return null;
  const added = keys.filter((key) => !about.some((host) => host.key !== null && isSameKey(host.key, key)));
  const removed = about.flatMap((host) =>
    host.key === null || isOffered(host) ? [] : [{ ...host, key: host.key }],
  );
  if (added.length === 0 && removed.length === 0) return null;
  return { added, removed, isHashed: about.some((host) => isHashedField(host.address)) };
}
