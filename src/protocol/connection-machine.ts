import * as v from 'valibot';
import { createFrameDecoder } from '../framing/decode.ts';
import { encodeHeader } from '../framing/encode.ts';
import { FRAME_TYPE, type Frame, LINK } from '../framing/frame.ts';
import {
  type ConnectionState,
  type ConnectionStep,
  isGreeting,
  isWorking,
  nextConnectionState,
} from './connection-state.ts';
import {
  type ControlName,
  createControlJoiner,
  decodeControl,
  encodeControl,
  type JsonObject,
} from './control.ts';
import { createEarlyFlight } from './early-flight.ts';
import { RexaError } from './errors.ts';
import { createHandshake, type HandshakeEvent, type HandshakeFrame, handshakeFrame } from './handshake.ts';
import type { Greeting } from './hello.ts';
import {
  HELLO_TIMEOUT_MS,
  LOGIN_TIMEOUT_MS,
  MAX_BEFORE_LOGIN_BYTES,
  MAX_FRAME_LENGTH_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_MESSAGE_ITEMS,
} from './limits.ts';
import type { Attach, Attached } from './link-claim.ts';
import type { Traffic } from './link-core.ts';
import type { LinkEnd } from './link-end.ts';
import type { Verdict } from './login.ts';
import { checkShape } from './shape.ts';
import { toldErrorSchema } from './told-text.ts';

export type ConnectionEvent =
  | HandshakeEvent
  /** The peer's process is being stopped and sends nothing for a while. */
  | { readonly kind: 'suspended' }
  /** Emitted once, as the last event. */
  | { readonly kind: 'ended'; readonly end: LinkEnd };

/**
 * The state machine of one side of a connection, sans IO: bytes and time in, bytes and events out. It implements framing,
 * hello, login, reattachment and GOAWAY, and passes all other frames to the link; docs/protocol.md, 2, 3, 7 and 8. Invalid
 * input never makes it throw; it results in an `ended` event.
 */
export interface ConnectionMachine {
  readonly state: ConnectionState;
  handleBytes(bytes: Uint8Array): void;
  /** Handles the end of the connection: the peer's half-close, or a transport error, whose reason may be known. */
  handleEnd(reason?: RexaError | null): void;
  /** Handles deadlines; to be called at `nextDeadlineMs`. */
  handleTime(nowMs: number): void;
  /** Daemon: the decision on the login of a `login` event. To refuse it, call `leave` with the error. */
  decide(verdict: Verdict): void;
  /** Client: the proof for the offer of a `chosen` event, an SSHSIG in base64. */
  prove(proof: string): void;
  /** Daemon: challenges the client to prove ownership of the link in its hello; the nonce is 32 bytes in hex. */
  challenge(nonce: string): void;
  /** Client: answers the challenge. */
  attach(attach: Attach): void;
  /** Daemon: answers the attach. */
  answer(attached: Attached): void;
  /** Makes the connection carry this link; frames that the peer sent after the handshake are its first input. */
  carry(traffic: Traffic): void;
  /** Notifies the peer that this process is being stopped. */
  suspend(): void;
  /** Sends GOAWAY immediately, with `error` if there is one; data queued on channels is not sent. */
  leave(error: RexaError | null): void;
  /** Returns the next encoded frame, header and payload separately to avoid a copy; null if there is none. */
  pollOutput(): readonly [Uint8Array, Uint8Array] | null;
  pollEvent(): ConnectionEvent | null;
  readonly nextDeadlineMs: number | null;
}

const goawaySchema = v.object({
  error: v.optional(toldErrorSchema),
});

