import * as v from 'valibot';
import { createFrameDecoder } from '../framing/decode.ts';
import { encodeHeader } from '../framing/encode.ts';
import { FRAME_TYPE, type Frame, LINK } from '../framing/frame.ts';
import type { Budget } from './budget.ts';
import { createControlJoiner, decodeControl, encodeControl } from './control.ts';
import { RexaError } from './errors.ts';
import { answerHello, clientHello, type Greeting, type PeerInfo, readDaemonHello } from './hello.ts';
import { HELLO_TIMEOUT_MS, MAX_FRAME_LENGTH_BYTES } from './limits.ts';
import { type LinkState, type LinkStep, nextLinkState } from './link-state.ts';
import { createMux, type Mux, type MuxEvent } from './mux.ts';
import { createNullReplay, type ReplayLayer } from './replay.ts';
import { checkShape } from './shape.ts';

/** How a link came to its end. */
export type LinkEnd =
  /** One side said goodbye without an error. */
  | { readonly kind: 'goodbye' }
  /** The peer said goodbye with an error of its own: code and text are the other side's. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** This side found an error and said so. */
  | { readonly kind: 'failed'; readonly error: RexaError }
  /** The connection ended without a goodbye. */
  | { readonly kind: 'lost'; readonly error: RexaError | null };

export type LinkEvent =
  | MuxEvent
  | { readonly kind: 'greeted'; readonly peer: PeerInfo }
  | { readonly kind: 'ended'; readonly end: LinkEnd };

/**
 * One end of a link, sans IO: bytes and time in, bytes and events out. Framing, hello, the replay layer's seat and the
 * channels put together; docs/protocol.md, 2 to 7. It never throws on what the peer sends: that is an `ended` event.
 */
export interface LinkMachine {
  readonly state: LinkState;
  readonly mux: Mux;
  handleBytes(bytes: Uint8Array): void;
  /** The connection is at its end: the peer's half-close, or an error of the transport. */
  handleEnd(): void;
  /** Time has passed: call it at `nextDeadlineMs`. */
  handleTime(nowMs: number): void;
  /** Says goodbye at once: `error` goes to the peer, what was still queued on channels does not. */
  leave(error: RexaError | null): void;
  /** The next frame in wire form, header and payload apart so that neither need be copied; null when there is none. */
  pollOutput(): readonly [Uint8Array, Uint8Array] | null;
  pollEvent(): LinkEvent | null;
  readonly nextDeadlineMs: number | null;
}

const goodbyeSchema = v.object({
  error: v.optional(v.object({ code: v.pipe(v.string(), v.maxLength(64)), message: v.string() })),
});

