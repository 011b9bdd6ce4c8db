import {
  type ConnectionEvent,
  type ConnectionMachine,
  createConnectionMachine,
} from '../protocol/connection-machine.ts';
import { isWorking } from '../protocol/connection-state.ts';
import { RexaError } from '../protocol/errors.ts';
import type { Greeting } from '../protocol/hello.ts';
import type { PayloadHolder } from '../protocol/kept-frames.ts';
import { LAST_WORDS_DRAIN_BYTES, LAST_WORDS_MS } from '../protocol/limits.ts';
import type { Traffic } from '../protocol/link-core.ts';
import type { Login, Verdict } from '../protocol/login.ts';
import { noteRead } from '../runtime/read-garbage.ts';
import { createFrameWriter } from './frame-writer.ts';
import { CONTROL_BACKLOG_BYTES, LARGE_READ_BYTES, SOCKET_BACKLOG_BYTES, TURN_READ_BYTES } from './limits.ts';
import type { Liveness, Transport } from './transport.ts';

/** Who a connection works for. */
export interface ConnectionOwner {
  handleEvent(event: ConnectionEvent): void;
  /** After input was handled and output sent: what the channels have to tell. */
  handlePumped(): void;
  /** Bytes that wait here because somebody is slow: too many, and nothing more is read. */
  heldBytes(): number;
}

/** How the two sides of a login are answered. */
export interface LoginAnswers {
  /**
   * Daemon, where the greeting asks for a login: what becomes of one; null stands for a client that named nobody. Called
   * again with the proof of an offer that was chosen. A rejection with a RexaError is what the peer is told.
   */
  readonly judge?: ((login: Login | null) => Promise<Verdict>) | undefined;
  /** Client, where its login offers keys: the proof of the one that was chosen, an SSHSIG in base64. */
  readonly prove?: ((offer: number) => Promise<string>) | undefined;
}

/** One connection over a transport: bytes in, frames out, timers; what it carries is somebody else's. */
export interface Connection {
  readonly transport: Transport;
  /** Who finds that the peer is dead: this end where a relay stands between, whatever the transport to that is. */
  readonly liveness: Liveness;
  readonly machine: ConnectionMachine;
  /** From now on it works for another link. */
  setOwner(owner: ConnectionOwner): void;
  schedulePump(): void;
  /** Says goaway: once everything that may be sent now has left, or at once with an error. */
  leave(error: RexaError | null): void;
  /** Ends it at once, without a word: from here on it tells nothing, and nothing that still comes is read. */
  drop(): void;
  /** Bytes that have come in, ever: any of them is a sign of life. */
  readonly bytesRead: number;
  /** Nothing is read at the moment, by our own decision. */
  readonly isHeld: boolean;
  /** Resolves when last words have left, or never will. */
  readonly finalErrorSent: Promise<void>;
  /** Resolves when the transport is closed. */
  readonly closed: Promise<void>;
}

/**
 * Drives a connection's machine over a transport, which belongs to it from here on. One closure: whatever happens, bytes, time,
 * an answer or a command, goes through the same `pump`, which is all that it does.
 */
