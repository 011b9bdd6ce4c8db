import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
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
import { createAsyncQueue } from './async-queue.ts';
import { type ChannelInlet, createLinkChannel, type LinkChannel } from './channel.ts';
import type { StreamPort } from './channel-stream.ts';
import { writeFrame } from './write-frame.ts';

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
  /** Says goodbye once everything written has left, or at once with an error; resolves when it has left. */
  leave(error?: RexaError): Promise<void>;
  readonly channelCount: number;
}

/** Drives a link's machine over a socket: bytes in, frames out, timers. The socket belongs to the link from here on. */
export function attachLink(socket: Socket, greeting: Greeting, processBudget?: Budget): Link {
  const now = (): number => performance.now();
  const machine = createLinkMachine(greeting, now(), processBudget);
  const inlets = new Map<ChannelId, ChannelInlet>();
  const incoming = createAsyncQueue<LinkChannel>();
  const pings = new Map<number, { sentAtMs: number; resolve: (rttMs: number | null) => void }>();
  const peer = Promise.withResolvers<PeerInfo | null>();
  const ended = Promise.withResolvers<LinkEnd>();
  const closed = Promise.withResolvers<void>();
  let nextPing = 0;
  let pumpScheduled = false;
  let drainedBytes = 0;
  let helloTimer: NodeJS.Timeout | null = null;

  function schedulePump(): void {
    if (pumpScheduled) return;
    pumpScheduled = true;
    queueMicrotask(() => {
      pumpScheduled = false;
      pump();
    });
  }

  /** Sends what the machine has, as far as the socket takes it without piling up, in as few system calls as can be. */
  function pump(): void {
    if (socket.destroyed) return;
    socket.cork();
    while (socket.writableLength < SOCKET_BACKLOG_BYTES) {
      const output = machine.pollOutput();
      if (output === null) break;
      writeFrame(socket, output);
    }
    socket.uncork();
    handleEvents();
    // Nobody reads from a peer that does not read the answers: its own backlog would grow here.
    if (machine.mux.controlBacklogBytes > CONTROL_BACKLOG_BYTES) socket.pause();
    else if (machine.state === 'open' || machine.state === 'greeting') socket.resume();
  }

  /** Resolves when everything that may be sent now has left for the kernel, or the socket is gone. */
  async function flush(): Promise<void> {
    do {
      pump();
      await new Promise<void>((resolve) => socket.write(NO_BYTES, () => resolve()));
    } while (!socket.destroyed && machine.mux.hasOutput);
  }

  function handleEvents(): void {
    for (let event = machine.pollEvent(); event !== null; event = machine.pollEvent()) handleEvent(event);
  }

  function handleEvent(event: LinkEvent): void {
    switch (event.kind) {
      case 'greeted':
        stopHelloTimer();
        return peer.resolve(event.peer);
      case 'opened':
        return incoming.push(addChannel(event.channel, event.request, []));
      case 'pong':
        return handlePong(event.payload);
      case 'ended':
        return handleEnded(event.end);
      default:
        inlets.get(event.channel)?.handleEvent(event);
        if (event.kind === 'closed') inlets.delete(event.channel);
    }
  }

  function addChannel(id: ChannelId, request: JsonObject, granted: readonly StreamNumber[]): LinkChannel {
    const port: StreamPort = { mux: machine.mux, channel: id, schedulePump, now };
    const inlet = createLinkChannel(port, request, granted);
    inlets.set(id, inlet);
    return inlet.channel;
  }

  function handlePong(payload: Uint8Array): void {
    const id = new DataView(payload.buffer, payload.byteOffset).getUint32(4);
    const ping = pings.get(id);
    if (!ping) return;
    pings.delete(id);
    const rttMs = now() - ping.sentAtMs;
    machine.mux.setRtt(rttMs);
    ping.resolve(rttMs);
  }

  function handleEnded(end: LinkEnd): void {
    stopHelloTimer();
    peer.resolve(null);
    for (const inlet of inlets.values()) inlet.handleLinkEnd(end);
    inlets.clear();
    incoming.end();
    for (const ping of pings.values()) ping.resolve(null);
    pings.clear();
    ended.resolve(end);
    closeSocket(end);
  }

  /** Last words are followed by a half-close; a peer that still sends is read a little longer, so that they arrive. */
  function closeSocket(end: LinkEnd): void {
    if (end.kind === 'lost') return void socket.destroy();
    queueMicrotask(() => {
      pump();
      socket.end();
    });
    setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref();
  }

  function stopHelloTimer(): void {
    if (helloTimer) clearTimeout(helloTimer);
    helloTimer = null;
  }

  function handleBytes(bytes: Uint8Array): void {
    if (machine.state === 'greeting' || machine.state === 'open') {
      machine.handleBytes(bytes, now());
      pump();
      return;
    }
    drainedBytes += bytes.length;
    if (drainedBytes > LAST_WORDS_DRAIN_BYTES) socket.pause();
  }

  function handleSocketEnd(): void {
    machine.handleEnd();
    handleEvents();
    socket.end();
  }

  socket.on('data', handleBytes);
  socket.on('drain', pump);
  socket.on('end', handleSocketEnd);
  socket.on('error', () => {});
  socket.on('close', () => {
    machine.handleEnd();
    handleEvents();
    closed.resolve();
  });
  if (machine.nextDeadlineMs !== null) {
    helloTimer = setTimeout(() => {
      machine.handleTime(now() + 1);
      pump();
    }, machine.nextDeadlineMs - now());
  }
  schedulePump();

  return {
    peer: peer.promise,
    ended: ended.promise,
    closed: closed.promise,
    open(request, receive) {
      const streams = receive as readonly StreamNumber[];
      if (machine.state !== 'greeting' && machine.state !== 'open') throw new RexaError('CLOSED', ['link']);
      const id = machine.mux.open(request, streams, now());
      schedulePump();
      return addChannel(id, request, streams);
    },
    nextChannel: () => incoming.next(),
    ping() {
      return new Promise((resolve) => {
        if (machine.state !== 'greeting' && machine.state !== 'open') return resolve(null);
        const payload = new Uint8Array(8);
        new DataView(payload.buffer).setUint32(4, nextPing);
        pings.set(nextPing, { sentAtMs: now(), resolve });
        nextPing = (nextPing + 1) >>> 0;
        machine.mux.ping(payload);
        schedulePump();
      });
    },
    async leave(error) {
      if (machine.state !== 'greeting' && machine.state !== 'open') return;
      if (!error) await flush();
      machine.leave(error ?? null);
      const gone = new Promise<void>((resolve) => socket.once('finish', resolve).once('close', resolve));
      pump();
      await gone;
    },
    get channelCount() {
      return inlets.size;
    },
  };
}

const NO_BYTES = new Uint8Array(0);
