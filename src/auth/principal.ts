import type { RelayNote } from '../protocol/relay.ts';
import type { Facts } from '../runtime/log.ts';
import type { Grant } from './grant.ts';

/** Who is at the other end of a link, as far as the daemon found out itself. */
export interface Principal {
  /** Null where the system can't tell. */
  readonly uid: number | null;
  readonly pid: number | null;
  /** Of a client that proved a key; null where the system itself says whose process the peer is. */
  readonly login: GrantedLogin | null;
  /** Where another process of this user relays for the client: what it said of that client. */
  readonly relay?: RelayNote;
}

/** A key that was proven over a connection, and what it may do there. */
export interface GrantedLogin {
  readonly grant: Grant;
  /** The client's end of the connection. */
  readonly source: Endpoint;
  /** Ours. */
  readonly host: Endpoint;
}

/** One end of a TCP connection. */
export interface Endpoint {
  /** IPv4 inside IPv6 is written as IPv4. */
  readonly address: string;
  readonly port: number;
}

/** Who it is, for a line of the log or the audit. */
export function describePrincipal({ uid, pid, login, relay }: Principal): Facts {
  if (login === null) return { uid, pid, ...describeRelay(relay) };
  const { fingerprint, comment } = login.grant;
  return { fingerprint, comment, source: showEndpoint(login.source) };
}

/** What is said of a client behind a relay. None of it is proven, and the facts say so. */
export function describeRelay(relay: RelayNote | undefined): Facts {
  return relay === undefined ? {} : { relayed: { rights: relay.rights, unproven: relay.provenance } };
}

/** What let it in, for the audit. */
export function describeGrant({ login }: Principal): Facts {
  if (login === null) return {};
  const { where, certificate } = login.grant;
  if (certificate === null) return { where };
  const { keyId, serial, authorityFingerprint } = certificate;
  return { where, certificate: { keyId, serial: String(serial), authority: authorityFingerprint } };
}

/** A forced command says all that the key is for; `restrict` takes all that is not granted by name. */
export function isBound({ login, relay }: Principal): boolean {
  if (login === null) return relay?.rights === 'restrict';
  return login.grant.command !== null || login.grant.restricted;
}

/** `192.0.2.7:7522`, `[2001:db8::7]:7522`. */
export function showEndpoint({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * Whose links are whose: the same user by the same key, which may still do the same. Where its line has changed meanwhile,
 * nothing of what was under way is carried on under what it says now.
 */
export function identify({ uid, login, relay }: Principal): string {
  if (login === null) return relay?.rights === 'restrict' ? `uid ${uid} restrict` : `uid ${uid}`;
  const { command, restricted, permitPty, permitPortForwarding, permitOpen, permitListen } = login.grant;
  const rights = [command, restricted, permitPty, permitPortForwarding, permitOpen, permitListen];
  const environment = [...login.grant.environment];
  return `key ${login.grant.fingerprint} ${JSON.stringify([...rights, environment])}`;
}