export function openConnection(
  transport: Transport,
  greeting: Greeting,
  carried: Traffic | null,
  firstOwner: ConnectionOwner,
  { judge, prove, holder }: LoginAnswers & { readonly holder?: PayloadHolder | undefined },
): Connection {
  const now = (): number => performance.now();
  const machine = createConnectionMachine(greeting, now(), carried);
  const writer = createFrameWriter(transport, holder);
  const finalErrorSent = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const helloTimer = armHelloTimer();
  let owner = firstOwner;
  let finalErrorTimer: NodeJS.Timeout | undefined;
  let pumpScheduled = false;
  /** `farewell`: an orderly goaway follows what is queued. `dropped`: nobody is told anything any more. */
  let mode: 'talking' | 'farewell' | 'dropped' = 'talking';
  let drainedBytes = 0;
  /** Bytes of large reads in this turn of the event loop. */
  let turnBytes = 0;
  let liveness = transport.liveness;

  const isTalking = (): boolean => isWorking(machine.state);

  function schedulePump(): void {
    if (pumpScheduled) return;
    pumpScheduled = true;
    // Once in a turn of the event loop: what was caused by several events leaves in one write
    setImmediate(() => {
      pumpScheduled = false;
      pump();
    });
  }

  /** All that follows from an input or a command: frames leave, events are told, the socket is read or held. */
  function pump(): void {
    if (mode === 'dropped') return;
    if (transport.isOpen) sendFrames();
    reportEvents();
  }

  function reportEvents(): void {
    for (let event = machine.pollEvent(); event !== null; event = machine.pollEvent()) handleEvent(event);
    owner.handlePumped();
    if (isTalking()) holdOrRead();
  }

  /** Sends what the machine has, as far as the transport takes it without piling up. */
  function sendFrames(): void {
    while (transport.backlogBytes + writer.pendingBytes < SOCKET_BACKLOG_BYTES || !isTalking()) {
      const output = machine.pollOutput();
      if (output !== null) {
        writer.write(output);
        finalErrorTimer?.refresh();
      } else if (mode === 'farewell' && isTalking()) machine.leave(null);
      else break;
    }
    writer.flush();
  }

  /** Nothing is read from a peer that does not read our answers, or that talks faster than anybody listens. */
  function holdOrRead(): void {
    if (owner.heldBytes() > CONTROL_BACKLOG_BYTES || turnBytes > TURN_READ_BYTES) transport.pause();
    else if (transport.isPaused) transport.resume();
  }

  /** libuv reads a socket 32 times before it looks at the next one: what comes fast is read on in the next turn. */
  function countRead(bytes: number): void {
    if (bytes < LARGE_READ_BYTES || greeting.role !== 'daemon') return;
    if (turnBytes === 0)
      setImmediate(() => {
        const wasHeld = turnBytes > TURN_READ_BYTES;
        turnBytes = 0;
        if (wasHeld && mode !== 'dropped' && isTalking()) holdOrRead();
      });
    turnBytes += bytes;
  }

  function handleEvent(event: ConnectionEvent): void {
    switch (event.kind) {
      case 'login':
        return void settle(async () => required(judge)(event.login), machine.decide);
      case 'chosen':
        return void settle(async () => required(prove)(event.offer), machine.prove);
      case 'relayed':
        liveness = 'own';
        return owner.handleEvent(event);
      case 'ended':
        clearTimeout(helloTimer);
        owner.handleEvent(event);
        return finish();
      default:
        owner.handleEvent(event);
        if (machine.nextDeadlineMs === null) clearTimeout(helloTimer);
        // What it asked for may have something to send.
        schedulePump();
    }
  }

  /** Goes on with an answer that takes its time; without one the connection ends. */
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

  /**
   * Our last words are followed by a half-close, and a peer that still sends is read a little longer, so that they arrive.
   * After the peer's last words, or without any, nobody waits for ours.
   */
  function finish(): void {
    if (machine.state !== 'leaving') return transport.destroy();
    if (transport.isOpen) sendFrames();
    transport.end();
    armFinalErrorTimer();
  }

  function armHelloTimer(): NodeJS.Timeout {
    const deadlineMs = machine.nextDeadlineMs ?? now();
    function look(): void {
      // The deadline itself: a timer may fire a moment before it by this clock.
      machine.handleTime(deadlineMs);
      pump();
    }
    // Timers fire before waiting bytes are read: a hello that has come while this process stood still is looked at first.
    return setTimeout(() => setImmediate(look), deadlineMs - now());
  }

  function armFinalErrorTimer(): void {
    finalErrorTimer ??= setTimeout(() => transport.destroy(), LAST_WORDS_MS);
  }

  function handleBytes(bytes: Uint8Array): void {
    if (mode === 'dropped') return;
    if (isTalking()) {
      noteRead(bytes.length);
      countRead(bytes.length);
      machine.handleBytes(bytes);
      // Frames leave behind what the events cause in this turn, with it
      schedulePump();
      return reportEvents();
    }
    drainedBytes += bytes.length;
    if (drainedBytes > LAST_WORDS_DRAIN_BYTES) transport.pause();
  }

  function handleEnd(reason: RexaError | null = null): void {
    machine.handleEnd(reason);
    pump();
  }

  function handleClose(reason: RexaError | null): void {
    clearTimeout(finalErrorTimer);
    handleEnd(reason);
    finalErrorSent.resolve();
    closed.resolve();
  }

  transport.start({
    handleBytes,
    handleDrain: pump,
    handleEnd: () => handleEnd(),
    handleFinish: finalErrorSent.resolve,
    handleClose,
  });
  schedulePump();

  return {
    transport,
    get liveness() {
      return liveness;
    },
    machine,
    setOwner(newOwner) {
      owner = newOwner;
    },
    schedulePump,
    leave(error) {
      if (!isTalking()) return;
      if (error) machine.leave(error);
      else if (mode === 'talking') mode = 'farewell';
      armFinalErrorTimer();
      schedulePump();
    },
    drop() {
      clearTimeout(helloTimer);
      mode = 'dropped';
      transport.destroy();
    },
    get bytesRead() {
      return transport.bytesRead;
    },
    get isHeld() {
      return transport.isPaused;
    },
    finalErrorSent: finalErrorSent.promise,
    closed: closed.promise,
  };
}

function required<Answer>(answer: Answer | undefined): Answer {
  if (answer === undefined) throw new RexaError('INTERNAL', ['nobody answers logins here']);
  return answer;
}
