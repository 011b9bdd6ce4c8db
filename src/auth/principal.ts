import path from 'node:path';
import type { RelayNote } from '../protocol/relay.ts';
import type { SessionMode } from '../protocol/session.ts';
import type { SocketPlace } from '../protocol/socket-place.ts';
import type { Facts } from '../runtime/log.ts';
import type { ForwardTarget } from './forward-target.ts';
import { matchesWildcards } from './wildcards.ts';

/**
 * Who is at the other end of a link, as far as the daemon found out itself. Plain data: it may be written as JSON, and
 * whoever reads it back knows as much.
 */
export interface Principal {
  /** Whom ids, jobs and quotas belong to: a key, wherever it is used from, or a user of this host. */
  readonly name: string;
  /** The user of this host that its commands run as. */
  readonly account: string;
  readonly proof: Proof;
  /** Seconds since 1970: from then on it has to log in again. Null: never. */
  readonly expiresAtSeconds: number | null;
  readonly rights: Rights;
  /** Its connection, over TCP. Null: on this host. */
  readonly connection: TcpConnection | null;
  /** Where another process of this user relays for the client: what it said of that client. */
  readonly relay?: RelayNote;
}

/** A terminal session that a key may look at, or drive too. */
export interface SessionRight {
  readonly mode: SessionMode;
  readonly name: string;
}

/** How the daemon knows who it is. */
export type Proof =
  /** The system itself says whose process the peer is; null where it can't tell. */
  | { readonly kind: 'peer'; readonly uid: number | null; readonly pid: number | null }
  /** It has proven that it holds a key. */
  | {
      readonly kind: 'key';
      readonly fingerprint: string;
      /** Text from elsewhere. */
      readonly comment: string;
      /** The line that lets it in: `FILE:LINE`. */
      readonly where: string;
      readonly certificate: Facts | null;
    };

/** What a principal may do. Services ask this, and not how it was granted. */
export interface Rights {
  /** Which quotas hold. `own-user`: with a part of everything that is kept for nobody else. */
  readonly quota: 'own-user' | 'key' | 'bound';
  /** What a service does not name as open to bound principals is refused. */
  readonly isBound: boolean;
  /** Runs in place of whatever is asked for; an empty one is one too. Null: what is asked for. */
  readonly forcedCommand: string | null;
  /** Variables of its commands; to be filtered like a client's. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly terminal: boolean;
  readonly agentForwarding: boolean;
  readonly portForwarding: boolean;
  /** Null: anywhere, where port forwarding is permitted at all. */
  readonly permitOpen: readonly ForwardTarget[] | null;
  readonly permitListen: readonly ForwardTarget[] | null;
  /** Files that may be copied; null: all that its account may read or write. */
  readonly files: readonly FileRight[] | null;
  /** Not null: terminal sessions are all that it may use, and these alone. */
  readonly sessions: readonly SessionRight[] | null;
}

/** A folder whose files may be read, or written. */
export interface FileRight {
  readonly access: 'read' | 'write';
  /** Absolute. */
  readonly folder: string;
}

/** Returns the folder of a list that a path is in; null: there is none. The path is compared as it is written. */
export function permittedFolder(
  list: readonly FileRight[],
  access: FileRight['access'],
  wanted: string,
): string | null {
  const resolved = path.resolve(wanted);
  const isIn = (folder: string): boolean =>
    resolved === folder || resolved.startsWith(path.join(folder, '/'));
  return list.find((right) => right.access === access && isIn(right.folder))?.folder ?? null;
}

/**
 * Returns whether a list of `permitopen` has a place. As with sshd, hosts are compared as they are written. A list names TCP
 * ports only, so it permits no Unix socket.
 */
export function permitsConnection(list: Rights['permitOpen'], place: SocketPlace): boolean {
  if (list === null) return true;
  if ('path' in place) return false;
  return list.some(({ host, port }) => (host === '*' || host === place.host) && isPort(port, place.port));
}

/** Returns whether a list of `permitlisten` has a place. As with sshd, its hosts are patterns. */
export function permitsListener(list: Rights['permitListen'], place: SocketPlace): boolean {
  if (list === null) return true;
  if ('path' in place) return false;
  const asked = place.host.toLowerCase();
  return list.some(({ host, port }) => matchesWildcards(host, asked) && isPort(port, place.port));
}

function isPort(permitted: number | '*', port: number): boolean {
  return permitted === '*' || permitted === port;
}

/** Both ends of a TCP connection. */
export interface TcpConnection {
  /** The client's. */
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

/**
 * Returns the principal of a process of this host, as the system tells it. Behind a relay with `restrict` it is one of its
 * own, with fewer rights.
 */
export function peerPrincipal(
  { uid, pid }: { readonly uid: number | null; readonly pid: number | null },
  account: string,
  relay?: RelayNote,
): Principal {
  const isBound = relay?.rights === 'restrict';
  // Where the system can't tell it is our own user: the socket is nobody else's
  const user = `uid:${uid ?? process.getuid?.() ?? ''}`;
  return {
    name: isBound ? `${user}:restrict` : user,
    account,
    proof: { kind: 'peer', uid, pid },
    expiresAtSeconds: null,
    rights: {
      quota: isBound ? 'bound' : 'own-user',
      isBound,
      forcedCommand: null,
      environment: [],
      terminal: !isBound,
      agentForwarding: !isBound,
      portForwarding: !isBound,
      permitOpen: null,
      permitListen: null,
      files: isBound ? [] : null,
      sessions: null,
    },
    connection: null,
    ...(relay === undefined ? {} : { relay }),
  };
}

/** Returns who it is once its connection has turned out to be a relay. Whoever has proven a key is nobody else by that. */
export function relayedPrincipal(principal: Principal, relay: RelayNote): Principal {
  const { proof, account } = principal;
  return proof.kind === 'peer' ? peerPrincipal(proof, account, relay) : principal;
}

/** Describes who it is, for a line of the log or the audit. */
export function describePrincipal({ proof, connection, relay }: Principal): Facts {
  // None of what a relay says is proven, and the facts say so
  const relayed =
    relay === undefined ? {} : { relayed: { rights: relay.rights, unproven: relay.provenance } };
  if (proof.kind === 'peer') return { uid: proof.uid, pid: proof.pid, ...relayed };
  const { fingerprint, comment } = proof;
  return { fingerprint, comment, ...(connection && { source: showEndpoint(connection.source) }) };
}

/** Describes what let it in, for the audit. */
export function describeGrant({ proof }: Principal): Facts {
  if (proof.kind === 'peer') return {};
  const { where, certificate } = proof;
  return certificate === null ? { where } : { where, certificate };
}

/** Names it in a message to its client. */
export function namePrincipal({ proof }: Principal): string {
  return proof.kind === 'key'
    ? `the key ${proof.fingerprint}`
    : 'a client of rexad --stdio --rights restrict';
}

/** Names it to others who use the same session: by the comment of its key, or as a user of this host. Text from elsewhere. */
export function showName({ proof, account }: Principal): string {
  if (proof.kind === 'peer') return account;
  return proof.comment === '' ? proof.fingerprint : proof.comment;
}

/** `192.0.2.7:7522`, `[2001:db8::7]:7522`. */
export function showEndpoint({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * Returns what two connections must have in common for one to carry on the link of the other: the same principal, which may
 * still do the same. Where its rights have changed meanwhile, nothing of what was under way goes on under the new ones.
 */
export function identify({ name, rights }: Principal): string {
  return JSON.stringify([name, rights]);
}
