import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { RexaError } from '../protocol/errors.ts';
import { AGENT_LIST_TIMEOUT_MS } from '../protocol/limits.ts';
import { dialSocket } from '../runtime/dial-socket.ts';
import { describeSocketError } from '../runtime/socket-error.ts';
import { listAgentKeys, receiveReply } from './agent.ts';
import { makeListRequest, makeSessionBind, readListReply } from './agent-messages.ts';
import { fromKeyObject } from './key-object.ts';
import { signMessage } from './signature.ts';

const SESSION_ID_BYTES = 32;

/** A connection to an agent on behalf of another host. */
export interface BoundAgent {
  readonly socket: Socket;
  /** Keys that the agent does not show there; 0 unless they were asked for. */
  readonly hiddenKeys: number;
}

/**
 * Connects to an agent for the use of another host. The connection is bound to a session with a host that nobody knows
 * (`session-bind@openssh.com`, PROTOCOL.agent of OpenSSH): keys that are limited to destinations (`ssh-add -h`) are then neither
 * listed nor used, since no chain of hosts that the agent can verify leads there. An agent without that extension has no
 * such keys.
 * @param counts whether to find out how many keys are hidden
 * @param given resolves when nobody wants the connection any more
 * @throws RexaError AGENT_UNREACHABLE, AGENT_TIMEOUT, AGENT_CLOSED, AGENT_MALFORMED, AGENT_REFUSED
 */
export async function openBoundAgent(
  socketPath: string,
  counts: boolean,
  given: Promise<unknown>,
): Promise<BoundAgent> {
  const socket = await dialSocket({ path: socketPath }, given).catch((cause: unknown) => {
    throw new RexaError('AGENT_UNREACHABLE', [socketPath, describeSocketError(cause)], { cause });
  });
  try {
    await ask(socket, makeUnknownSession(), socketPath);
    if (!counts) return { socket, hiddenKeys: 0 };
    const all = await listAgentKeys(socketPath);
    const shown = readListReply(await ask(socket, makeListRequest(), socketPath), socketPath);
    return { socket, hiddenKeys: count(all) - count(shown) };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function count({ keys, problems }: Awaited<ReturnType<typeof listAgentKeys>>): number {
  return keys.length + problems.length;
}

/** A session that is forwarded by a host whose key is made for it alone. */
function makeUnknownSession(): Buffer {
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = fromKeyObject(privateKey, 'a session');
  const sessionId = randomBytes(SESSION_ID_BYTES);
  const signature = signMessage({ publicKey, keyObject: privateKey, comment: '' }, sessionId);
  return makeSessionBind(publicKey.blob, sessionId, signature, true);
}

/** Sends a request, and returns the answer; the socket stays open, and is not read any further. */
async function ask(socket: Socket, request: Buffer, agent: string): Promise<Buffer> {
  const reply = receiveReply(socket, agent, AGENT_LIST_TIMEOUT_MS);
  socket.write(request);
  return reply;
}
