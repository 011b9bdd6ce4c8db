import { createHash } from 'node:crypto';
import path from 'node:path';
import type { OpenOptions } from '../../client/open-host.ts';
import { localSocketPath } from '../../places/local-socket.ts';
import type { CalledHost, HostOptions, HostPlan, ShareOptions } from '../host/host-plan.ts';

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

/** What is given of a host as plain data, which another process can be told. */
export type PlainOptions = Omit<HostOptions, 'similar' | 'share' | 'findJump'>;

/** A jump host by its name, and what is said of it by itself; null: what is said of the host behind it. */
export type NamedJump = readonly [named: string, found: CalledHost<PlainOptions> | null];

/** Where a connection is shared, and what it is. */
export interface SharePlace {
  /** The control socket: without one that was given, one for this connection alone. */
  readonly path: string;
  /** A hash of where the connection leads, as whom, by which keys and by which way. */
  readonly key: string;
  readonly jumps: readonly NamedJump[];
}

/** Finds where the connection of a host is shared. @throws RexaError as `HostOptions.findJump` */
export async function findSharePlace(
  { connect, jumps: names, proxyCommand }: HostPlan,
  { findJump }: HostOptions,
  { path: given }: ShareOptions,
): Promise<SharePlace> {
  const common = IN_COMMON.map((name) => connect[name] ?? null);
  // The agent of the variable is another one in another session
  const agent = connect.agent === undefined ? (process.env['SSH_AUTH_SOCK'] ?? null) : null;
  const jumps = await Promise.all(
    names.map(
      async (named): Promise<NamedJump> => [named, findJump ? plainHost(await findJump(named)) : null],
    ),
  );
  const key = createHash('sha256')
    .update(JSON.stringify([common, agent, jumps, proxyCommand]))
    .digest('hex');
  return {
    path: given ?? path.join(path.dirname(localSocketPath()), 'share', key.slice(0, KEY_CHARACTERS)),
    key,
    jumps,
  };
}

/** Returns what is given as plain data. */
export function plainOptions({ similar: _, share: __, findJump: ___, ...plain }: HostOptions): PlainOptions {
  return plain;
}

function plainHost({ called, given }: CalledHost): CalledHost<PlainOptions> {
  return { called, given: plainOptions(given) };
}

/** Of the name of a socket, whose path is short. */
const KEY_CHARACTERS = 24;
