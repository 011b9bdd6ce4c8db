import {
  type ChannelId,
  FRAME_TYPE,
  type Frame,
  LINK,
  STREAM_FRAME_TYPE,
  type StreamNumber,
} from '../framing/frame.ts';
import { type Budget, createBudget } from './budget.ts';
import { type Channel, createChannel } from './channel.ts';
import { nextChannelState } from './channel-state.ts';
import {
  type ControlName,
  createControlJoiner,
  decodeControl,
  encodeControl,
  type JsonObject,
} from './control.ts';
import { RexaError } from './errors.ts';
import { LINK_WINDOW_BUDGET_BYTES, MAX_CHANNELS_PER_LINK, STREAM_QUEUE_BYTES } from './limits.ts';
import { createSendOrder } from './send-order.ts';

/** What the mux has to tell: polled in the order it happened. */
export type MuxEvent =
  | { readonly kind: 'opened'; readonly channel: ChannelId; readonly request: JsonObject }
  | { readonly kind: 'message'; readonly channel: ChannelId; readonly message: JsonObject }
  | {
      readonly kind: 'data';
      readonly channel: ChannelId;
      readonly stream: StreamNumber;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'end'; readonly channel: ChannelId; readonly stream: StreamNumber }
  /** The writer of this stream may go on: its queue has room again. */
  | { readonly kind: 'writable'; readonly channel: ChannelId; readonly stream: StreamNumber }
  /** The peer's last word; nothing else comes of this channel, and what was queued for it is gone. */
  | { readonly kind: 'closed'; readonly channel: ChannelId; readonly last: JsonObject }
  | { readonly kind: 'pong'; readonly payload: Uint8Array };

/** Which end of the link this is: it decides whose channel numbers are odd. */
export type Role = 'client' | 'daemon';

/**
 * Channels over frames, sans IO: `handle…` takes input, commands change what is to be sent, `poll…` gives output.
 * docs/protocol.md, 4 and 5. Errors that it throws break the protocol: they end the link.
 */
export interface Mux {
  /** @throws RexaError of reaction `link` */
  handleFrame(frame: Frame): void;
  /** Opens a channel and grants credit to the streams that will be read. @throws RexaError CHANNELS_EXHAUSTED, CONTROL_TOO_LARGE */
  open(request: JsonObject, receive: readonly StreamNumber[], nowMs: number): ChannelId;
  /** Grants first credit to a stream of a channel that the peer opened. */
  receive(channel: ChannelId, stream: StreamNumber, nowMs: number): void;
  sendMessage(channel: ChannelId, message: JsonObject): void;
  /** Queues bytes; false when the writer should wait for `writable`. */
  write(channel: ChannelId, stream: StreamNumber, bytes: Uint8Array): boolean;
  end(channel: ChannelId, stream: StreamNumber): void;
  /** Says that the user took bytes of a stream, which is what earns the peer new credit. */
  consume(channel: ChannelId, stream: StreamNumber, bytes: number, nowMs: number): void;
  /** Sends the last word, behind everything that is queued on the channel's streams. */
  close(channel: ChannelId, last: JsonObject): void;
  /** Throws away what is queued on the channel and sends the last word at once. */
  abort(channel: ChannelId, last: JsonObject): void;
  ping(payload: Uint8Array): void;
  /** The path's round trip, for the growth of windows. */
  setRtt(rttMs: number): void;
  pollFrame(): Frame | null;
  pollEvent(): MuxEvent | null;
  /** Every byte written on this channel and stream has been made into frames, or thrown away. */
  isStreamDrained(channel: ChannelId, stream: StreamNumber): boolean;
  /** Control bytes that wait to be sent: above a limit, read nothing more from this peer. */
  readonly controlBacklogBytes: number;
  readonly channelCount: number;
  /** Whether `pollFrame` has something to give. */
  readonly hasOutput: boolean;
}

