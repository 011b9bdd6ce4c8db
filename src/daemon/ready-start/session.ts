import type { Socket } from 'node:net';
import {
  type ConversationEnd,
  type DaemonLimits,
  type DaemonOutput,
  ReadyStartDaemon,
} from '../../framing/ready-start-daemon.ts';
import { RexaError } from '../../protocol/errors.ts';
import { LAST_WORDS_DRAIN_BYTES, LAST_WORDS_MS } from '../../protocol/limits.ts';
import { collectReply, type RunCommand, replaceReply } from './collect-reply.ts';
import { describeEnd } from './describe-end.ts';
import { Spool, type SpoolOptions } from './spool.ts';

/** What a conversation is made of; the same for every peer of a listener. */
export interface ReadyStartService {
  readonly runCommand: RunCommand;
  readonly limits: DaemonLimits;
  readonly spool: SpoolOptions;
  /** Written to a peer at once, its line end included; empty for none. */
  readonly greeting: string;
}

/** What the log and the audit are told of a conversation. */
export interface SessionListener {
  handleCommand(line: string): void;
  /** The daemon refused a command, or closed on the peer. */
  handleRefusal(error: RexaError): void;
}

/** One conversation with one peer. */
export interface ReadyStartSession {
  /** Resolves when nothing is left of the conversation: its socket, its command, its reply. Never rejects. */
  readonly ended: Promise<void>;
  /** Takes no further command: closes as soon as nothing is under way. */
  shutDown(): void;
  /** Ends it now, by a reset: a peer that loops until it has its reply would spin on an orderly end. */
  reset(): void;
}

/** Speaks the Ready/Start wire with a peer that may be served. The socket must allow half-open connections. */
export function serveReadyStart(
  socket: Socket,
  service: ReadyStartService,
  listener: SessionListener,
): ReadyStartSession {
  const { runCommand, limits } = service;
  const machine = new ReadyStartDaemon(limits, Buffer.from(service.greeting), performance.now());
  const spool = new Spool(service.spool);
  const gone = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  let underWay: Promise<void> = Promise.resolve();
  let isShuttingDown = false;
  let discardedBytes = 0;

  function pump(): void {
    if (isShuttingDown && (machine.state === 'listening' || machine.state === 'sending')) {
      machine.handleShutdown(performance.now());
    }
    for (let output = machine.poll(); output !== null; output = machine.poll()) perform(output);
    setTimer();
  }

  function perform(output: DaemonOutput): void {
    switch (output.kind) {
      case 'write':
        socket.write(output.bytes);
        return;
      case 'run':
        underWay = answerCommand(Buffer.from(output.command).toString('utf8'));
        return;
      case 'refuse-command':
        underWay = answerError(new RexaError('READY_COMMAND_NOT_UTF8'));
        return;
      case 'send-reply':
        underWay = sendReply();
        return;
      case 'close':
        close(output.end);
        return;
      default:
        output satisfies never;
    }
  }

  async function answerCommand(line: string): Promise<void> {
    listener.handleCommand(line);
    await collectReply(() => runCommand(line, gone.signal), spool);
    announce();
  }

  async function answerError(error: RexaError): Promise<void> {
    listener.handleRefusal(error);
    await replaceReply(error, spool);
    announce();
  }

  function announce(): void {
    machine.handleReplyReady(spool.sizeBytes, performance.now());
    pump();
  }

  async function sendReply(): Promise<void> {
    try {
      for await (const block of spool.read()) await writeBlock(block);
      await spool.clear();
    } catch {
      // The peer is gone, or the file is: an orderly end here would let a naive peer wait for ever.
      reset();
      return;
    }
    machine.handleReplySent(performance.now());
    pump();
  }

  /** A socket whose orderly end is on its way can't be reset: Node would never say that it is closed. */
  function reset(): void {
    if (socket.writableEnded) socket.destroy();
    else socket.resetAndDestroy();
  }

  /** Resolves when the kernel has it, so that a slow peer holds one block of ours in memory and no more. */
  function writeBlock(block: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.write(block, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Last words arrive: what was written is followed by an orderly end, and what still comes is thrown away. */
  function close(end: ConversationEnd): void {
    const error = describeEnd(end, limits);
    if (error !== null) listener.handleRefusal(error);
    gone.abort();
    socket.end();
    setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref();
  }

  function handleData(bytes: Buffer): void {
    if (machine.state === 'closed') {
      discardedBytes += bytes.length;
      if (discardedBytes > LAST_WORDS_DRAIN_BYTES) socket.destroy();
      return;
    }
    machine.handleRead(bytes, performance.now());
    pump();
  }

  /** Timers fire before waiting bytes are read: those that came in time are looked at first. */
  function setTimer(): void {
    clearTimeout(timer);
    clearImmediate(immediate);
    const dueMs = machine.pollTimeout();
    if (dueMs === null) return;
    timer = setTimeout(
      () => {
        immediate = setImmediate(handleTime);
      },
      Math.ceil(Math.max(0, dueMs - performance.now())),
    );
  }

  function handleTime(): void {
    machine.handleTimeout(performance.now());
    pump();
  }

  function handlePeerEnd(): void {
    machine.handlePeerEnd(performance.now());
    pump();
  }

  async function finish(): Promise<void> {
    if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
    handlePeerEnd();
    gone.abort();
    clearTimeout(timer);
    clearImmediate(immediate);
    await underWay;
    await spool.clear().catch(() => {});
  }

  socket.setNoDelay(true);
  socket.on('data', handleData).on('end', handlePeerEnd);
  // What went wrong with the connection itself concerns this peer alone; `close` follows.
  socket.on('error', () => {});
  const ended = finish();
  pump();

  return {
    ended,
    shutDown() {
      isShuttingDown = true;
      pump();
    },
    reset,
  };
}
