import * as v from 'valibot';
import { createFrameDecoder } from '../framing/decode.ts';
import { encodeHeader } from '../framing/encode.ts';
import { FRAME_TYPE, type Frame, LINK } from '../framing/frame.ts';
import type { Budget } from './budget.ts';
import { createControlJoiner, decodeControl, encodeControl } from './control.ts';
import { createEarlyFlight } from './early-flight.ts';
import { RexaError } from './errors.ts';
import { createHandshake, type HandshakeEvent, type HandshakeFrame, handshakeFrame } from './handshake.ts';
import type { Greeting } from './hello.ts';
import { HELLO_TIMEOUT_MS, MAX_BEFORE_LOGIN_BYTES, MAX_FRAME_LENGTH_BYTES } from './limits.ts';
import { isGreeting, isWorking, type LinkState, type LinkStep, nextLinkState } from './link-state.ts';
import type { Verdict } from './login.ts';
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

export type LinkEvent = MuxEvent | HandshakeEvent | { readonly kind: 'ended'; readonly end: LinkEnd };

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
  /** Daemon: what became of the login that an event told of. A refusal is `leave` with its error. */
  decide(verdict: Verdict): void;
  /** Client: the proof of the offer that an event told of, an SSHSIG in base64. */
  prove(proof: string): void;
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
  const handshake = createHandshake(greeting);
  const early = createEarlyFlight(greeting, mux.pollFrame);
  const last: Frame[] = [];
  const events: LinkEvent[] = [];
  const helloDeadlineMs = nowMs + HELLO_TIMEOUT_MS;
  let state: LinkState = 'greeting';
  /** What came while a login was judged. */
  const waiting: Uint8Array[] = [];
  let bytesBeforeLogin = 0;

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

  function handleHandshake(name: HandshakeFrame, frame: Frame): void {
    if (!isGreeting(state)) throw new RexaError('FRAME_MISPLACED', [name, 'the greeting is over']);
    const event = handshake.handleMessage(name, decodeControl(name, joiner.finish(frame)));
    events.push(event);
    if (event.kind === 'greeted') step('peer-hello');
    if (event.kind === 'login') step('peer-login');
  }

  function handleGoodbye(frame: Frame): void {
    const { error } = checkShape(goodbyeSchema, decodeControl('goodbye', joiner.finish(frame)), 'goodbye');
    step('peer-goodbye');
    tellEnd(error ? { kind: 'refused', ...error } : { kind: 'goodbye' });
  }

  function handleFrame(frame: Frame): void {
    const name = handshakeFrame(frame);
    if (name !== null) return handleHandshake(name, frame);
    if (frame.channel === LINK && frame.type === FRAME_TYPE.goodbye) return handleGoodbye(frame);
    if (frame.channel === LINK && frame.type === FRAME_TYPE.more) return joiner.handlePiece(frame);
    if (isGreeting(state))
      throw new RexaError('FRAME_MISPLACED', ['first', 'a hello comes before everything']);
    const passed = replay.handleIncoming(frame);
    if (passed) mux.handleFrame(passed);
  }

  /** While a login is judged, what stands behind it is not looked at. */
  function decodeAll(): void {
    while (isWorking(state) && state !== 'judging') {
      const decoded = decoder.next();
      if (decoded.kind === 'incomplete') return;
      if (decoded.kind === 'refused') throw refuseLength(decoded.reason, decoded.lengthBytes);
      handleFrame(decoded.frame);
    }
  }

  function decodeWaiting(): void {
    decodeAll();
    while (state !== 'judging') {
      const bytes = waiting.shift();
      if (bytes === undefined) return;
      decoder.push(bytes);
      decodeAll();
    }
  }

  function countBeforeLogin(bytes: number): void {
    if (greeting.role === 'client' || greeting.asksLogin !== true || !isGreeting(state)) return;
    bytesBeforeLogin += bytes;
    if (bytesBeforeLogin > MAX_BEFORE_LOGIN_BYTES)
      throw new RexaError('LOGIN_OVERRUN', [MAX_BEFORE_LOGIN_BYTES]);
  }

  function pollFrame(): Frame | null {
    const hello = handshake.pollFrame();
    if (hello) {
      if (isGreeting(state)) early.count(hello);
      return hello;
    }
    if (!isWorking(state)) return last.shift() ?? null;
    if (isGreeting(state) && greeting.role === 'daemon') return null;
    const own = replay.pollFrame();
    if (own) return own;
    const frame = early.pollFrame(isGreeting(state));
    if (frame) replay.handleOutgoing(frame);
    return frame;
  }

  /** What is decided about a peer: a mistake of ours ends the link too. */
  function attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof RexaError)) throw error;
      leave(error);
    }
  }

  return {
    get state() {
      return state;
    },
    mux,
    handleBytes(bytes) {
      if (!isWorking(state)) return;
      attempt(() => {
        countBeforeLogin(bytes.length);
        // Copied: a read buffer is large, and whoever sent it is nobody yet.
        waiting.push(state === 'judging' ? new Uint8Array(bytes) : bytes);
        decodeWaiting();
      });
    },
    handleEnd() {
      const wasOpen = isWorking(state);
      const cut = !decoder.isAtBoundary;
      if (step('end') && wasOpen)
        tellEnd({ kind: 'lost', error: cut ? new RexaError('FRAME_TRUNCATED') : null });
    },
    handleTime(atMs) {
      if (isGreeting(state) && atMs >= helloDeadlineMs)
        leave(new RexaError('HELLO_TIMEOUT', [HELLO_TIMEOUT_MS]));
    },
    decide(verdict) {
      if (state !== 'judging') return;
      const peer = handshake.decide(verdict);
      step(peer === null ? 'own-choice' : 'own-admission');
      if (peer !== null) events.push({ kind: 'greeted', peer });
      attempt(decodeWaiting);
    },
    prove(proof) {
      if (state === 'greeting') handshake.prove(proof);
    },
    leave,
    pollOutput() {
      const frame = pollFrame();
      return frame && [encodeHeader(frame), frame.payload];
    },
    pollEvent: () => takeInOrder(events, mux),
    get nextDeadlineMs() {
      return isGreeting(state) ? helloDeadlineMs : null;
    },
  };
}

/** What the channels said comes before the link's end, which was caused later. */
function takeInOrder(events: LinkEvent[], mux: Mux): LinkEvent | null {
  if (events[0] !== undefined && events[0].kind !== 'ended') return events.shift() ?? null;
  return mux.pollEvent() ?? events.shift() ?? null;
}

function refuseLength(reason: 'too-large' | 'too-short', lengthBytes: number): RexaError {
  return reason === 'too-large'
    ? new RexaError('FRAME_TOO_LARGE', [lengthBytes, MAX_FRAME_LENGTH_BYTES])
    : new RexaError('FRAME_TOO_SHORT', [lengthBytes]);
}