export function createMux(role: Role, processBudget?: Budget): Mux {
  const channels = new Map<ChannelId, Channel>();
  const joiner = createControlJoiner();
  const order = createSendOrder();
  const events: MuxEvent[] = [];
  const budget = createBudget(LINK_WINDOW_BUDGET_BYTES, processBudget);
  let nextOwnId = role === 'client' ? 1 : 2;
  let lastPeerId = 0;
  let rttMs: number | null = null;

  function queueControl(name: ControlName, channel: ChannelId, message: JsonObject): void {
    for (const frame of encodeControl(name, channel, message)) order.queueControl(frame);
  }

  function findChannel(id: ChannelId, what: string): Channel {
    const channel = channels.get(id);
    if (!channel) throw new RexaError('FRAME_MISPLACED', [what, `channel ${id} is not open`]);
    return channel;
  }

  function step(channel: Channel, how: 'close-sent' | 'close-received'): void {
    const next = nextChannelState(channel.state, how);
    if (next === null)
      throw new RexaError('FRAME_MISPLACED', ['close', `channel ${channel.id} is ${channel.state}`]);
    channel.state = next;
    if (next === 'closed') {
      channel.release();
      channels.delete(channel.id);
    }
  }

  function sendClose(channel: Channel, last: JsonObject): void {
    queueControl('close', channel.id, last);
    step(channel, 'close-sent');
  }

  /** A queued last word goes as soon as nothing of its channel is left in front of it. */
  function closeIfDrained(channel: Channel): void {
    if (channel.lastWord === null || channel.state !== 'open' || !channel.isDrained()) return;
    sendClose(channel, channel.lastWord);
  }

  function discardOutput(channel: Channel): void {
    for (const stream of channel.sendStreams()) order.remove(channel, stream);
    channel.discard();
  }

  function handleOpen(frame: Frame): void {
    const id = frame.channel;
    const request = decodeControl('open', joiner.finish(frame));
    const ofPeer = role === 'client' ? id % 2 === 0 : id % 2 === 1;
    if (!ofPeer || id <= lastPeerId) {
      throw new RexaError('FRAME_MISPLACED', ['open', `channel ${id} is not the peer's next number`]);
    }
    lastPeerId = id;
    const channel = createChannel(id, budget);
    channels.set(id, channel);
    if (channels.size > MAX_CHANNELS_PER_LINK) {
      const error = new RexaError('CHANNELS_EXHAUSTED', [MAX_CHANNELS_PER_LINK]);
      sendClose(channel, { error: { code: error.code, message: error.message } });
      return;
    }
    events.push({ kind: 'opened', channel: id, request });
  }

  function handleMessage(frame: Frame): void {
    const channel = findChannel(frame.channel, 'message');
    const message = decodeControl('message', joiner.finish(frame));
    if (channel.state === 'open') events.push({ kind: 'message', channel: channel.id, message });
  }

  function handleClose(frame: Frame): void {
    const channel = findChannel(frame.channel, 'close');
    const last = decodeControl('close', joiner.finish(frame));
    const answered = channel.state === 'closing';
    step(channel, 'close-received');
    if (answered) return;
    discardOutput(channel);
    sendClose(channel, {});
    events.push({ kind: 'closed', channel: channel.id, last });
  }

  function handleData(frame: Frame, stream: StreamNumber): void {
    const channel = findChannel(frame.channel, 'data');
    if (frame.payload.length === 0) throw new RexaError('FRAME_PAYLOAD', ['data', 0, 'some']);
    channel.receiveData(stream, frame.payload.length);
    if (channel.state === 'open')
      events.push({ kind: 'data', channel: channel.id, stream, bytes: frame.payload });
  }

  function handleEnd(frame: Frame, stream: StreamNumber): void {
    const channel = findChannel(frame.channel, 'end');
    if (frame.payload.length > 0) throw new RexaError('FRAME_PAYLOAD', ['end', frame.payload.length, 0]);
    channel.receiveEnd(stream);
    if (channel.state === 'open') events.push({ kind: 'end', channel: channel.id, stream });
  }

  function handleCredit(frame: Frame, stream: StreamNumber): void {
    const channel = findChannel(frame.channel, 'credit');
    const offset = readOffset(frame, stream);
    if (channel.state !== 'open') return;
    channel.sender(stream).raiseLimit(offset);
    order.update(channel, stream);
  }

  function handleStreamFrame(frame: Frame): void {
    const stream = (frame.type & 0x0f) as StreamNumber;
    switch (frame.type & 0xf0) {
      case STREAM_FRAME_TYPE.data:
        return handleData(frame, stream);
      case STREAM_FRAME_TYPE.end:
        return handleEnd(frame, stream);
      case STREAM_FRAME_TYPE.credit:
        return handleCredit(frame, stream);
      default:
        throw new RexaError('FRAME_UNKNOWN', [`0x${frame.type.toString(16).padStart(2, '0')}`, 1]);
    }
  }

  function handlePing(frame: Frame): void {
    if (frame.payload.length !== 8)
      throw new RexaError('FRAME_PAYLOAD', ['ping or pong', frame.payload.length, 8]);
    if (frame.type === FRAME_TYPE.pong) events.push({ kind: 'pong', payload: frame.payload.slice() });
    else order.queueControl({ type: FRAME_TYPE.pong, channel: LINK, payload: frame.payload.slice() });
  }

  /** After a frame of a stream has left: is its writer free again, is its channel's last word due? */
  function noteSent(channel: Channel, stream: StreamNumber): void {
    if (channel.takeWaiting(stream, STREAM_QUEUE_BYTES))
      events.push({ kind: 'writable', channel: channel.id, stream });
    closeIfDrained(channel);
  }

  return {
    handleFrame(frame) {
      checkChannelField(frame);
      switch (frame.type) {
        case FRAME_TYPE.ping:
        case FRAME_TYPE.pong:
          return handlePing(frame);
        case FRAME_TYPE.open:
          return handleOpen(frame);
        case FRAME_TYPE.message:
          return handleMessage(frame);
        case FRAME_TYPE.close:
          return handleClose(frame);
        case FRAME_TYPE.more:
          return joiner.handlePiece(frame);
        default:
          return handleStreamFrame(frame);
      }
    },
    open(request, receive, nowMs) {
      if (channels.size >= MAX_CHANNELS_PER_LINK)
        throw new RexaError('CHANNELS_EXHAUSTED', [MAX_CHANNELS_PER_LINK]);
      const id = nextOwnId as ChannelId;
      queueControl('open', id, request);
      nextOwnId += 2;
      channels.set(id, createChannel(id, budget));
      for (const stream of receive) this.receive(id, stream, nowMs);
      return id;
    },
    receive(id, stream, nowMs) {
      const channel = channels.get(id);
      if (channel?.state !== 'open') return;
      order.queueControl(encodeCredit(id, stream, channel.receiver(stream).open(nowMs)));
    },
    sendMessage(id, message) {
      const channel = channels.get(id);
      if (channel?.state === 'open' && channel.lastWord === null) queueControl('message', id, message);
    },
    write(id, stream, bytes) {
      const channel = channels.get(id);
      if (channel?.state !== 'open' || channel.lastWord !== null) return true;
      channel.sender(stream).write(bytes);
      order.update(channel, stream);
      return channel.noteWaiting(stream, STREAM_QUEUE_BYTES);
    },
    end(id, stream) {
      const channel = channels.get(id);
      if (channel?.state !== 'open') return;
      channel.sender(stream).end();
      order.update(channel, stream);
    },
    consume(id, stream, bytes, nowMs) {
      const channel = channels.get(id);
      if (channel?.state !== 'open') return;
      const offset = channel.receiver(stream).consume(bytes, nowMs, rttMs);
      if (offset !== null && !channel.hasEnded(stream)) order.queueControl(encodeCredit(id, stream, offset));
    },
    close(id, last) {
      const channel = channels.get(id);
      if (channel?.state !== 'open' || channel.lastWord !== null) return;
      channel.lastWord = last;
      closeIfDrained(channel);
    },
    abort(id, last) {
      const channel = channels.get(id);
      if (channel?.state !== 'open') return;
      discardOutput(channel);
      sendClose(channel, last);
    },
    ping(payload) {
      order.queueControl({ type: FRAME_TYPE.ping, channel: LINK, payload });
    },
    setRtt(measuredMs) {
      rttMs = measuredMs;
    },
    pollFrame() {
      const next = order.next();
      if (next === null) return null;
      if (next.sentBy) noteSent(next.sentBy.channel, next.sentBy.stream);
      return next.frame;
    },
    pollEvent: () => events.shift() ?? null,
    isStreamDrained(id, stream) {
      const channel = channels.get(id);
      return channel?.state !== 'open' || channel.sender(stream).isDrained;
    },
    get controlBacklogBytes() {
      return order.controlBytes;
    },
    get channelCount() {
      return channels.size;
    },
    get hasOutput() {
      return order.hasOutput;
    },
  };
}

