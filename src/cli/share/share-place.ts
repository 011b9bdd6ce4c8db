import { createHash } from 'node:crypto';
import path from 'node:path';
import type { OpenOptions } from '../../client/open-host.ts';
import { localSocketPath } from '../../places/local-socket.ts';
import type { HostPlan, ShareOptions } from '../host/host-plan.ts';

/** All that two calls have to have in common, so that one may use the connection of the other. */
const IN_COMMON = [
  'target',
  'user',
  'identities',
  'identitiesOnly',
  'certificates',
  'agent',
  'hostKeyAlias',
  'knownHosts',
  'globalKnownHosts',
  'revokedHostKeys',
  'family',
] as const satisfies readonly (keyof OpenOptions)[];

/** Returns a hash of where a connection leads, as whom, by which keys and by which way. */
export function shareKey({
  connect,
  jumps,
  proxyCommand,
}: Pick<HostPlan, 'connect' | 'jumps' | 'proxyCommand'>): string {
  const common = IN_COMMON.map((name) => connect[name] ?? null);
  // The agent of the variable is another one in another session
  const agent = connect.agent === undefined ? (process.env['SSH_AUTH_SOCK'] ?? null) : null;
  return createHash('sha256')
    .update(JSON.stringify([common, agent, jumps, proxyCommand]))
    .digest('hex');
}

/** Returns the path of the control socket: without one that was given, one for this connection alone. */
export function controlPath({ path: given }: ShareOptions, key: string): string {
  return given ?? path.join(path.dirname(localSocketPath()), 'share', key.slice(0, KEY_CHARACTERS));
}

/** Of the name of a socket, whose path is short. */
const KEY_CHARACTERS = 24;
