import { attachLink } from '../../link/attach-link.ts';
import type { Link } from '../../link/link.ts';
import { connectUnix } from '../../transports/connect-unix.ts';
import { unixTransport } from '../../transports/unix.ts';
import { ask } from '../ask.ts';
import { createHost, type HostDefaults, type OpenHost, REXA_AGENT } from '../host.ts';
import { SHARE_ANSWER_MS } from '../limits.ts';
import { type ShareAnswer, type ShareRequest, shareAnswerSchema } from './messages.ts';

/** The host behind a shared connection. */
export interface JoinTarget {
  /** What it is called in messages and results. */
  readonly address: string;
  /** The control socket. */
  readonly path: string;
  readonly key: string;
  readonly defaults?: HostDefaults | undefined;
}

/**
 * Joins the connection that another process shares. Nothing was sent to the host when it fails.
 * @throws RexaError CONNECT_FAILED (with the system's error as its cause), SOCKET_NOT_OURS, SHARE_REFUSED, LINK_LOST
 */
export async function joinConnection({ address, path, key, defaults }: JoinTarget): Promise<OpenHost> {
  const link = await connectToShare(path);
  try {
    await ask({ address, link }, { service: 'share', ask: 'join', key }, shareAnswerSchema);
  } catch (error) {
    await link.leave();
    throw error;
  }
  return createHost(address, link, { defaults, isShared: true });
}

/** Asks something of the process that shares a connection. @throws RexaError as `joinConnection` */
export async function askShare(
  path: string,
  request: Exclude<ShareRequest, { ask: 'join' }>,
): Promise<ShareAnswer> {
  const link = await connectToShare(path);
  try {
    return await ask({ address: path, link }, request, shareAnswerSchema);
  } finally {
    await link.leave();
  }
}

async function connectToShare(path: string): Promise<Link> {
  const socket = await connectUnix(path, SHARE_ANSWER_MS);
  return attachLink(unixTransport(socket), { role: 'client', agent: REXA_AGENT });
}
