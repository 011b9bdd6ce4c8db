import path from 'node:path';
import { type Principal, permitsConnection, permitsListener, type Rights } from '../../auth/principal.ts';
import { homeFolder } from '../../places/home-folder.ts';
import { RexaError } from '../../protocol/errors.ts';
import { type SocketPlace, showPlace } from '../../protocol/socket-place.ts';
import { notPermitted } from '../rights.ts';

/** What a daemon permits of forwarding, whoever asks. */
export interface ForwardPolicy {
  /** Connections from the host: `direct`. */
  readonly local: boolean;
  /** Listeners on the host. */
  readonly remote: boolean;
  /** Where `direct` may connect to; null: anywhere. */
  readonly permitOpen: Rights['permitOpen'];
  /** Where listeners may be, as clients ask for it; null: anywhere. */
  readonly permitListen: Rights['permitListen'];
  /** Addresses of listeners: loopback only, all, or what the client asks for. */
  readonly gatewayPorts: 'no' | 'yes' | 'clientspecified';
}

/** What a daemon permits by default. */
export const DEFAULT_FORWARD_POLICY: ForwardPolicy = {
  local: true,
  remote: true,
  permitOpen: null,
  permitListen: null,
  gatewayPorts: 'no',
};

/** Without gateway ports: both families of loopback, or the one that the client chooses. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** Nothing. */
export const NO_FORWARDING: ForwardPolicy = { ...DEFAULT_FORWARD_POLICY, local: false, remote: false };

/**
 * Decides on a connection from the host. A bound principal reaches no Unix socket and no listener that asks for nothing but
 * the uid of its peer: there it would be the daemon's own user.
 * @param isPeerPort whether a port is such a listener of this daemon
 * @returns where to connect to
 * @throws RexaError FORWARD_PROHIBITED, NOT_PERMITTED
 */
export function authorizeDirect(
  asked: SocketPlace,
  principal: Principal,
  { local, permitOpen }: ForwardPolicy,
  isPeerPort: (port: number) => boolean,
): SocketPlace {
  const place = resolvePath(asked);
  const what = `a connection to ${showPlace(place)}`;
  if (!local) throw new RexaError('FORWARD_PROHIBITED', [what, '--allow-tcp-forwarding']);
  if (!permitsConnection(permitOpen, place))
    throw new RexaError('FORWARD_PROHIBITED', [what, '--permit-open']);
  const { rights } = principal;
  const isAsOwnUser = 'path' in place || isPeerPort(place.port);
  if (
    !rights.portForwarding ||
    (rights.isBound && isAsOwnUser) ||
    !permitsConnection(rights.permitOpen, place)
  )
    throw notPermitted(principal, what);
  return place;
}

/**
 * Decides on a listener. A bound principal has none on a path, where it could stand in for a service of the daemon's user.
 * @returns the place that was asked for; `bindPlace` says where to listen
 * @throws RexaError FORWARD_PROHIBITED, NOT_PERMITTED
 */
export function authorizeListen(
  asked: SocketPlace,
  principal: Principal,
  { remote, permitListen }: ForwardPolicy,
): SocketPlace {
  const place = resolvePath(asked);
  const what = `a listener on ${showPlace(place)}`;
  if (!remote) throw new RexaError('FORWARD_PROHIBITED', [what, '--allow-tcp-forwarding']);
  if (!permitsListener(permitListen, place))
    throw new RexaError('FORWARD_PROHIBITED', [what, '--permit-listen']);
  const { rights } = principal;
  const isBoundPath = rights.isBound && 'path' in place;
  if (!rights.portForwarding || isBoundPath || !permitsListener(rights.permitListen, place))
    throw notPermitted(principal, what);
  return place;
}

/** Returns where to listen for a place that is permitted: on loopback unless the daemon's policy is wider. */
export function bindPlace(place: SocketPlace, { gatewayPorts }: ForwardPolicy): SocketPlace {
  if ('path' in place || gatewayPorts === 'clientspecified') return place;
  if (gatewayPorts === 'yes') return { host: '*', port: place.port };
  return LOOPBACK.includes(place.host) ? place : { host: 'localhost', port: place.port };
}

/**
 * Returns whether a listener that `authorizeListen` has permitted may go on: the policy may have been loaded again.
 * @param bound where it listens
 */
export function mayGoOn(
  asked: SocketPlace,
  bound: SocketPlace,
  { remote, permitListen, gatewayPorts }: ForwardPolicy,
): boolean {
  const isWideEnough = 'path' in bound || gatewayPorts !== 'no' || LOOPBACK.includes(bound.host);
  return remote && permitsListener(permitListen, asked) && isWideEnough;
}

function resolvePath(place: SocketPlace): SocketPlace {
  return 'path' in place ? { path: path.resolve(homeFolder(), place.path) } : place;
}
