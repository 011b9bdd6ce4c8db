import {
  type ChannelId,
  FRAME_TYPE,
  type Frame,
  HEADER_BYTES,
  LINK,
  STREAM_FRAME_TYPE,
  type StreamNumber,
} from '../framing/frame.ts';
import { type Budget, createBudget } from './budget.ts';
import { type Channel, createChannel } from './channel.ts';
import { nextChannelState } from './channel-state.ts';
import {
  createControlJoiner,
  decodeControl,
  encodeControl,
  type JsonObject,
  measureControl,
} from './control.ts';
import { encodeCredit, readCredit } from './credit-frame.ts';
import { RexaError } from './errors.ts';
import { createFifo } from './fifo.ts';
import { type Intake, unlimitedIntake } from './intake.ts';
import {
  CONTROL_ITEM_BYTES,
  LINK_WINDOW_BUDGET_BYTES,
  MAX_CHANNELS_PER_LINK,
  MAX_CONTROL_BYTES,
} from './limits.ts';
import { createSendOrder } from './send-order.ts';

/** What the mux has to tell: polled in the order it happened. */
export type MuxEvent =
  | { readonly kind: 'opened'; readonly channel: ChannelId; readonly request: JsonObject }
  | {
      readonly kind: 'message';
      readonly channel: ChannelId;
      readonly message: JsonObject;
      /** What it takes in memory, about: what it counts while nobody has read it. */
      readonly bytes: number;
    }
  | {
      readonly kind: 'data';
      readonly channel: ChannelId;
      readonly stream: StreamNumber;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'end'; readonly channel: ChannelId; readonly stream: StreamNumber }
  /** The writer of this stream may go on: its queue has room again. */
  | { readonly kind: 'writable'; readonly channel: ChannelId; readonly stream: StreamNumber }
  /** The peer's last word, once for every channel; nothing else comes of it, and what was queued for it is gone. */
  | { readonly kind: 'closed'; readonly channel: ChannelId; readonly last: JsonObject }
  | { readonly kind: 'pong'; readonly payload: Uint8Array }
  /** A stream is busy enough for its window to grow, if the path is long: time a ping, and say `setRtt`. */
  | { readonly kind: 'rtt-wanted' };

/** Which end of the link this is: it decides whose channel numbers are odd. */
export type Role = 'client' | 'daemon';

/**
 * Channels over frames, sans IO: `handle…` takes input, commands change what is to be sent, `poll…` gives output.
 * docs/protocol.md, 4 and 5. Errors that it throws break the protocol: they end the link.
 */
export interface Mux {
  readonly role: Role;
  /** @throws RexaError of reaction `link` */
  handleFrame(frame: Frame): void;
  /**
   * Opens a channel and grants credit to the streams that will be read.
   * @throws RexaError CHANNELS_EXHAUSTED, CONTROL_TOO_LARGE
   */
  open(
    request: JsonObject,
    receive: readonly StreamNumber[],
    nowMs: number,
    firstWindowBytes?: number,
  ): ChannelId;
  /** What of a stream of this channel may be queued before its writer has to wait. Default STREAM_QUEUE_BYTES. */
  limitQueues(channel: ChannelId, bytes: number): void;
  /** Grants first credit to a stream of a channel that the peer opened. */
  receive(channel: ChannelId, stream: StreamNumber, nowMs: number): void;
  /** @throws RexaError CONTROL_TOO_LARGE */
  sendMessage(channel: ChannelId, message: JsonObject): void;
  /** Queues bytes, which nobody writes to again; false when the writer should wait for `writable`. */
  write(channel: ChannelId, stream: StreamNumber, bytes: Uint8Array): boolean;
  end(channel: ChannelId, stream: StreamNumber): void;
  /** Says that the user took bytes of a stream, which is what earns the peer new credit. */
  consume(channel: ChannelId, stream: StreamNumber, bytes: number, nowMs: number): void;
  /** The request of this channel is not needed any more: what it took of the budget is free again. */
  releaseRequest(channel: ChannelId): void;
  /** Sends the last word, behind everything that is queued on the channel's streams. @throws RexaError CONTROL_TOO_LARGE */
  close(channel: ChannelId, last: JsonObject): void;
  /** Throws away what is queued on the channel and sends the last word at once. @throws RexaError CONTROL_TOO_LARGE */
  abort(channel: ChannelId, last: JsonObject): void;
  ping(payload: Uint8Array): void;
  /**
   * A round trip that was measured, for the growth of windows. The shortest counts: longer ones waited behind our own
   * data, and windows that grow by them would make them longer still.
   */
  setRtt(rttMs: number): void;
  /** @param dataAllowed false: streams wait, as there is no room to keep what they send */
  pollFrame(dataAllowed?: boolean): Frame | null;
  pollEvent(): MuxEvent | null;
  /** A new connection carries the link: what of the credit was lost with the old one is granted again. */
  restateCredit(): void;
  /** The link is over: every channel is forgotten, what their windows had grown by goes back to its budget. */
  handleLinkEnd(): void;
  /**
   * What closes and pongs that wait to be sent take in memory: above a limit, read nothing more from this peer. Requests
   * and messages don't count: they are our own user's, and two ends that both waited for theirs would wait for ever.
   */
  readonly controlBacklogBytes: number;
  readonly channelCount: number;
  /** Whether `pollFrame` has something to give. */
  readonly hasOutput: boolean;
}

