import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type ClientLimits, type ClientOutput, ReadyStartClient } from '../../framing/ready-start-client.ts';
import type { Greeting } from '../../framing/ready-start-greeting.ts';
import { RexaError } from '../../protocol/errors.ts';
import { LAST_WORDS_MS } from '../../protocol/limits.ts';
import { type AwakeTimer, startAwakeTimer } from '../../runtime/awake-timer.ts';
import { describeFailure, describeRefusal } from './describe-failure.ts';

/** The whole reply to one command. */
export interface ReadyStartReply {
  readonly sizeBytes: number;
  /** Exactly so many bytes, or an error (READY_REPLY_SHORT, READY_REPLY_EXCESS, READY_STALLED, LINK_LOST). */
  readonly body: Readable;
}

/** One connection to a Ready/Start peer. */
export interface Conversation {
  /** Whether the next command may go here: after `Ready|0`, a mistake of the peer or its end it needs another. */
  readonly isOpen: boolean;
  /** What the peer did wrong while no command was under way; told once. */
  takeFailure(): RexaError | null;
  /** What the peer said before its first Ready: remote text. */
  readonly greeting: Uint8Array;
  /**
   * Sends a command and resolves when its reply is announced; the next one may come when the reply's body has ended.
   * @throws RexaError READY_COMMAND_REFUSED, READY_COMMAND_TOO_LONG: nothing was sent. READY_REPLY_MISSING and the
   * others that speak of the peer: it may or may not have run
   */
  run(command: Uint8Array): Promise<ReadyStartReply>;
  /** Sends `exit` and resolves when the connection is closed. */
  close(): Promise<void>;
  /** Drops the connection; what is under way fails with `reason`. */
  destroy(reason: Error): void;
}

/** What is owed to the caller. */
type Owed =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'reply'; resolve(reply: ReadyStartReply): void; reject(error: Error): void }
  | { readonly kind: 'body'; readonly body: Readable };

/** Speaks the Ready/Start wire over a connected socket. */
export function openConversation(socket: Socket, limits: ClientLimits, greeting: Greeting): Conversation {
  const machine = new ReadyStartClient(limits, greeting);
  let owed: Owed = { kind: 'nothing' };
  let failure: RexaError | null = null;
  let socketError: Error | null = null;
  let timer: AwakeTimer | null = null;
  let closeTimer: NodeJS.Timeout | undefined;

  function pump(): void {
    for (let output = machine.poll(); output !== null; output = machine.poll()) perform(output);
    setTimer();
  }

  function perform(output: ClientOutput): void {
    switch (output.kind) {
      case 'write':
        socket.write(output.bytes);
        return;
      case 'reply-size':
        announce(output.sizeBytes);
        return;
      case 'reply-bytes':
        if (owed.kind === 'body' && !owed.body.push(output.bytes)) socket.pause();
        return;
      case 'reply-end':
        // After one more look at the socket: bytes beyond the reply that are here already make it a wrong one.
        resume();
        setImmediate(() => setImmediate(endBody));
        return;
      case 'close':
        end(output.failure === null ? null : describeFailure(output.failure, limits, socketError));
        return;
      default:
        output satisfies never;
    }
  }

  function announce(sizeBytes: number): void {
    if (owed.kind !== 'reply') return;
    const { resolve } = owed;
    const body = new Readable({ read: resume, destroy: dropRest });
    // Whoever reads the body later is told all the same.
    body.on('error', () => {});
    owed = { kind: 'body', body };
    resolve({ sizeBytes, body });
  }

  function resume(): void {
    if (!socket.isPaused()) return;
    machine.handleResume(performance.now());
    socket.resume();
    setTimer();
  }

  function endBody(): void {
    if (owed.kind !== 'body' || machine.state === 'receiving') return;
    const { body } = owed;
    owed = { kind: 'nothing' };
    body.push(null);
    if (machine.state === 'spent') end(null);
  }

  /** A caller that does not want the rest: on this wire only the end of the connection says so. */
  function dropRest(this: Readable, error: Error | null, done: (error?: Error | null) => void): void {
    if (owed.kind === 'body' && owed.body === this) {
      owed = { kind: 'nothing' };
      drop();
    }
    done(error);
  }

  function drop(): void {
    machine.handleExit();
    pump();
    socket.destroy();
  }

  /** The conversation is over: `error` goes to whoever waits, else it is kept for the next who asks. */
  function end(error: RexaError | null): void {
    timer?.stop();
    socket.end();
    // A peer that never closes its side is not waited for.
    closeTimer = setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref();
    socket.resume();
    if (error !== null) fail(error);
  }

  function fail(error: Error): void {
    const last = owed;
    owed = { kind: 'nothing' };
    if (last.kind === 'reply') last.reject(error);
    else if (last.kind === 'body') last.body.destroy(error);
    else if (error instanceof RexaError) failure = error;
  }

  function setTimer(): void {
    timer?.stop();
    const dueMs = machine.pollTimeout();
    if (dueMs === null || socket.isPaused()) return;
    timer = startAwakeTimer(handleTime, Math.ceil(Math.max(0, dueMs - performance.now())));
  }

  function handleTime(): void {
    machine.handleTimeout(performance.now());
    pump();
  }

  function handlePeerEnd(): void {
    machine.handlePeerEnd();
    pump();
  }

  socket.on('data', (bytes: Buffer) => {
    machine.handleRead(bytes, performance.now());
    pump();
  });
  socket.on('end', handlePeerEnd);
  // A reset says no more than an end does: `close` follows.
  socket.on('error', (error) => {
    socketError = error;
  });
  socket.on('close', () => {
    handlePeerEnd();
    timer?.stop();
    clearTimeout(closeTimer);
  });

  return {
    get isOpen() {
      return machine.state === 'idle' && owed.kind === 'nothing' && !socket.destroyed;
    },
    takeFailure() {
      const last = failure;
      failure = null;
      return last;
    },
    get greeting() {
      return machine.greeting;
    },
    async run(command) {
      const refusal = machine.handleCommand(command);
      if (refusal !== null) throw describeRefusal(refusal, command.length, limits);
      const reply = new Promise<ReadyStartReply>((resolve, reject) => {
        owed = { kind: 'reply', resolve, reject };
      });
      pump();
      return reply;
    },
    async close() {
      if (socket.closed) return;
      const closed = new Promise((resolve) => socket.once('close', resolve));
      machine.handleExit();
      pump();
      await closed;
    },
    destroy(reason) {
      fail(reason);
      drop();
    },
  };
}
