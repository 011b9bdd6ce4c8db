import type { Socket } from 'node:net';
import type { ChannelId, StreamNumber } from '../framing/frame.ts';
import type { Budget } from '../protocol/budget.ts';
import type { JsonObject } from '../protocol/control.ts';
import { RexaError } from '../protocol/errors.ts';
import type { Greeting, PeerInfo } from '../protocol/hello.ts';
import {
  CONTROL_BACKLOG_BYTES,
  LAST_WORDS_DRAIN_BYTES,
  LAST_WORDS_MS,
  SOCKET_BACKLOG_BYTES,
} from '../protocol/limits.ts';
import { createLinkMachine, type LinkEnd, type LinkEvent } from '../protocol/link-machine.ts';
import { isWorking as isWorkingState } from '../protocol/link-state.ts';
import type { Login, Verdict } from '../protocol/login.ts';
import { createAsyncQueue } from './async-queue.ts';
import { type ChannelInlet, type ChannelPort, createLinkChannel, type LinkChannel } from './channel.ts';
import { createFrameWriter } from './frame-writer.ts';
import { createPings } from './pings.ts';
import { noteRead } from './read-garbage.ts';

/** One end of a link over a connected socket. */
export interface Link {
  /** What the peer said of itself; null when the link ended before it did. */
  readonly peer: Promise<PeerInfo | null>;
  /** Resolves once, when no channel can work any more. Never rejects. */
  readonly ended: Promise<LinkEnd>;
  /** Resolves when the socket is gone: after last words, if there were any. */
  readonly closed: Promise<void>;
  /**
   * Opens a channel; need not wait for the peer's hello.
   * @param receive the streams that will be read: they get credit in the same flight
   * @throws RexaError CHANNELS_EXHAUSTED, CONTROL_TOO_LARGE
   */
  open(request: JsonObject, receive: readonly number[]): LinkChannel;
  /** The next channel that the peer opened; null when none can come any more. */
  nextChannel(): Promise<LinkChannel | null>;
  /** The round trip of a ping in milliseconds; null when the link ended before the answer. */
  ping(): Promise<number | null>;
  /**
   * Says goodbye: once everything that may be sent now has left, or at once with an error. What waits for credit is not
   * sent any more. Resolves when it is said, or nobody takes it within LAST_WORDS_MS. Never rejects.
   */
  leave(error?: RexaError): Promise<void>;
  readonly channelCount: number;
}

/** What a process may give its links. */
export interface LinkOptions {
  /** What the windows of all its links may grow by together. */
  readonly processBudget?: Budget;
  /** Called with each payload that the system has taken: its memory may serve again. */
  readonly handleSent?: (payload: Uint8Array) => void;
  /**
   * Daemon, where the greeting asks for a login: what becomes of one; null stands for a client that named nobody. Called
   * again with the proof of an offer that was chosen. A rejection with a RexaError is what the peer is told.
   */
  readonly judge?: (login: Login | null) => Promise<Verdict>;
  /** Client, where its login offers keys: the proof of the one that was chosen, an SSHSIG in base64. */
  readonly prove?: (offer: number) => Promise<string>;
}

/**
 * Drives a link's machine over a socket: bytes in, frames out, timers. The socket belongs to the link from here on;
 * it should allow half-open connections, so that last words have a way out.
 */
