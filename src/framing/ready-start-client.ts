import { decodeReady, EXIT, START } from './ready-start.ts';
import { joinBytes, NO_BYTES } from './ready-start-bytes.ts';
import { type CommandRefusal, checkCommand, encodeCommand } from './ready-start-command.ts';
import { type Greeting, GreetingReader, type GreetingRefusal } from './ready-start-greeting.ts';

/** Limits of a conversation on the client's side; the values are in client/limits.ts. */
export interface ClientLimits {
  /** What the peer reads at once. */
  readonly maxCommandBytes: number;
  readonly maxReplyBytes: number;
  readonly maxGreetingBytes: number;
  readonly stallMs: number;
}

/** A protocol error of the peer. The conversation is over, and a pending reply is incomplete. */
export type ClientFailure =
  | { readonly kind: GreetingRefusal; readonly bytes: Uint8Array }
  | { readonly kind: 'size-malformed' | 'size-too-large'; readonly bytes: Uint8Array }
  /** The peer sent bytes after `Ready|size` without waiting for `Start`. */
  | { readonly kind: 'reply-early'; readonly bytes: Uint8Array }
  | { readonly kind: 'reply-short'; readonly gotBytes: number; readonly sizeBytes: number }
  | { readonly kind: 'reply-excess'; readonly excessBytes: number; readonly sizeBytes: number }
  /** The peer closed before it announced a reply: the command may or may not have run. */
  | { readonly kind: 'no-reply'; readonly bytes: Uint8Array }
  /** The peer sent bytes while no command was running. */
  | { readonly kind: 'unasked'; readonly bytes: Uint8Array }
  | { readonly kind: 'stalled'; readonly gotBytes: number; readonly sizeBytes: number | null };

