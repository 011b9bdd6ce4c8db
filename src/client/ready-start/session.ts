import type { ClientLimits } from '../../framing/ready-start-client.ts';
import type { Greeting } from '../../framing/ready-start-greeting.ts';
import { RexaError } from '../../protocol/errors.ts';
import { connectLoopback } from '../connect-loopback.ts';
import { type Conversation, openConversation, type ReadyStartReply } from './conversation.ts';

export interface ReadyStartClientOptions {
  /** A loopback address or `localhost`. */
  readonly host: string;
  readonly port: number;
  readonly connectTimeoutMs: number;
  readonly limits: ClientLimits;
  /** What the peer may say before its first Ready. */
  readonly greeting: Greeting;
}

export interface ReadyStartRunOptions {
  /** Drops the connection: the only way to cancel on this wire. */
  readonly signal?: AbortSignal;
  /** Called just before a byte of the command may leave. */
  readonly handleSending?: () => void;
}

/** Commands to one Ready/Start peer, one at a time. */
export interface ReadyStartSession {
  /** What the peer said before its first Ready: remote text. */
  readonly greeting: string;
  /**
   * Runs a command line on the peer; resolves when its reply is announced. Connects again where the last conversation
   * can't be gone on with.
   * @throws RexaError READY_BUSY, READY_COMMAND_REFUSED, READY_COMMAND_TOO_LONG, CONNECT_FAILED, CONNECT_TIMEOUT,
   * READY_UNASKED, READY_GREETING before the command: it was not sent. READY_REPLY_MISSING, READY_SIZE_INVALID,
   * READY_SIZE_TOO_LARGE, READY_REPLY_EARLY, READY_STALLED: it may or may not have run
   */
  run(command: string, options?: ReadyStartRunOptions): Promise<ReadyStartReply>;
  /** Says `exit` where the conversation allows it, and closes. */
  close(): Promise<void>;
}

/**
 * Connects to a Ready/Start peer.
 * @throws RexaError READY_NOT_LOOPBACK, CONNECT_FAILED, CONNECT_TIMEOUT
 */
export async function openReadyStart(options: ReadyStartClientOptions): Promise<ReadyStartSession> {
  let conversation = await connect();
  let state: 'idle' | 'busy' | 'closed' = 'idle';

  async function connect(): Promise<Conversation> {
    const socket = await connectLoopback('ready', options.host, options.port, options.connectTimeoutMs);
    return openConversation(socket, options.limits, options.greeting);
  }

  /** A conversation that takes the next command. What its peer did wrong before is told instead, once. */
  async function renewConversation(): Promise<Conversation> {
    const failure = conversation.takeFailure();
    if (failure !== null) throw failure;
    if (!conversation.isOpen) conversation = await connect();
    return conversation;
  }

  async function run(
    command: string,
    { signal, handleSending }: ReadyStartRunOptions,
  ): Promise<ReadyStartReply> {
    if (!command.isWellFormed())
      throw new RexaError('READY_COMMAND_REFUSED', [
        'it is not valid UTF-8, which is what this wire carries',
      ]);
    const current = await renewConversation();
    signal?.throwIfAborted();
    const cancel = () => current.destroy(signal?.reason as Error);
    signal?.addEventListener('abort', cancel, { once: true });
    const forget = () => signal?.removeEventListener('abort', cancel);
    handleSending?.();
    try {
      const reply = await current.run(Buffer.from(command));
      reply.body.once('close', () => {
        forget();
        if (state === 'busy') state = 'idle';
      });
      return reply;
    } catch (error) {
      forget();
      throw error;
    }
  }

  return {
    get greeting() {
      return Buffer.from(conversation.greeting).toString('utf8');
    },
    async run(command, how = {}) {
      if (state === 'closed') throw new RexaError('CLOSED', ['session']);
      if (state === 'busy') throw new RexaError('READY_BUSY');
      state = 'busy';
      try {
        return await run(command, how);
      } catch (error) {
        state = 'idle';
        throw error;
      }
    },
    async close() {
      if (state === 'busy') conversation.destroy(new RexaError('CLOSED', ['session']));
      state = 'closed';
      await conversation.close();
    },
  };
}