export function attachLink(socket: Socket, greeting: Greeting, options: LinkOptions = {}): Link {
  const now = (): number => performance.now();
  const machine = createLinkMachine(greeting, now(), options.processBudget);
  const inlets = new Map<ChannelId, ChannelInlet>();
  const incoming = createAsyncQueue<LinkChannel>();
  const writer = createFrameWriter(socket, options.handleSent);
  const pings = createPings(machine.mux, now);
  const peer = Promise.withResolvers<PeerInfo | null>();
  const ended = Promise.withResolvers<LinkEnd>();
  const lastWordsSaid = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const helloTimer = armHelloTimer();
  let lastWordsTimer: NodeJS.Timeout | undefined;
  let pumpScheduled = false;
  /** An orderly goodbye follows what is queued. */
  let goodbyeDue = false;
  let unreadBytes = 0;
  let drainedBytes = 0;

  function isWorking(): boolean {
    return isWorkingState(machine.state);
  }

  function schedulePump(): void {
    if (pumpScheduled) return;
    pumpScheduled = true;
    queueMicrotask(() => {
      pumpScheduled = false;
      pump();
    });
  }

  /** All that follows from an input or a command: frames leave, events are told, the socket is read or held. */
  function pump(): void {
    if (!socket.destroyed) sendFrames();
    for (let event = machine.pollEvent(); event !== null; event = machine.pollEvent()) handleEvent(event);
    if (isWorking()) holdOrRead();
  }

  /** Sends what the machine has, as far as the socket takes it without piling up, in as few system calls as can be. */
  function sendFrames(): void {
    socket.cork();
    while (socket.writableLength < SOCKET_BACKLOG_BYTES || !isWorking()) {
      const output = machine.pollOutput();
      if (output !== null) {
        writer.write(output);
        lastWordsTimer?.refresh();
      } else if (goodbyeDue && isWorking()) machine.leave(null);
      else break;
    }
    writer.flush();
    socket.uncork();
  }

  /** Nothing is read from a peer that does not read our answers, or that talks faster than anybody listens. */
  function holdOrRead(): void {
    const heldBytes = machine.mux.controlBacklogBytes + unreadBytes;
    if (heldBytes > CONTROL_BACKLOG_BYTES) socket.pause();
    else if (socket.isPaused()) socket.resume();
  }

  function handleEvent(event: LinkEvent): void {
    switch (event.kind) {
      case 'greeted':
        clearTimeout(helloTimer);
        return peer.resolve(event.peer);
      case 'login':
        return void settle(() => judge(event.login), machine.decide);
      case 'chosen':
        return void settle(() => prove(event.offer), machine.prove);
      case 'opened':
        return incoming.push(addChannel(event.channel, event.request, []));
      case 'rtt-wanted':
        schedulePump();
        return void pings.send();
      case 'pong':
        return pings.handlePong(event.payload);
      case 'ended':
        return handleEnded(event.end);
      default:
        inlets.get(event.channel)?.handleEvent(event);
        if (event.kind === 'closed') inlets.delete(event.channel);
    }
  }

  function judge(login: Login | null): Promise<Verdict> {
    if (options.judge) return options.judge(login);
    throw new RexaError('INTERNAL', ['nobody judges logins here']);
  }

  function prove(offer: number): Promise<string> {
    if (options.prove) return options.prove(offer);
    throw new RexaError('INTERNAL', ['nobody proves offers here']);
  }

  /** Goes on with an answer that takes its time; without one the link ends. */
  async function settle<Answer>(ask: () => Promise<Answer>, goOn: (answer: Answer) => void): Promise<void> {
    try {
      goOn(await ask());
    } catch (error) {
      machine.leave(
        error instanceof RexaError ? error : new RexaError('INTERNAL', ['the login'], { cause: error }),
      );
    }
    pump();
  }

  function addChannel(id: ChannelId, request: JsonObject, granted: readonly StreamNumber[]): LinkChannel {
    const port: ChannelPort = { mux: machine.mux, channel: id, schedulePump, now, countUnread };
    const inlet = createLinkChannel(port, request, granted);
    inlets.set(id, inlet);
    return inlet.channel;
  }

  function countUnread(bytes: number): void {
    unreadBytes += bytes;
    if (bytes < 0) schedulePump();
  }

  function handleEnded(end: LinkEnd): void {
    clearTimeout(helloTimer);
    peer.resolve(null);
    for (const inlet of inlets.values()) inlet.handleLinkEnd(end);
    inlets.clear();
    incoming.end();
    pings.handleLinkEnd();
    ended.resolve(end);
    // Our last words are followed by a half-close, and a peer that still sends is read a little longer, so that they
    // arrive. After the peer's last words, or without any, nobody waits for ours.
    if (machine.state !== 'leaving') return void socket.destroy();
    socket.end();
    armLastWordsTimer();
  }

  function armHelloTimer(): NodeJS.Timeout {
    const deadlineMs = machine.nextDeadlineMs ?? now();
    return setTimeout(() => {
      // The deadline itself: a timer may fire a moment before it by this clock.
      machine.handleTime(deadlineMs);
      pump();
    }, deadlineMs - now());
  }

  function armLastWordsTimer(): void {
    lastWordsTimer ??= setTimeout(() => socket.destroy(), LAST_WORDS_MS);
  }

  function handleBytes(bytes: Uint8Array): void {
    if (isWorking()) {
      noteRead(bytes.length);
      machine.handleBytes(bytes);
      return pump();
    }
    drainedBytes += bytes.length;
    if (drainedBytes > LAST_WORDS_DRAIN_BYTES) socket.pause();
  }

  function handleEnd(): void {
    machine.handleEnd();
    pump();
  }

  function handleClose(): void {
    clearTimeout(lastWordsTimer);
    handleEnd();
    lastWordsSaid.resolve();
    closed.resolve();
  }

  socket.on('data', handleBytes);
  socket.on('drain', pump);
  socket.on('end', handleEnd);
  socket.on('finish', lastWordsSaid.resolve);
  socket.on('error', () => {});
  socket.on('close', handleClose);
  if (socket.closed) queueMicrotask(handleClose);
  schedulePump();

  return {
    peer: peer.promise,
    ended: ended.promise,
    closed: closed.promise,
    open(request, receive) {
      const streams = receive as readonly StreamNumber[];
      if (!isWorking() || goodbyeDue) throw new RexaError('CLOSED', ['link']);
      const id = machine.mux.open(request, streams, now());
      schedulePump();
      return addChannel(id, request, streams);
    },
    nextChannel: () => incoming.next(),
    ping() {
      if (!isWorking()) return Promise.resolve(null);
      schedulePump();
      return pings.send();
    },
    leave(error) {
      if (isWorking()) {
        if (error) machine.leave(error);
        else goodbyeDue = true;
        armLastWordsTimer();
        schedulePump();
      }
      return lastWordsSaid.promise;
    },
    get channelCount() {
      return inlets.size;
    },
  };
}