/** Bytes of a ping and its pong. */
const PING_BYTES = 8;
/** The largest number that a channel's u32 holds. */
const LAST_CHANNEL_ID = 2 ** 32 - 1;

/** @param intake what the peer may send in control messages */
export function createMux(role: Role, processBudget?: Budget, intake: Intake = unlimitedIntake()): Mux {
  const channels = new Map<ChannelId, Channel>();
  const joiner = createControlJoiner(intake.budget);
  /** Requests that are refused, whose last frame has yet to come: why, and how many bytes of them have come. */
  const refused = new Map<ChannelId, { readonly error: RexaError; bytes: number }>();
  const events = createFifo<MuxEvent>();
  const budget = createBudget(LINK_WINDOW_BUDGET_BYTES, processBudget);
  let order = createSendOrder();
  let nextOwnId = role === 'client' ? 1 : 2;
  let lastPeerId = 0;
  let rttMs: number | null = null;
  /** The largest window for which the round trip was asked for. */
  let measuredWindowBytes = 0;

  function queueFrames(frames: readonly Frame[]): void {
    for (const frame of frames) order.queueControl(frame);
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

  function sendClose(channel: Channel, close: readonly Frame[]): void {
    for (const frame of close) order.queueAnswer(frame);
    step(channel, 'close-sent');
  }

  /** With the first bytes in bulk, and again before each further growth: a busy moment makes a round trip look long. */
  function wantRtt(windowBytes: number): void {
    if (windowBytes <= measuredWindowBytes) return;
    measuredWindowBytes = windowBytes;
    events.push({ kind: 'rtt-wanted' });
  }

  /** A queued last word goes as soon as nothing of its channel is left in front of it. */
  function closeIfDrained(channel: Channel): void {
    if (channel.lastWord !== null && channel.state === 'open' && channel.isDrained())
      sendClose(channel, channel.lastWord);
  }

  function discardOutput(channel: Channel): void {
    for (const stream of channel.sendStreams()) order.remove(channel, stream);
    channel.discard();
  }

  /** Whether the peer may still open a channel of this number. */
  function isNextOfPeer(id: ChannelId): boolean {
    return id > lastPeerId && id % 2 === (role === 'client' ? 0 : 1);
  }

  function handleOpen(frame: Frame): void {
    const id = frame.channel;
    if (!isNextOfPeer(id))
      throw new RexaError('FRAME_MISPLACED', ['open', `channel ${id} is not the peer's next number`]);
    const request = readRequest(frame);
    lastPeerId = id;
    const channel = createChannel(id, budget);
    channels.set(id, channel);
    // A refused channel counts until its peer has answered the close: one that never does is no peer.
    if (channels.size > 2 * MAX_CHANNELS_PER_LINK)
      throw new RexaError('FRAME_MISPLACED', ['open', `${channels.size} channels are open`]);
    if (request instanceof RexaError) return refuseChannel(channel, request);
    channel.hold(intake.budget, request.bytes);
    if (channels.size <= MAX_CHANNELS_PER_LINK)
      return events.push({ kind: 'opened', channel: id, request: request.message });
    refuseChannel(channel, new RexaError('CHANNELS_EXHAUSTED', [MAX_CHANNELS_PER_LINK]));
  }

  /** A request and the memory that it has taken of the budget, or why it is refused. @throws RexaError of reaction `link` */
  function readRequest(frame: Frame): { readonly message: JsonObject; readonly bytes: number } | RexaError {
    const known = refused.get(frame.channel);
    refused.delete(frame.channel);
    if (known) return known.error;
    try {
      const payload = joiner.finish(frame, intake.maxRequestBytes);
      const { message, items } = measureControl('open', payload, intake.maxRequestItems);
      const bytes = payload.length + items * CONTROL_ITEM_BYTES;
      if (intake.budget.take(bytes)) return { message, bytes };
      return new RexaError('REQUESTS_EXHAUSTED', [intake.budget.totalBytes]);
    } catch (error) {
      return refusalOf(error, frame.channel);
    }
  }

  /** What is too much of a request concerns its channel alone. @throws whatever ends the link */
  function refusalOf(error: unknown, id: ChannelId): RexaError {
    if (!(error instanceof RexaError)) throw error;
    if (error.code !== 'CONTROL_TOO_LARGE' && error.code !== 'REQUESTS_EXHAUSTED') throw error;
    joiner.discard(id);
    return error.code === 'CONTROL_TOO_LARGE' ? new RexaError('REQUEST_TOO_LARGE', [error.message]) : error;
  }

  function refuseChannel(channel: Channel, { code, message }: RexaError): void {
    sendClose(channel, encodeControl('close', channel.id, { error: { code, message } }));
  }

  function handleMore(frame: Frame): void {
    if (channels.has(frame.channel)) return joiner.handlePiece(frame, intake.maxMessageBytes);
    if (!isNextOfPeer(frame.channel))
      throw new RexaError('FRAME_MISPLACED', ['more', `channel ${frame.channel} is not open`]);
    const known = refused.get(frame.channel);
    if (known) return countRefused(known, frame.payload.length);
    try {
      joiner.handlePiece(frame, intake.maxRequestBytes);
    } catch (error) {
      refused.set(frame.channel, { error: refusalOf(error, frame.channel), bytes: intake.maxRequestBytes });
      if (refused.size > MAX_CHANNELS_PER_LINK)
        throw new RexaError('FRAME_MISPLACED', ['more', `${refused.size} messages are unfinished`]);
    }
  }

  /** Nothing is kept of it, and still nobody goes on for ever. */
  function countRefused(known: { bytes: number }, bytes: number): void {
    known.bytes += bytes;
    if (known.bytes > MAX_CONTROL_BYTES)
      throw new RexaError('CONTROL_TOO_LARGE', [MAX_CONTROL_BYTES, 'bytes']);
  }

  function handleMessage(frame: Frame): void {
    const channel = findChannel(frame.channel, 'message');
    const payload = joiner.finish(frame, intake.maxMessageBytes);
    const { message, items } = measureControl('message', payload, intake.maxMessageItems);
    const bytes = HEADER_BYTES + payload.length + items * CONTROL_ITEM_BYTES;
    if (channel.state === 'open') events.push({ kind: 'message', channel: channel.id, message, bytes });
  }

  function handleClose(frame: Frame): void {
    const channel = findChannel(frame.channel, 'close');
    const payload = joiner.finish(frame, intake.maxMessageBytes);
    const last = decodeControl('close', payload, intake.maxMessageItems);
    step(channel, 'close-received');
    if (channel.state === 'closed-by-peer') {
      discardOutput(channel);
      sendClose(channel, encodeControl('close', channel.id, {}));
    }
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
    const offset = readCredit(frame, stream);
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
    const name = frame.type === FRAME_TYPE.ping ? 'ping' : 'pong';
    if (frame.channel !== LINK)
      throw new RexaError('FRAME_MISPLACED', [name, `it belongs on channel 0, not ${frame.channel}`]);
    if (frame.payload.length !== PING_BYTES)
      throw new RexaError('FRAME_PAYLOAD', [name, frame.payload.length, PING_BYTES]);
    const payload = new Uint8Array(frame.payload);
    if (name === 'pong') events.push({ kind: 'pong', payload });
    else order.queueAnswer({ type: FRAME_TYPE.pong, channel: LINK, payload });
  }

  function grantFirst(channel: Channel, stream: StreamNumber, nowMs: number): void {
    order.queueControl(encodeCredit(channel.id, stream, channel.receiver(stream).open(nowMs)));
  }

  /** After a frame of a stream has left: is its writer free again, is its channel's last word due? */
  function noteSent(channel: Channel, stream: StreamNumber): void {
    if (channel.takeWaiting(stream)) events.push({ kind: 'writable', channel: channel.id, stream });
    closeIfDrained(channel);
  }

  return {
    role,
    handleFrame(frame) {
      switch (frame.type) {
        case FRAME_TYPE.hello:
        case FRAME_TYPE.goaway:
          throw new RexaError('FRAME_MISPLACED', ['hello or goaway', `on channel ${frame.channel}`]);
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
          return handleMore(frame);
        default:
          return handleStreamFrame(frame);
      }
    },
    open(request, receive, nowMs, firstWindowBytes) {
      if (channels.size >= MAX_CHANNELS_PER_LINK || nextOwnId > LAST_CHANNEL_ID)
        throw new RexaError('CHANNELS_EXHAUSTED', [MAX_CHANNELS_PER_LINK]);
      const id = nextOwnId as ChannelId;
      queueFrames(encodeControl('open', id, request));
      nextOwnId += 2;
      const channel = createChannel(id, budget, firstWindowBytes);
      channels.set(id, channel);
      for (const stream of receive) grantFirst(channel, stream, nowMs);
      return id;
    },
    limitQueues(id, bytes) {
      const channel = channels.get(id);
      if (channel) channel.fullBytes = bytes;
    },
    receive(id, stream, nowMs) {
      const channel = channels.get(id);
      if (channel?.state === 'open') grantFirst(channel, stream, nowMs);
    },
    sendMessage(id, message) {
      const channel = channels.get(id);
      if (channel?.state === 'open' && channel.lastWord === null)
        queueFrames(encodeControl('message', id, message));
    },
    write(id, stream, bytes) {
      const channel = channels.get(id);
      if (channel?.state !== 'open' || channel.lastWord !== null) return true;
      channel.sender(stream).write(bytes);
      order.update(channel, stream);
      return channel.noteWaiting(stream);
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
      const window = channel.receiver(stream);
      const offset = window.consume(bytes, nowMs, rttMs);
      if (offset === null || channel.hasEnded(stream)) return;
      order.queueControl(encodeCredit(id, stream, offset));
      wantRtt(window.windowBytes);
    },
    releaseRequest: (id) => channels.get(id)?.hold(intake.budget, 0),
    close(id, last) {
      const channel = channels.get(id);
      if (channel?.state !== 'open' || channel.lastWord !== null) return;
      channel.lastWord = encodeControl('close', id, last);
      closeIfDrained(channel);
    },
    abort(id, last) {
      const channel = channels.get(id);
      if (channel?.state !== 'open') return;
      const close = encodeControl('close', id, last);
      discardOutput(channel);
      sendClose(channel, close);
    },
    ping(payload) {
      order.queueControl({ type: FRAME_TYPE.ping, channel: LINK, payload });
    },
    setRtt(measuredMs) {
      rttMs = Math.min(rttMs ?? measuredMs, measuredMs);
    },
    pollFrame(dataAllowed = true) {
      const next = order.next(dataAllowed);
      if (next === null) return null;
      if (next.sentBy) noteSent(next.sentBy.channel, next.sentBy.stream);
      return next.frame;
    },
    pollEvent: () => events.shift() ?? null,
    restateCredit() {
      for (const channel of channels.values()) {
        if (channel.state !== 'open') continue;
        for (const [stream, offset] of channel.grants())
          order.queueControl(encodeCredit(channel.id, stream, offset));
      }
    },
    handleLinkEnd() {
      for (const channel of channels.values()) channel.release();
      channels.clear();
      joiner.release();
      order = createSendOrder();
    },
    get controlBacklogBytes() {
      return order.answerBytes;
    },
    get channelCount() {
      return channels.size;
    },
    get hasOutput() {
      return order.hasOutput;
    },
  };
}
