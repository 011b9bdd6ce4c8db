import { explainUnconfirmed } from '../../auth/known-hosts.ts';
import { fingerprint, type PublicKey } from '../../auth/public-key.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { TlsAddress } from '../../transports/tls-address.ts';
import type { RoutedOptions } from '../route.ts';
import type { HostTrust } from './host-trust.ts';
import { type Connection, connectVerified } from './verified-connection.ts';

/** What a connection to a trusted host goes by. */
export interface TrustContext {
  readonly target: TlsAddress;
  readonly trust: HostTrust;
  readonly timeoutMs: number;
  readonly options: Pick<RoutedOptions, 'acceptNew' | 'askHost' | 'family' | 'route'>;
  readonly log: (line: string) => void;
  readonly warn: (line: string) => void;
}

/**
 * Connects to a host whose key is right. One that is not known is learned, if somebody wants that: the question is asked
 * while there is no connection, and then the host has to show the same key again.
 * @throws RexaError AUTH_HOST_UNKNOWN, AUTH_HOST_CHANGED, AUTH_HOST_PIN_MISMATCH, and as connectVerified
 */
export async function connectTrusted(context: TrustContext, signal: AbortSignal): Promise<Connection> {
  const { target, trust, timeoutMs, options, log } = context;
  const connection = await connectVerified(target, trust, timeoutMs, log, signal, options);
  const { verdict, hostKey, socket } = connection;
  const problem = trust.explain(verdict, hostKey);
  if (problem === null) return connection;
  if (verdict.kind === 'unknown' && options.acceptNew === true) {
    await believe(context, hostKey);
    return connection;
  }
  socket.destroy();
  if (verdict.kind !== 'unknown' || options.askHost === undefined) throw problem;
  const host = { address: trust.address, keyType: hostKey.type, fingerprint: fingerprint(hostKey) };
  if (!(await options.askHost(host))) throw explainUnconfirmed(trust.address, hostKey);
  await believe(context, hostKey);
  return connectTrusted(context, signal);
}

/**
 * Trusts the key of an unknown host and says so; for this process only where it cannot be written down.
 * @throws RexaError AUTH_HOST_CHANGED
 */
export async function believe(
  { trust, warn }: Pick<TrustContext, 'trust' | 'warn'>,
  hostKey: PublicKey,
): Promise<void> {
  try {
    await trust.believe(hostKey);
    const known = trust.remembers ? 'added to known_hosts' : 'trusted for this connection only';
    warn(`${trust.address}: key ${fingerprint(hostKey)} ${known}`);
  } catch (error) {
    if (!(error instanceof RexaError) || error.code === 'AUTH_HOST_CHANGED') throw error;
    warn(`${trust.address}: key trusted for this connection only: ${error.message}`);
  }
}

/**
 * Connects once more, for a link that has lost its connection: the host has to prove the key that it proved then. Nobody is
 * asked anything.
 * @throws RexaError AUTH_HOST_CHANGED and the like, and as connectVerified
 */
export async function connectAgain(
  { target, trust, timeoutMs, options, log }: TrustContext,
  first: Connection,
): Promise<Connection> {
  const signal = new AbortController().signal;
  const connection = await connectVerified(target, trust, timeoutMs, log, signal, options);
  const problem = findProblem(trust, connection, first);
  if (problem === null) return connection;
  connection.socket.destroy();
  throw problem;
}

function findProblem(
  trust: HostTrust,
  { hostKey, verdict }: Connection,
  first: Connection,
): RexaError | null {
  if (!hostKey.blob.equals(first.hostKey.blob)) {
    return new RexaError('AUTH_HOST_PIN_MISMATCH', [
      trust.address,
      fingerprint(hostKey),
      `${fingerprint(first.hostKey)}, as a moment ago,`,
    ]);
  }
  // One that was believed for this time only is believed for as long as it lasts.
  return verdict.kind === 'unknown' ? null : trust.explain(verdict, hostKey);
}
