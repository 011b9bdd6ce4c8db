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

/** Events of the mux, polled in the order in which they occurred. */
export type MuxEvent =
  | { readonly kind: 'opened'; readonly channel: ChannelId; readonly request: JsonObject }
  | {
      readonly kind: 'message';
      readonly channel: ChannelId;
      readonly message: JsonObject;
      /** Approximate memory, accounted for until the message is read. */
      readonly bytes: number;
    }
  | {
      readonly kind: 'data';
      readonly channel: ChannelId;
      readonly stream: StreamNumber;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'end'; readonly channel: ChannelId; readonly stream: StreamNumber }
  /** Of a relayed channel: the peer takes bytes of this stream up to an offset. */
  | {
      readonly kind: 'credit';
      readonly channel: ChannelId;
      readonly stream: StreamNumber;
      readonly offset: number;
    }
  /** The writer of this stream may continue: its queue has room again. */
  | { readonly kind: 'writable'; readonly channel: ChannelId; readonly stream: StreamNumber }
  /** The peer's close, once and last for every channel; data queued for it has been discarded. */
  | { readonly kind: 'closed'; readonly channel: ChannelId; readonly last: JsonObject }
  | { readonly kind: 'pong'; readonly payload: Uint8Array }
  /** A ping whose answer was deferred: `pong` sends it. */
  | { readonly kind: 'ping'; readonly payload: Uint8Array }
  /** A busy stream's window may need to grow: measure the round-trip time with a ping, then call `setRtt`. */
  | { readonly kind: 'rtt-wanted' };

/** The side of the link; clients use odd channel numbers. */
export type Role = 'client' | 'daemon';

/**
 * Multiplexes channels over frames, sans IO: `handle…` takes input, commands queue output, `poll…` returns it;
 * docs/protocol.md, 4 and 5. Errors thrown by `handle…` are protocol errors and end the link.
 */
export interface Mux {
  readonly role: Role;
  /** @throws RexaError of LINK_ERRORS */
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
  /** Sets the queued bytes of a stream above which its writer has to wait. Default STREAM_QUEUE_BYTES. */
  limitQueues(channel: ChannelId, bytes: number): void;
  /** Grants the initial credit to a stream of a channel that the peer opened. */
  receive(channel: ChannelId, stream: StreamNumber, nowMs: number): void;
  /** @throws RexaError CONTROL_TOO_LARGE */
  sendMessage(channel: ChannelId, message: JsonObject): void;
  /** Queues bytes, which must not be modified afterwards; returns false if the writer should wait for `writable`. */
  write(channel: ChannelId, stream: StreamNumber, bytes: Uint8Array): boolean;
  end(channel: ChannelId, stream: StreamNumber): void;
  /** Reports that the user consumed bytes of a stream, which grants new credit to the peer. */
  consume(channel: ChannelId, stream: StreamNumber, bytes: number, nowMs: number): void;
  /**
   * Leaves the credit of a channel to whoever relays it: that of the peer is an event, and none is granted but by `grant`.
   * @returns the credit that the peer has given so far
   */
  relay(channel: ChannelId): readonly (readonly [StreamNumber, offset: number])[];
  /** Grants the peer of a relayed channel credit up to an offset. */
  grant(channel: ChannelId, stream: StreamNumber, offset: number): void;
  /** Releases the memory budget of this channel's request, which is not needed any more. */
  releaseRequest(channel: ChannelId): void;
  /** Sends close after everything queued on the channel's streams. @throws RexaError CONTROL_TOO_LARGE */
  close(channel: ChannelId, last: JsonObject): void;
  /** Discards what is queued on the channel and sends close immediately. @throws RexaError CONTROL_TOO_LARGE */
  abort(channel: ChannelId, last: JsonObject): void;
  ping(payload: Uint8Array): void;
  /** Leaves the answers to pings to the caller, from now on: each is an event. */
  deferPongs(): void;
  pong(payload: Uint8Array): void;
  /**
   * Sets a measured round-trip time, for the growth of windows. The minimum counts: longer ones include queuing behind own
   * data, and windows that grow by them would increase the queuing.
   */
  setRtt(rttMs: number): void;
  /** @param dataAllowed false: no data frames, because there is no room to keep them */
  pollFrame(dataAllowed?: boolean): Frame | null;
  pollEvent(): MuxEvent | null;
  /** Grants all credit again, on a new connection: credit frames are lost with their connection. */
  restateCredit(): void;
  /** Handles the end of the link: drops all channels and returns their window growth to the budget. */
  handleLinkEnd(): void;
  /**
   * Memory of queued closes and pongs; above a limit the caller stops reading from this peer. Requests and messages do not
   * count: they come from the own user, and two sides that both stopped reading because of them would deadlock.
   */
  readonly controlBacklogBytes: number;
  /** Memory of all control frames that are queued. */
  readonly queuedControlBytes: number;
  readonly channelCount: number;
  /** Whether `pollFrame` has a frame to return. */
  readonly hasOutput: boolean;
}

