import net from 'node:net';
import { RexaError } from '../protocol/errors.ts';
import { AGENT_LIST_TIMEOUT_MS } from '../protocol/limits.ts';
import {
  type AgentKey,
  makeListRequest,
  makeSignRequest,
  readListReply,
  readSignReply,
} from './agent-messages.ts';
import { AGENT_SIGN_TIMEOUT_MS, MAX_AGENT_REPLY_BYTES } from './limits.ts';
import type { OfferedKey } from './offered-key.ts';
import { fingerprint } from './public-key.ts';
import { checkSignature } from './signature.ts';

/** Timeouts for an agent; the defaults are in the limits. */
export interface AgentPatience {
  readonly listTimeoutMs?: number;
  /** Long, because the agent may ask a person. */
  readonly signTimeoutMs?: number;
}

/**
 * Lists the keys of an ssh-agent, including certificates.
 * @param socketPath `$SSH_AUTH_SOCK`
 * @returns the usable keys, and an error for each of the others
 * @throws RexaError AGENT_UNREACHABLE, AGENT_TIMEOUT, AGENT_CLOSED, AGENT_MALFORMED, AGENT_REFUSED
 */
export async function listAgentKeys(
  socketPath: string,
  { listTimeoutMs = AGENT_LIST_TIMEOUT_MS }: AgentPatience = {},
): Promise<{ readonly keys: AgentKey[]; readonly problems: RexaError[] }> {
  const reply = await askAgent(socketPath, makeListRequest(), listTimeoutMs);
  return readListReply(reply, socketPath);
}

/**
 * Requests a signature from an agent and verifies it; returns the SSH signature blob.
 * @throws RexaError as {@link listAgentKeys}, and AGENT_LIED if the signature is not by this key
 */
export async function signWithAgent(
  socketPath: string,
  { key, blob }: OfferedKey,
  data: Uint8Array,
  { signTimeoutMs = AGENT_SIGN_TIMEOUT_MS }: AgentPatience = {},
): Promise<Buffer> {
  const request = makeSignRequest(blob, key.material.family, data);
  const reply = await askAgent(socketPath, request, signTimeoutMs);
  const signature = readSignReply(reply, socketPath, fingerprint(key));
  try {
    // What a token must attest is decided where the key logs in
    checkSignature(key, data, signature, { token: { touch: false, verification: false } });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : '';
    throw new RexaError('AGENT_LIED', [socketPath, fingerprint(key), reason], { cause });
  }
  return signature;
}

/** Sends a request on a connection of its own; returns the answer without its length field. */
async function askAgent(socketPath: string, request: Buffer, timeoutMs: number): Promise<Buffer> {
  if (socketPath === '' || socketPath.includes('\0')) {
    throw new RexaError('AGENT_UNREACHABLE', [socketPath, 'that is no path of a socket']);
  }
  const socket = net.connect({ path: socketPath });
  const reply = receiveReply(socket, socketPath, timeoutMs);
  socket.write(request);
  return reply.finally(() => socket.destroy());
}

/**
 * Reads one answer without its length field; then the socket is paused.
 * @throws RexaError AGENT_UNREACHABLE, AGENT_TIMEOUT, AGENT_CLOSED, AGENT_MALFORMED
 */
export async function receiveReply(socket: net.Socket, agent: string, timeoutMs: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const timer = setTimeout(() => reject(new RexaError('AGENT_TIMEOUT', [agent, timeoutMs])), timeoutMs);
  const reply = new ReplyCollector(agent);
  const add = (chunk: Buffer): void => {
    try {
      const message = reply.add(chunk);
      if (message !== null) resolve(message);
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const fail = (cause: Error): void =>
    reject(new RexaError('AGENT_UNREACHABLE', [agent, cause.message], { cause }));
  const close = (): void => reject(new RexaError('AGENT_CLOSED', [agent]));
  // Of a socket that both ends close apart
  socket.on('data', add).on('error', fail).on('end', close).on('close', close).resume();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.pause();
    socket.off('data', add).off('end', close).off('close', close);
    // A destroyed socket may still fail
    if (socket.listenerCount('error') > 1) socket.off('error', fail);
  }
}

/** Assembles a reply from chunks, with a size limit. */
class ReplyCollector {
  readonly #agent: string;
  readonly #chunks: Buffer[] = [];
  #received = 0;
  #expected: number | null = null;

  constructor(agent: string) {
    this.#agent = agent;
  }

  /**
   * Returns the whole message, or null while it is incomplete.
   * @throws RexaError AGENT_MALFORMED
   */
  add(chunk: Buffer): Buffer | null {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    this.#expected ??= this.#readLength();
    if (this.#expected === null || this.#received < this.#expected) return null;
    if (this.#received > this.#expected) throw this.#malformed('it sent more than it announced');
    return Buffer.concat(this.#chunks).subarray(4);
  }

  #readLength(): number | null {
    if (this.#received < 4) return null;
    const length = Buffer.concat(this.#chunks).readUInt32BE();
    if (length > MAX_AGENT_REPLY_BYTES) {
      throw this.#malformed(`it announced a reply of ${length} bytes; ${MAX_AGENT_REPLY_BYTES} are the most`);
    }
    return 4 + length;
  }

  #malformed(reason: string): RexaError {
    return new RexaError('AGENT_MALFORMED', [this.#agent, reason]);
  }
}