/** An action for the caller, in order. */
export type ClientOutput =
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  | { readonly kind: 'reply-size'; readonly sizeBytes: number }
  /** A view of the bytes passed to `handleRead`. */
  | { readonly kind: 'reply-bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'reply-end' }
  /** Close the connection; the last output. `failure` is null after an orderly end. */
  | { readonly kind: 'close'; readonly failure: ClientFailure | null };

/** `spent`: after `Ready|0`. The next command needs a new connection, or the peer could read it together with `Start`. */
export type ClientState = 'idle' | 'waiting' | 'receiving' | 'spent' | 'closed';
type ClientEvent = 'command' | 'ready' | 'ready-empty' | 'reply-end' | 'end';

const NEXT_STATE: Record<ClientState, Partial<Record<ClientEvent, ClientState>>> = {
  idle: { command: 'waiting', end: 'closed' },
  waiting: { ready: 'receiving', 'ready-empty': 'spent', end: 'closed' },
  receiving: { 'reply-end': 'idle', end: 'closed' },
  spent: { end: 'closed' },
  closed: {},
};

/**
 * The client's side of one Ready/Start conversation, one command at a time. After each `handle…` call, call `poll` until it
 * returns null, then `pollTimeout` for the time of `handleTimeout`. Input of the peer never makes it throw; calls in the
 * wrong state throw an Error.
 */
export class ReadyStartClient {
  #state: ClientState = 'idle';
  /** An incomplete `Ready`. */
  #held: Uint8Array = NO_BYTES;
  #sizeBytes = 0;
  #gotBytes = 0;
  #lastReadMs = 0;
  readonly #greeting: GreetingReader;
  readonly #outputs: ClientOutput[] = [];
  readonly #limits: ClientLimits;

  constructor(limits: ClientLimits, greeting: Greeting) {
    this.#limits = limits;
    this.#greeting = new GreetingReader(greeting, limits.maxGreetingBytes);
  }

  get state(): ClientState {
    return this.#state;
  }

  /** The greeting before the peer's first `Ready`; untrusted. */
  get greeting(): Uint8Array {
    return this.#greeting.text;
  }

  /**
   * Sends a command, in state `idle` only.
   * @param command UTF-8, without a line end
   * @returns why it was refused; null if it is sent
   */
  handleCommand(command: Uint8Array): CommandRefusal | null {
    const refusal = checkCommand(command, this.#limits.maxCommandBytes);
    if (refusal !== null) return refusal;
    this.#move('command');
    this.#outputs.push({ kind: 'write', bytes: encodeCommand(command, this.#limits.maxCommandBytes) });
    return null;
  }

  /** Handles the bytes of one read, whose end also ends a size without a newline. */
  handleRead(bytes: Uint8Array, nowMs: number): void {
    if (this.#state === 'closed' || bytes.length === 0) return;
    this.#lastReadMs = nowMs;
    if (this.#state === 'receiving') this.#takeReply(bytes);
    else this.#takeWords(bytes);
  }

  /** Handles the end of the peer's data. */
  handlePeerEnd(): void {
    if (this.#state === 'waiting')
      this.#close({ kind: 'no-reply', bytes: this.#greeting.isOver ? this.#held : this.greeting });
    else if (this.#state === 'receiving') this.#close({ kind: 'reply-short', ...this.#progress() });
    else this.#close(null);
  }

  /** Ends the conversation. It sends `exit` in state `idle` only: after `Ready|0` the peer could read it together with `Start`. */
  handleExit(): void {
    if (this.#state === 'idle') this.#outputs.push({ kind: 'write', bytes: EXIT });
    this.#close(null);
  }

  /** Handles the timeout of `pollTimeout`; an early call is harmless. */
  handleTimeout(nowMs: number): void {
    const dueMs = this.pollTimeout();
    if (dueMs === null || dueMs > nowMs) return;
    const { gotBytes, sizeBytes } = this.#progress();
    this.#close({ kind: 'stalled', gotBytes, sizeBytes: this.#state === 'receiving' ? sizeBytes : null });
  }

  /** Restarts the stall timeout after the caller paused reading. */
  handleResume(nowMs: number): void {
    this.#lastReadMs = nowMs;
  }

  /** Returns when `handleTimeout` is due; null for never, since the run time of a command is not limited. */
  pollTimeout(): number | null {
    const isOwed = this.#state === 'receiving' || (this.#state === 'waiting' && this.#held.length > 0);
    return isOwed ? this.#lastReadMs + this.#limits.stallMs : null;
  }

  poll(): ClientOutput | null {
    return this.#outputs.shift() ?? null;
  }

  #progress(): { gotBytes: number; sizeBytes: number } {
    return { gotBytes: this.#gotBytes, sizeBytes: this.#sizeBytes };
  }

  #takeWords(bytes: Uint8Array): void {
    const rest = this.#greeting.takeRead(bytes, this.#state === 'waiting');
    if (typeof rest === 'string') return this.#close({ kind: rest, bytes: this.greeting });
    if (rest.length === 0) return;
    if (this.#state === 'waiting') this.#takeReady(joinBytes(this.#held, rest));
    else this.#close({ kind: 'unasked', bytes: rest.slice() });
  }

  #takeReady(bytes: Uint8Array): void {
    const ready = decodeReady(bytes, this.#limits.maxReplyBytes);
    switch (ready.kind) {
      case 'incomplete':
        this.#held = bytes.slice();
        return;
      case 'malformed':
        return this.#close({ kind: 'size-malformed', bytes: bytes.slice() });
      case 'too-large':
        return this.#close({ kind: 'size-too-large', bytes: bytes.slice() });
      case 'ready':
        this.#held = NO_BYTES;
        if (ready.usedBytes < bytes.length) return this.#close({ kind: 'reply-early', bytes: bytes.slice() });
        return this.#startReply(ready.sizeBytes);
      default:
        ready satisfies never;
    }
  }

  #startReply(sizeBytes: number): void {
    this.#sizeBytes = sizeBytes;
    this.#gotBytes = 0;
    this.#move(sizeBytes === 0 ? 'ready-empty' : 'ready');
    this.#outputs.push({ kind: 'write', bytes: START }, { kind: 'reply-size', sizeBytes });
    if (sizeBytes === 0) this.#outputs.push({ kind: 'reply-end' });
  }

  #takeReply(bytes: Uint8Array): void {
    const owedBytes = this.#sizeBytes - this.#gotBytes;
    if (bytes.length > owedBytes) {
      const excessBytes = bytes.length - owedBytes;
      return this.#close({ kind: 'reply-excess', excessBytes, sizeBytes: this.#sizeBytes });
    }
    this.#gotBytes += bytes.length;
    this.#outputs.push({ kind: 'reply-bytes', bytes });
    if (this.#gotBytes < this.#sizeBytes) return;
    this.#move('reply-end');
    this.#outputs.push({ kind: 'reply-end' });
  }

  #close(failure: ClientFailure | null): void {
    if (this.#state === 'closed') return;
    this.#move('end');
    this.#held = NO_BYTES;
    this.#outputs.push({ kind: 'close', failure });
  }

  #move(event: ClientEvent): void {
    const next = NEXT_STATE[this.#state][event];
    if (next === undefined) throw new Error(`${event} has no place in state ${this.#state}`);
    this.#state = next;
  }
}
