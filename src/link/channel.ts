import { type ChannelId, type StreamNumber, toStreamNumber } from '../framing/frame.ts';
import type { JsonObject } from '../protocol/control.ts';
import { RexaError } from '../protocol/errors.ts';
import type { LinkEnd } from '../protocol/link-end.ts';
import type { MuxEvent } from '../protocol/mux.ts';
import { createAsyncQueue } from '../runtime/async-queue.ts';
import { ChannelInput, ChannelOutput, type StreamPort } from './channel-stream.ts';
import { RELAYED_CONTROL_BYTES } from './limits.ts';

/** What comes on a channel that is relayed, in its order. */
export interface RelayHandler {
  handleMessage(message: JsonObject): void;
  handleData(stream: StreamNumber, bytes: Uint8Array): void;
  handleEnd(stream: StreamNumber): void;
  /** The peer takes bytes of a stream up to this offset. */
  handleCredit(stream: StreamNumber, offset: number): void;
  /** Called once, and last. */
  handleEnded(end: ChannelEnd): void;
}

/** A channel without streams of Node: what is written waits for the credit that its peer has given, and for nothing else. */
export interface RelayedChannel {
  /** @throws RexaError RELAY_TOO_SLOW, CONTROL_TOO_LARGE */
  send(message: JsonObject): void;
  write(stream: StreamNumber, bytes: Uint8Array): void;
  end(stream: StreamNumber): void;
  grant(stream: StreamNumber, offset: number): void;
  /** @throws RexaError CONTROL_TOO_LARGE */
  close(last: JsonObject): void;
  abort(last: JsonObject): void;
}

/** How a channel ended: by the peer's last word, or with its link. */
export type ChannelEnd =
  | { readonly kind: 'closed'; readonly last: JsonObject }
  | {
      readonly kind: 'link-ended';
      readonly end: LinkEnd;
      /** At the opener: whether a byte of the request was handed to a connection. */
      readonly wasSent: boolean;
    };

/** One request and what belongs to it, at either end. */
export interface LinkChannel {
  readonly id: ChannelId;
  /** What the opener asked for; nothing, once it was released. */
  readonly request: JsonObject;
  /** Nobody needs the request any more: its memory is free. */
  releaseRequest(): void;
  /** What the peer sends on the stream of this number. */
  input(number: number): ChannelInput;
  /** The stream of this number to the peer. What is written to it is not changed afterwards. */
  output(number: number): ChannelOutput;
  /** What waits in each of the channel's streams, in each direction: said before one of them is asked for. */
  limitBuffers(bytes: number): void;
  /** @throws RexaError CONTROL_TOO_LARGE */
  send(message: JsonObject): void;
  /** The peer's next message; null when no more can come. They are read: a link stops for too many unread ones. */
  nextMessage(): Promise<JsonObject | null>;
  /**
   * Calls this with each message at its arrival, before any data that its sender sent after it, and with those that
   * wait. In the place of `nextMessage`, where the order of messages and data matters.
   */
  takeMessages(handle: (message: JsonObject) => void): void;
  /**
   * Leaves the channel to whoever relays it, before one of its streams was asked for. All that has come is told at once.
   */
  relay(handler: RelayHandler): RelayedChannel;
  /** Sends the last word, behind everything written on the streams. @throws RexaError CONTROL_TOO_LARGE */
  close(last: JsonObject): void;
  /** Sends the last word at once; what was written and not sent is thrown away. @throws RexaError CONTROL_TOO_LARGE */
  abort(last: JsonObject): void;
  /** Whether the channel keeps the process alive, as it does at first. */
  setRef(isRef: boolean): void;
  /** Resolves once, never rejects: with the peer's last word (`{}` if this end closed first), or with the link's end. */
  readonly ended: Promise<ChannelEnd>;
}

/** What a channel needs of its link. */
export interface ChannelPort extends StreamPort {
  /** A channel keeps the process alive from now on, or does not. */
  applyRef(): void;
  /** More, or less if negative, bytes of messages wait for their reader. */
  countUnread(bytes: number): void;
  /** As `Link.isBehind`. */
  isBehind(): boolean;
}

/** Events that are not of one channel, or of one that is to be. */
type OfLinks = 'opened' | 'ping' | 'pong' | 'rtt-wanted';

/** The link's side of a channel. */
export interface ChannelInlet {
  readonly channel: LinkChannel;
  /** Whether it keeps the process alive. */
  readonly isRef: boolean;
  handleEvent(event: Exclude<MuxEvent, { kind: OfLinks }>): void;
  handleLinkEnd(end: LinkEnd, wasSent: boolean): void;
}

