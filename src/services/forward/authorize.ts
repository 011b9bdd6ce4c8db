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
  /** Addresses of listeners: loopback only, all, or what the client asks for. */
  readonly gatewayPorts: 'no' | 'yes' | 'clientspecified';
}

/** What a daemon permits by default. */
export const DEFAULT_FORWARD_POLICY: ForwardPolicy = {
  local: true,
  remote: true,
  permitOpen: null,
  gatewayPorts: 'no',
};

/** A client may choose the family of loopback. */
const LOOPBACK = ['127.0.0.1', '::1'];

/** Nothing. */
export const NO_FORWARDING: ForwardPolicy = { ...DEFAULT_FORWARD_POLICY, local: false, remote: false };

/**
 * Decides on a connection from the host. @returns where to connect to
 * @throws RexaError FORWARD_PROHIBITED, NOT_PERMITTED
 */
export function authorizeDirect(
  asked: SocketPlace,
  principal: Principal,
  { local, permitOpen }: ForwardPolicy,
): SocketPlace {
  const place = resolvePath(asked);
  const what = `a connection to ${showPlace(place)}`;
  if (!local) throw new RexaError('FORWARD_PROHIBITED', [what, '--allow-tcp-forwarding']);
  if (!permitsConnection(permitOpen, place))
    throw new RexaError('FORWARD_PROHIBITED', [what, '--permit-open']);
  const { rights } = principal;
  if (!rights.portForwarding || !permitsConnection(rights.permitOpen, place))
    throw notPermitted(principal, what);
  return place;
}

/**
 * Decides on a listener. @returns where to listen: on loopback unless the daemon's policy is wider
 * @throws RexaError FORWARD_PROHIBITED, NOT_PERMITTED
 */
export function authorizeListen(
  asked: SocketPlace,
  principal: Principal,
  { remote, gatewayPorts }: ForwardPolicy,
): SocketPlace {
  const place = resolvePath(asked);
  const what = `a listener on ${showPlace(place)}`;
  if (!remote) throw new RexaError('FORWARD_PROHIBITED', [what, '--allow-tcp-forwarding']);
  const { rights } = principal;
  if (!rights.portForwarding || !permitsListener(rights.permitListen, place))
    throw notPermitted(principal, what);
  if ('path' in place || gatewayPorts === 'clientspecified') return place;
  if (gatewayPorts === 'yes') return { host: '*', port: place.port };
  return LOOPBACK.includes(place.host) ? place : { host: 'localhost', port: place.port };
}

function resolvePath(place: SocketPlace): SocketPlace {
  return 'path' in place ? { path: path.resolve(homeFolder(), place.path) } : place;
}
