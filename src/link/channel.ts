import type { Duplex } from 'node:stream';
import type { ChannelId, StreamNumber } from '../framing/frame.ts';
import type { JsonObject } from '../protocol/control.ts';
import { RexaError } from '../protocol/errors.ts';
import type { LinkEnd } from '../protocol/link-machine.ts';
import type { MuxEvent } from '../protocol/mux.ts';
import { createAsyncQueue } from './async-queue.ts';
import { ChannelStream, type StreamPort } from './channel-stream.ts';

/** How a channel ended: by the peer's last word, or with its link. */
export type ChannelEnd =
  | { readonly kind: 'closed'; readonly last: JsonObject }
  | { readonly kind: 'link-ended'; readonly end: LinkEnd };

/** One request and what belongs to it, at either end. */
export interface LinkChannel {
  readonly id: ChannelId;
  /** What the opener asked for. */
  readonly request: JsonObject;
  /** The stream of this number, both directions. */
  stream(number: number): Duplex;
  send(message: JsonObject): void;
  /** The peer's next message; null when no more can come. */
  nextMessage(): Promise<JsonObject | null>;
  /** Sends the last word, behind everything written on the streams. */
  close(last: JsonObject): void;
  /** Sends the last word at once; what was written and not sent is thrown away. */
  abort(last: JsonObject): void;
  /** Resolves once, never rejects; stays open if this end closes first. */
  readonly ended: Promise<ChannelEnd>;
}

/** The link's side of a channel. */
export interface ChannelInlet {
  readonly channel: LinkChannel;
  handleEvent(event: Exclude<MuxEvent, { kind: 'opened' | 'pong' }>): void;
  handleLinkEnd(end: LinkEnd): void;
}

/** @param granted the streams whose first credit has gone out already */
export function createLinkChannel(
  port: StreamPort,
  request: JsonObject,
  granted: readonly StreamNumber[],
): ChannelInlet {
  const streams = new Map<StreamNumber, ChannelStream>();
  const messages = createAsyncQueue<JsonObject>();
  const { promise: ended, resolve: tellEnd } = Promise.withResolvers<ChannelEnd>();

  function findStream(number: StreamNumber): ChannelStream {
    let stream = streams.get(number);
    if (!stream) streams.set(number, (stream = new ChannelStream(port, number, granted.includes(number))));
    return stream;
  }

  function finish(end: ChannelEnd, error: RexaError): void {
    messages.end();
    for (const stream of streams.values()) stream.handleClosed(error);
    tellEnd(end);
  }

  return {
    channel: {
      id: port.channel,
      request,
      stream: (number) => findStream(number as StreamNumber),
      send(message) {
        port.mux.sendMessage(port.channel, message);
        port.schedulePump();
      },
      nextMessage: () => messages.next(),
      close(last) {
        port.mux.close(port.channel, last);
        port.schedulePump();
      },
      abort(last) {
        port.mux.abort(port.channel, last);
        port.schedulePump();
      },
      ended,
    },
    handleEvent(event) {
      switch (event.kind) {
        case 'message':
          return messages.push(event.message);
        case 'data':
          return findStream(event.stream).handleData(event.bytes);
        case 'end':
          return findStream(event.stream).handleEnd();
        case 'writable':
          return findStream(event.stream).handleWritable();
        case 'closed':
          return finish({ kind: 'closed', last: event.last }, new RexaError('CLOSED', ['channel']));
      }
    },
    handleLinkEnd: (end) => finish({ kind: 'link-ended', end }, new RexaError('CLOSED', ['link'])),
  };
}