/** @param carried the link, if already known: for the first connection of a client */
export function createConnectionMachine(
  greeting: Greeting,
  nowMs: number,
  carried: Traffic | null,
): ConnectionMachine {
  const decoder = createFrameDecoder(MAX_FRAME_LENGTH_BYTES);
  const joiner = createControlJoiner();
  const handshake = createHandshake(greeting);
  let traffic = carried;
  const early = createEarlyFlight(greeting, () => traffic?.pollFrame() ?? null);
  /** Frames of the connection itself, to be sent after the handshake. */
  const own: Frame[] = [];
  const last: Frame[] = [];
  const events: ConnectionEvent[] = [];
  const helloTimeoutMs = greeting.role === 'client' ? LOGIN_TIMEOUT_MS : HELLO_TIMEOUT_MS;
  const helloDeadlineMs = nowMs + helloTimeoutMs;
  let state: ConnectionState = 'greeting';
  /** Input that arrived while a decision about the peer was pending. */
  const waiting: Uint8Array[] = [];
  let bytesBeforeLogin = 0;
  /** In state `attaching`: the side that has to act before further input is processed. */
  let turn: 'ours' | 'peers' = greeting.role === 'daemon' ? 'ours' : 'peers';

  function step(how: ConnectionStep): boolean {
    const next = nextConnectionState(state, how);
    if (next === null) return false;
    state = next;
    return true;
  }

  function leave(error: RexaError | null): void {
    if (!step('own-goaway')) return;
    const message = error === null ? {} : { error: { code: error.code, message: error.message } };
    last.push(...encodeControl('goaway', LINK, message));
    events.push({ kind: 'ended', end: error === null ? { kind: 'goaway' } : { kind: 'failed', error } });
  }

  function greet(event: HandshakeEvent, how: 'peer-hello' | 'own-admission'): void {
    events.push(event);
    step(how);
    if (traffic !== null) step('link-known');
  }

  /** Decodes with the limits for unauthenticated peers. */
  function decodeSmall(name: ControlName, frame: Frame): JsonObject {
    return decodeControl(name, joiner.finish(frame, MAX_MESSAGE_BYTES), MAX_MESSAGE_ITEMS);
  }

  function handleHandshake(name: HandshakeFrame, frame: Frame): void {
    if (!isGreeting(state)) throw new RexaError('FRAME_MISPLACED', [name, 'the greeting is over']);
    const event = handshake.handleMessage(name, decodeSmall(name, frame));
    if (event.kind === 'greeted') return greet(event, 'peer-hello');
    events.push(event);
    if (event.kind === 'login') step('peer-login');
    if (event.kind === 'attach' || event.kind === 'attached') turn = 'ours';
  }

  function handleGoaway(frame: Frame): void {
    const { error } = checkShape(goawaySchema, decodeSmall('goaway', frame), 'goaway');
    step('peer-goaway');
    events.push({ kind: 'ended', end: error ? { kind: 'refused', ...error } : { kind: 'goaway' } });
  }

  function handleFrame(frame: Frame): void {
    const name = handshakeFrame(frame);
    if (name !== null) return handleHandshake(name, frame);
    if (frame.channel === LINK && frame.type === FRAME_TYPE.goaway) return handleGoaway(frame);
    if (frame.channel === LINK && frame.type === FRAME_TYPE.more)
      return joiner.handlePiece(frame, MAX_MESSAGE_BYTES);
    if (isGreeting(state) || traffic === null)
      throw new RexaError('FRAME_MISPLACED', ['first', 'a hello comes before everything']);
    if (frame.channel === LINK && frame.type === FRAME_TYPE.suspended)
      return void events.push({ kind: 'suspended' });
    traffic.handleFrame(frame);
  }

  /** Returns whether a decision about the peer is pending; further input is not processed until then. */
  function isHolding(): boolean {
    return state === 'judging' || (state === 'attaching' && turn === 'ours');
  }

  function decodeAll(): void {
    while (isWorking(state) && !isHolding()) {
      const decoded = decoder.next();
      if (decoded.kind === 'incomplete') return;
      if (decoded.kind === 'refused') throw refuseLength(decoded.reason, decoded.lengthBytes);
      handleFrame(decoded.frame);
    }
  }

  function decodeWaiting(): void {
    decodeAll();
    while (!isHolding()) {
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
    return own.shift() ?? early.pollFrame(isGreeting(state));
  }

  /** Runs an action and sends GOAWAY if it throws a RexaError. */
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
    handleBytes(bytes) {
      if (!isWorking(state)) return;
      attempt(() => {
        countBeforeLogin(bytes.length);
        // Copied, so that an unauthenticated peer does not retain a whole read buffer.
        waiting.push(isHolding() ? new Uint8Array(bytes) : bytes);
        decodeWaiting();
      });
    },
    handleEnd(reason = null) {
      const wasOpen = isWorking(state);
      const cut = !decoder.isAtBoundary;
      if (step('end') && wasOpen)
        events.push({
          kind: 'ended',
          end: { kind: 'lost', error: reason ?? (cut ? new RexaError('FRAME_TRUNCATED') : null) },
        });
    },
    handleTime(atMs) {
      if (isGreeting(state) && atMs >= helloDeadlineMs)
        leave(new RexaError('HELLO_TIMEOUT', [helloTimeoutMs]));
    },
    decide(verdict) {
      if (state !== 'judging') return;
      const greeted = handshake.decide(verdict);
      if (greeted === null) step('own-choice');
      else greet(greeted, 'own-admission');
      attempt(decodeWaiting);
    },
    prove(proof) {
      if (state === 'greeting') handshake.prove(proof);
    },
    challenge(nonce) {
      if (state !== 'attaching') return;
      turn = 'peers';
      handshake.challenge(nonce);
      attempt(decodeWaiting);
    },
    attach: handshake.attach,
    answer(attached) {
      handshake.answer(attached);
      // Only a GOAWAY can follow.
      if (attached.verdict !== 'forgotten') return;
      turn = 'peers';
      attempt(decodeWaiting);
    },
    carry(link) {
      if (!step('link-known')) return;
      traffic = link;
      attempt(decodeWaiting);
    },
    suspend() {
      if (state === 'open') own.push({ type: FRAME_TYPE.suspended, channel: LINK, payload: NOTHING });
    },
    leave,
    pollOutput() {
      const frame = pollFrame();
      return frame && [encodeHeader(frame), frame.payload];
    },
    pollEvent: () => events.shift() ?? null,
    get nextDeadlineMs() {
      return isGreeting(state) ? helloDeadlineMs : null;
    },
  };
}

const NOTHING = new Uint8Array(0);

function refuseLength(reason: 'too-large' | 'too-short', lengthBytes: number): RexaError {
  return reason === 'too-large'
    ? new RexaError('FRAME_TOO_LARGE', [lengthBytes, MAX_FRAME_LENGTH_BYTES])
    : new RexaError('FRAME_TOO_SHORT', [lengthBytes]);
}