/** Frames of the link stand on channel 0, all others but `more` on another. @throws RexaError FRAME_MISPLACED */
function checkChannelField(frame: Frame): void {
  const ofLink = frame.type === FRAME_TYPE.ping || frame.type === FRAME_TYPE.pong;
  if (frame.type === FRAME_TYPE.more || ofLink === (frame.channel === LINK)) return;
  const name = `type 0x${frame.type.toString(16).padStart(2, '0')}`;
  throw new RexaError('FRAME_MISPLACED', [name, `on channel ${frame.channel}`]);
}

function encodeCredit(channel: ChannelId, stream: StreamNumber, offset: number): Frame {
  const payload = new Uint8Array(8);
  new DataView(payload.buffer).setBigUint64(0, BigInt(offset));
  return { type: STREAM_FRAME_TYPE.credit + stream, channel, payload };
}

/** @throws RexaError FRAME_PAYLOAD, CREDIT_INVALID */
function readOffset(frame: Frame, stream: StreamNumber): number {
  const { payload } = frame;
  if (payload.length !== 8) throw new RexaError('FRAME_PAYLOAD', ['credit', payload.length, 8]);
  const offset = new DataView(payload.buffer, payload.byteOffset, 8).getBigUint64(0);
  if (offset > BigInt(Number.MAX_SAFE_INTEGER))
    throw new RexaError('CREDIT_INVALID', [stream, frame.channel, offset]);
  return Number(offset);
}
