import type { Reconnection } from '../link/reconnect.ts';
import type { ResumableOptions } from '../link/resumable-link.ts';
import type { Liveness, Transport } from '../link/transport.ts';
import { RexaError } from '../protocol/errors.ts';
import { MAX_TIMEOUT_MS, RESUME_FOR_SILENT_MS, RESUME_FOR_TERMINALS_MS } from '../protocol/limits.ts';
import { connectUnix } from '../transports/connect-unix.ts';
import { unixTransport } from '../transports/unix.ts';
import { RECONNECT_FOR_MS, RECONNECT_REFUSED_MS } from './limits.ts';
import type { ConnectOptions } from './run-types.ts';

/** When a connection counts as lost, and what becomes of it then. */
export type LinkCare = Reconnection & Pick<ResumableOptions, 'keepaliveMs'>;

/**
 * How long a lost connection is looked for again.
 * @param hasTerminal whether a person sits before it, who may take a while: the daemon waits for longer then, too
 * @throws RexaError USAGE
 */
export function readReconnection(
  { reconnectFor, keepalive, log = () => {}, handleStatus }: ConnectOptions,
  hasTerminal: boolean,
): LinkCare {
  const usual = hasTerminal ? RESUME_FOR_TERMINALS_MS : RECONNECT_FOR_MS;
  const reconnectForMs = Math.min(reconnectFor ?? usual, MAX_TIMEOUT_MS);
  if (!(reconnectForMs >= 0))
    throw new RexaError('USAGE', [`reconnectFor is a number of milliseconds, not ${reconnectFor}`]);
  if (keepalive !== undefined && !(keepalive > 0))
    throw new RexaError('USAGE', [`keepalive is a number of milliseconds above 0, not ${keepalive}`]);
  return {
    reconnectForMs,
    silentForMs: reconnectFor === undefined ? Math.max(usual, RESUME_FOR_SILENT_MS) : reconnectForMs,
    keepaliveMs: keepalive,
    handleStatus(status) {
      if (status.kind === 'resumed') log('the connection is there again');
      if (status.kind === 'waiting')
        log(`connection lost: ${status.error.message}; next try in ${Math.round(status.retryInMs)} ms`);
      handleStatus?.(status);
    },
  };
}

/** Nobody listens there any more: the daemon that had the link is gone, and a new one does not know it. */
const GONE: readonly (string | undefined)[] = ['ECONNREFUSED', 'ENOENT'];

/** Connects to a Unix socket again. @throws RexaError DAEMON_GONE, and as connectUnix */
export async function connectUnixAgain(
  socketPath: string,
  timeoutMs: number,
  liveness: Liveness,
): Promise<Transport> {
  try {
    return unixTransport(await connectUnix(socketPath, timeoutMs), liveness);
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    throw GONE.includes(code) ? new RexaError('DAEMON_GONE', [], { cause: error }) : error;
  }
}

/** How long a try to reach a Unix socket that failed like this may be repeated. */
export function patienceOnUnix({ code }: RexaError): number {
  if (code === 'SOCKET_NOT_OURS') return 0;
  return code === 'DAEMON_GONE' ? RECONNECT_REFUSED_MS : Number.POSITIVE_INFINITY;
}