export function createLinkMachine(
  greeting: Greeting,
  nowMs: number,
  processBudget?: Budget,
  replay: ReplayLayer = createNullReplay(),
): LinkMachine {
  const decoder = createFrameDecoder(MAX_FRAME_LENGTH_BYTES);
  const joiner = createControlJoiner();
  const mux = createMux(greeting.role, processBudget);
  /** Hello and goodbye: the one goes before everything, the other is the last. */
  const first: Frame[] =
    greeting.role === 'client' ? encodeControl('hello', LINK, clientHello(greeting.agent)) : [];
  const last: Frame[] = [];
  const events: LinkEvent[] = [];
  const helloDeadlineMs = nowMs + HELLO_TIMEOUT_MS;
  let state: LinkState = 'greeting';

  function step(how: LinkStep): boolean {
    const next = nextLinkState(state, how);
    if (next === null) return false;
    state = next;
    return true;
  }

  function tellEnd(end: LinkEnd): void {
    mux.handleLinkEnd();
    events.push({ kind: 'ended', end });
  }

  function leave(error: RexaError | null): void {
    if (!step('own-goodbye')) return;
    const message = error === null ? {} : { error: { code: error.code, message: error.message } };
    last.push(...encodeControl('goodbye', LINK, message));
    tellEnd(error === null ? { kind: 'goodbye' } : { kind: 'failed', error });
  }

  function handleHello(frame: Frame): void {
    if (state !== 'greeting') throw new RexaError('FRAME_MISPLACED', ['hello', 'one was here before']);
    const hello = decodeControl('hello', joiner.finish(frame));
    if (greeting.role === 'client') {
      events.push({ kind: 'greeted', peer: readDaemonHello(hello, greeting.agent) });
    } else {
      const { peer, answer } = answerHello(hello, greeting.agent, greeting.encoding);
      first.push(...encodeControl('hello', LINK, answer));
      events.push({ kind: 'greeted', peer });
    }
    step('peer-hello');
  }

  function handleGoodbye(frame: Frame): void {
    const { error } = checkShape(goodbyeSchema, decodeControl('goodbye', joiner.finish(frame)), 'goodbye');
    step('peer-goodbye');
    tellEnd(error ? { kind: 'refused', ...error } : { kind: 'goodbye' });
  }

  function handleFrame(frame: Frame): void {
    if (frame.channel === LINK && frame.type === FRAME_TYPE.hello) return handleHello(frame);
    if (frame.channel === LINK && frame.type === FRAME_TYPE.goodbye) return handleGoodbye(frame);
    if (frame.channel === LINK && frame.type === FRAME_TYPE.more) return joiner.handlePiece(frame);
    if (state === 'greeting')
      throw new RexaError('FRAME_MISPLACED', ['first', 'a hello comes before everything']);
    const passed = replay.handleIncoming(frame);
    if (passed) mux.handleFrame(passed);
  }

  function decodeAll(bytes: Uint8Array): void {
    decoder.push(bytes);
    while (state === 'greeting' || state === 'open') {
      const decoded = decoder.next();
      if (decoded.kind === 'incomplete') return;
      if (decoded.kind === 'refused') throw refuseLength(decoded.reason, decoded.lengthBytes);
      handleFrame(decoded.frame);
    }
  }

  function pollFrame(): Frame | null {
    const hello = first.shift();
    if (hello) return hello;
    if (state === 'greeting' && greeting.role === 'daemon') return null;
    if (state === 'greeting' || state === 'open') {
      const own = replay.pollFrame();
      if (own) return own;
      const frame = mux.pollFrame();
      if (frame) replay.handleOutgoing(frame);
      return frame;
    }
    return last.shift() ?? null;
  }

  return {
    get state() {
      return state;
    },
    mux,
    handleBytes(bytes) {
      if (state !== 'greeting' && state !== 'open') return;
      try {
        decodeAll(bytes);
      } catch (error) {
        if (!(error instanceof RexaError)) throw error;
        leave(error);
      }
    },
    handleEnd() {
      const wasOpen = state === 'greeting' || state === 'open';
      const cut = !decoder.isAtBoundary;
      if (step('end') && wasOpen)
        tellEnd({ kind: 'lost', error: cut ? new RexaError('FRAME_TRUNCATED') : null });
    },
    handleTime(atMs) {
      if (state === 'greeting' && atMs >= helloDeadlineMs)
        leave(new RexaError('HELLO_TIMEOUT', [HELLO_TIMEOUT_MS]));
    },
    leave,
    pollOutput() {
      const frame = pollFrame();
      return frame && [encodeHeader(frame), frame.payload];
    },
    pollEvent: () => takeInOrder(events, mux),
    get nextDeadlineMs() {
      return state === 'greeting' ? helloDeadlineMs : null;
    },
  };
}

/** What the channels said comes before the link's end, which was caused later. */
function takeInOrder(events: LinkEvent[], mux: Mux): LinkEvent | null {
  if (events[0]?.kind === 'greeted') return events.shift() ?? null;
  return mux.pollEvent() ?? events.shift() ?? null;
}

function refuseLength(reason: 'too-large' | 'too-short', lengthBytes: number): RexaError {
  return reason === 'too-large'
    ? new RexaError('FRAME_TOO_LARGE', [lengthBytes, MAX_FRAME_LENGTH_BYTES])
    : new RexaError('FRAME_TOO_SHORT', [lengthBytes]);
}