/** Pings whose answer is deferred at once; more are answered immediately. */
const MAX_DEFERRED_PONGS = 16;
/** Payload size in bytes of ping and pong. */
const PING_BYTES = 8;
/** The largest channel number, a u32. */
const LAST_CHANNEL_ID = 2 ** 32 - 1;

/**
 * One closure, although a long one: each frame reads and writes the same state, the channels, the send order and the budgets.
 * What can be separated (credit, queues, order, control, states) has a module of its own.
 * @param intake limits of the peer's control messages
 */
export function createMux(role: Role, processBudget?: Budget, intake: Intake = unlimitedIntake()): Mux {
  const channels = new Map<ChannelId, Channel>();
  const joiner = createControlJoiner(intake.budget);
  /** Refused requests that are still incomplete: the error, and the bytes received. */
  const refused = new Map<ChannelId, { readonly error: RexaError; bytes: number }>();
  const events = createFifo<MuxEvent>();
  const budget = createBudget(LINK_WINDOW_BUDGET_BYTES, processBudget);
  let order = createSendOrder();
  let nextOwnId = role === 'client' ? 1 : 2;
  let lastPeerId = 0;
  let rttMs: number | null = null;
  let defersPongs = false;
  let deferredPongs = 0;
  /** The largest window for which the round-trip time was requested. */
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

  /** Requests a measurement at the first bulk data and before each growth, since load makes a single one too long. */
  function wantRtt(windowBytes: number): void {
    if (windowBytes <= measuredWindowBytes) return;
    measuredWindowBytes = windowBytes;
    events.push({ kind: 'rtt-wanted' });
  }

  /** Sends a pending close as soon as everything before it on its channel was sent. */
  function closeIfDrained(channel: Channel): void {
    if (channel.lastWord !== null && channel.state === 'open' && channel.isDrained())
      sendClose(channel, channel.lastWord);
  }

  function discardOutput(channel: Channel): void {
    for (const stream of channel.sendStreams()) order.remove(channel, stream);
    channel.discard();
  }

  /** Returns whether the peer may open a channel with this number. */
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
    // A refused channel counts until the peer answers the close; a peer that never does violates the protocol.
    if (channels.size > 2 * MAX_CHANNELS_PER_LINK)
      throw new RexaError('FRAME_MISPLACED', ['open', `${channels.size} channels are open`]);
    if (request instanceof RexaError) return refuseChannel(channel, request);
    channel.hold(intake.budget, request.bytes);
    if (channels.size <= MAX_CHANNELS_PER_LINK)
      return events.push({ kind: 'opened', channel: id, request: request.message });
    refuseChannel(channel, new RexaError('CHANNELS_EXHAUSTED', [MAX_CHANNELS_PER_LINK]));
  }

  /** Returns a request with the memory that it holds of the budget, or the error to refuse it with. @throws RexaError of LINK_ERRORS */
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

  /** Returns the error that closes only the channel of a too large request. @throws every other error, which ends the link */
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

  /** Limits the fragments of a refused request, although they are discarded. */
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
    if (channel.state !== 'open' || offset <= channel.sender(stream).limit) return;
    channel.sender(stream).raiseLimit(offset);
    order.update(channel, stream);
    if (channel.isRelayed) events.push({ kind: 'credit', channel: channel.id, stream, offset });
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
    else if (defersPongs && deferredPongs < MAX_DEFERRED_PONGS) {
      deferredPongs++;
      events.push({ kind: 'ping', payload });
    } else sendPong(payload);
  }

  function sendPong(payload: Uint8Array): void {
    order.queueAnswer({ type: FRAME_TYPE.pong, channel: LINK, payload });
  }

  function grantFirst(channel: Channel, stream: StreamNumber, nowMs: number): void {
    order.queueCredit(encodeCredit(channel.id, stream, channel.receiver(stream).open(nowMs)));
  }

  /** After a frame of a stream was sent: wakes its writer and sends a pending close if possible. */
  function noteSent(channel: Channel, stream: StreamNumber): void {
    if (!channel.isRelayed && channel.takeWaiting(stream))
      events.push({ kind: 'writable', channel: channel.id, stream });
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
      order.queueCredit(encodeCredit(id, stream, offset));
      wantRtt(window.windowBytes);
    },
    relay(id) {
      const channel = channels.get(id);
      if (channel === undefined) return [];
      channel.isRelayed = true;
      return [...channel.limits()];
    },
    grant(id, stream, offset) {
      const channel = channels.get(id);
      if (channel?.state !== 'open' || channel.hasEnded(stream)) return;
      channel.receiver(stream).grantUpTo(offset);
      order.queueCredit(encodeCredit(id, stream, channel.receiver(stream).granted));
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
    deferPongs() {
      defersPongs = true;
    },
    pong(payload) {
      deferredPongs--;
      sendPong(payload);
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
          order.queueCredit(encodeCredit(channel.id, stream, offset));
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
    get queuedControlBytes() {
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
