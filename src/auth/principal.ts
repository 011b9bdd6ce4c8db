import type { RelayNote } from '../protocol/relay.ts';
import type { Facts } from '../runtime/log.ts';
import type { Grant } from './grant.ts';

/** The authenticated peer of a link, as determined by the daemon. */
export interface Principal {
  /** Null if the system cannot report it. */
  readonly uid: number | null;
  readonly pid: number | null;
  /** The login of a client that proved a key; null if the operating system identifies the peer process. */
  readonly login: GrantedLogin | null;
  /** The report of a relay, if the client is connected through one. */
  readonly relay?: RelayNote;
}

/** A key proven on a connection, with its rights. */
export interface GrantedLogin {
  readonly grant: Grant;
  /** The client's address. */
  readonly source: Endpoint;
  /** The daemon's address. */
  readonly host: Endpoint;
}

/** The address of one side of a TCP connection. */
export interface Endpoint {
  /** IPv4-mapped IPv6 addresses are written as IPv4. */
  readonly address: string;
  readonly port: number;
}

/** Returns the principal's fields for the log and the audit log. */
export function describePrincipal({ uid, pid, login, relay }: Principal): Facts {
  if (login === null) return { uid, pid, ...describeRelay(relay) };
  const { fingerprint, comment } = login.grant;
  return { fingerprint, comment, source: showEndpoint(login.source) };
}

/** Returns the report of a relay, with names that mark it as unproven. */
export function describeRelay(relay: RelayNote | undefined): Facts {
  return relay === undefined ? {} : { relayed: { rights: relay.rights, unproven: relay.provenance } };
}

/** Returns the grant of a login, for the audit log. */
export function describeGrant({ login }: Principal): Facts {
  if (login === null) return {};
  const { where, certificate } = login.grant;
  if (certificate === null) return { where };
  const { keyId, serial, authorityFingerprint } = certificate;
  return { where, certificate: { keyId, serial: String(serial), authority: authorityFingerprint } };
}

/** Returns whether a principal is restricted: by a forced command, or by `restrict`. */
export function isBound({ login, relay }: Principal): boolean {
  if (login === null) return relay?.rights === 'restrict';
  return login.grant.command !== null || login.grant.restricted;
}

/** `192.0.2.7:7522`, `[2001:db8::7]:7522`. */
export function showEndpoint({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * Returns the identity that owns a link: the same user with the same key and the same rights. If the key's line has changed
 * since, the link cannot be resumed under the new rights.
 */
export function identify({ uid, login, relay }: Principal): string {
  if (login === null) return relay?.rights === 'restrict' ? `uid ${uid} restrict` : `uid ${uid}`;
  const { command, restricted, permitPty, permitPortForwarding, permitOpen, permitListen } = login.grant;
  const rights = [command, restricted, permitPty, permitPortForwarding, permitOpen, permitListen];
  const environment = [...login.grant.environment];
  return `key ${login.grant.fingerprint} ${JSON.stringify([...rights, environment])}`;
}
