import { createHash } from 'node:crypto';
import path from 'node:path';
import type { OpenOptions } from '../../client/open-host.ts';
import { localSocketPath } from '../../places/local-socket.ts';
import type { CalledHost, HostOptions, HostPlan, ShareOptions } from '../host/host-plan.ts';

/** What two calls have to have in common of a login, at the host and at each jump host. */
const OF_LOGIN = [
  'user',
  'identities',
  'identitiesOnly',
  'certificates',
  'agent',
  'hostKeyAlias',
  'knownHosts',
  'globalKnownHosts',
  'revokedHostKeys',
  'hostKeyAlgorithms',
  'caSignatureAlgorithms',
  'family',
] as const satisfies readonly (keyof OpenOptions & keyof HostOptions)[];

/** All that two calls have to have in common, so that one may use the connection of the other. */
const IN_COMMON = ['target', ...OF_LOGIN] as const satisfies readonly (keyof OpenOptions)[];

/** Where a connection is shared, and what it is. */
export interface SharePlace {
  /** The control socket: without one that was given, one for this connection alone. */
  readonly path: string;
  /** A hash of where the connection leads, as whom, by which keys and by which way. */
  readonly key: string;
}

/** Finds where the connection of a host is shared. */
export function findSharePlace(
  { connect, jumps, proxyCommand }: HostPlan,
  { path: given }: ShareOptions,
): SharePlace {
  const common = IN_COMMON.map((name) => connect[name] ?? null);
  // The agent of the variable is another one in another session
  const agent = connect.agent === undefined ? (process.env['SSH_AUTH_SOCK'] ?? null) : null;
  const key = createHash('sha256')
    .update(JSON.stringify([common, agent, jumps.map(describeJump), proxyCommand]))
    .digest('hex');
  return {
    path: given ?? path.join(path.dirname(localSocketPath()), 'share', key.slice(0, KEY_CHARACTERS)),
    key,
  };
}

/** What of a jump host two calls have to have in common. */
const IN_COMMON_OF_JUMPS = [
  'address',
  'port',
  ...OF_LOGIN,
  'proxyCommand',
] as const satisfies readonly (keyof HostOptions)[];

function describeJump({ named, called, given }: CalledHost): readonly unknown[] {
  return [named, called, ...IN_COMMON_OF_JUMPS.map((name) => given[name] ?? null)];
}

/** Of the name of a socket, whose path is short. */
const KEY_CHARACTERS = 24;
