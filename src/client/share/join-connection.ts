import type { Socket } from 'node:net';
import { attachLink } from '../../link/attach-link.ts';
import type { LinkChannel } from '../../link/channel.ts';
import type { Link } from '../../link/link.ts';
import { RexaError } from '../../protocol/errors.ts';
import { isSettledWithin } from '../../runtime/awake-timer.ts';
import { connectUnix } from '../../transports/connect-unix.ts';
import { unixTransport } from '../../transports/unix.ts';
import { readAnswer } from '../ask.ts';
import { describeEnd } from '../describe-end.ts';
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
 * @throws RexaError CONNECT_FAILED (with the system's error as its cause), SOCKET_NOT_OURS, SHARE_REFUSED, SHARE_SILENT, LINK_LOST
 */
export async function joinConnection({ address, path, key, defaults }: JoinTarget): Promise<OpenHost> {
  const { link } = await askSharer(path, { service: 'share', ask: 'join', key });
  return createHost(address, link, { defaults, isShared: true });
}

/** Asks something of the process that shares a connection. @throws RexaError as `joinConnection` */
export async function askShare(
  path: string,
  request: Exclude<ShareRequest, { ask: 'join' }>,
): Promise<ShareAnswer> {
  const { link, answer } = await askSharer(path, request);
  await link.leave();
  return answer;
}

/** @throws RexaError as `joinConnection` */
async function askSharer(
  path: string,
  request: ShareRequest,
): Promise<{ readonly link: Link; readonly answer: ShareAnswer }> {
  const socket = await connectUnix(path, SHARE_ANSWER_MS);
  const link = attachLink(unixTransport(socket), { role: 'client', agent: REXA_AGENT });
  try {
    const channel = link.open(request, []);
    await awaitReceipt(channel, path, socket);
    const end = await channel.ended;
    if (end.kind === 'link-ended') throw describeEnd(end.end, path);
    return { link, answer: readAnswer(shareAnswerSchema, end.last) };
  } catch (error) {
    await link.leave();
    throw error;
  }
}

/**
 * Waits until the request is said to be received: the answer may take as long as a person needs. A process that was stopped
 * receives nothing, although its system accepts connections for it.
 * @throws RexaError SHARE_SILENT
 */
async function awaitReceipt(channel: LinkChannel, path: string, socket: Socket): Promise<void> {
  if (await isSettledWithin(channel.nextMessage(), SHARE_ANSWER_MS)) return;
  socket.destroy();
  throw new RexaError('SHARE_SILENT', [path, SHARE_ANSWER_MS]);
}