/** @param granted the streams whose first credit has gone out already */
export function createLinkChannel(
  port: ChannelPort,
  asked: JsonObject,
  granted: readonly StreamNumber[],
): ChannelInlet {
  let request = asked;
  const inputs = new Map<StreamNumber, ChannelInput>();
  const outputs = new Map<StreamNumber, ChannelOutput>();
  let bufferBytes: number | undefined;
  const messages = createAsyncQueue<{ message: JsonObject; bytes: number }>();
  const { promise: ended, resolve: reportEnd } = Promise.withResolvers<ChannelEnd>();
  let unreadBytes = 0;
  let isRef = true;
  let handleMessage: ((message: JsonObject) => void) | null = null;
  /** What has ended, once it has. */
  let over: 'channel' | 'link' | null = null;
  let relayed: RelayHandler | null = null;
  let lastEnd: ChannelEnd | null = null;

  function findInput(number: StreamNumber): ChannelInput {
    return find(inputs, number, () => new ChannelInput(port, number, granted.includes(number), bufferBytes));
  }

  function findOutput(number: StreamNumber): ChannelOutput {
    return find(outputs, number, () => new ChannelOutput(port, number, bufferBytes));
  }

  function find<Stream extends ChannelInput | ChannelOutput>(
    streams: Map<StreamNumber, Stream>,
    number: StreamNumber,
    create: () => Stream,
  ): Stream {
    const known = streams.get(number);
    if (known) return known;
    const stream = create();
    streams.set(number, stream);
    // First asked for after the end: nothing comes any more
    if (over !== null) stream.handleClosed(over);
    return stream;
  }

  function closeStreams(what: 'channel' | 'link', isRefused = false): void {
    for (const stream of inputs.values()) stream.handleClosed(what, isRefused);
    for (const stream of outputs.values()) stream.handleClosed(what);
  }

  function countUnread(bytes: number): void {
    unreadBytes += bytes;
    port.countUnread(bytes);
  }

  function finish(end: ChannelEnd, what: 'channel' | 'link'): void {
    countUnread(-unreadBytes);
    over = what;
    messages.end();
    closeStreams(what, end.kind === 'closed' && 'error' in end.last);
    lastEnd = end;
    reportEnd(end);
    relayed?.handleEnded(end);
  }

  return {
    channel: {
      id: port.channel,
      get request() {
        return request;
      },
      releaseRequest() {
        request = {};
        port.mux.releaseRequest(port.channel);
      },
      input: (number) => findInput(toStreamNumber(number)),
      output: (number) => findOutput(toStreamNumber(number)),
      limitBuffers(bytes) {
        bufferBytes = bytes;
        port.mux.limitQueues(port.channel, bytes);
      },
      send(message) {
        port.mux.sendMessage(port.channel, message);
        port.schedulePump();
      },
      async nextMessage() {
        const next = await messages.next();
        // After the channel's end nothing is counted any more.
        if (next && unreadBytes > 0) countUnread(-next.bytes);
        return next?.message ?? null;
      },
      takeMessages(handle) {
        handleMessage = handle;
        for (let next = messages.take(); next !== undefined; next = messages.take()) {
          if (unreadBytes > 0) countUnread(-next.bytes);
          handle(next.message);
        }
      },
      relay(handler) {
        relayed = handler;
        const { mux, channel } = port;
        for (const [stream, offset] of mux.relay(channel)) handler.handleCredit(stream, offset);
        this.takeMessages((message) => handler.handleMessage(message));
        for (const [stream, { hasEnded }] of inputs) if (hasEnded) handler.handleEnd(stream);
        if (lastEnd !== null) handler.handleEnded(lastEnd);
        const pumped =
          <Args extends unknown[]>(act: (...args: Args) => unknown) =>
          (...args: Args): void => {
            act(...args);
            port.schedulePump();
          };
        return {
          send: pumped((message: JsonObject) => {
            if (port.isBehind()) throw new RexaError('RELAY_TOO_SLOW', [RELAYED_CONTROL_BYTES]);
            mux.sendMessage(channel, message);
          }),
          write: pumped((stream: StreamNumber, bytes: Uint8Array) => mux.write(channel, stream, bytes)),
          end: pumped((stream: StreamNumber) => mux.end(channel, stream)),
          grant: pumped((stream: StreamNumber, offset: number) => mux.grant(channel, stream, offset)),
          close: pumped((last: JsonObject) => mux.close(channel, last)),
          abort: pumped((last: JsonObject) => mux.abort(channel, last)),
        };
      },
      close(last) {
        for (const stream of outputs.values()) stream.flush();
        port.mux.close(port.channel, last);
        port.schedulePump();
      },
      abort(last) {
        port.mux.abort(port.channel, last);
        port.schedulePump();
        // The mux drops what still comes: whoever reads or writes here is told now.
        closeStreams('channel');
      },
      setRef(wanted) {
        isRef = wanted;
        port.applyRef();
      },
      ended,
    },
    get isRef() {
      return isRef;
    },
    handleEvent(event) {
      if (relayed !== null && event.kind !== 'closed') return relayEvent(relayed, event);
      switch (event.kind) {
        case 'message':
          if (handleMessage) return handleMessage(event.message);
          countUnread(event.bytes);
          return messages.push(event);
        case 'data':
          return findInput(event.stream).handleData(event.bytes);
        case 'end':
          return findInput(event.stream).handleEnd();
        case 'credit':
          return;
        case 'writable':
          return findOutput(event.stream).handleWritable();
        case 'closed':
          return finish({ kind: 'closed', last: event.last }, 'channel');
      }
    },
    handleLinkEnd: (end, wasSent) => finish({ kind: 'link-ended', end, wasSent }, 'link'),
  };
}

function relayEvent(handler: RelayHandler, event: Exclude<MuxEvent, { kind: OfLinks | 'closed' }>): void {
  switch (event.kind) {
    case 'message':
      return handler.handleMessage(event.message);
    case 'data':
      return handler.handleData(event.stream, event.bytes);
    case 'end':
      return handler.handleEnd(event.stream);
    case 'credit':
      return handler.handleCredit(event.stream, event.offset);
    case 'writable':
      return;
    default:
      return event satisfies never;
  }
}
