import { checkRead, type ReadRefusal } from './check-ready-start-read.ts';
import { EXIT, encodeReady, START } from './ready-start.ts';
import { areSameBytes } from './ready-start-bytes.ts';
import { type CommandLine, ReadyStartInput } from './ready-start-input.ts';
import { checkUtf8 } from './ready-start-utf8.ts';

/** Limits of a conversation on the daemon's side; the values are in daemon/limits.ts. */
export interface DaemonLimits {
  readonly maxReadBytes: number;
  readonly maxQueuedCommands: number;
  readonly quietMs: number;
  readonly splitCharacterMs: number;
  readonly startTimeoutMs: number;
  readonly idleMs: number;
}

/** Why the conversation was closed; nothing of `bytes` was run. */
export interface PeerRefusal {
  readonly kind: 'refused';
  readonly reason: ReadRefusal | 'start-expected' | 'start-unasked' | 'queue-full';
  readonly bytes: Uint8Array;
}

/** How a conversation ended. */
export type ConversationEnd =
  | { readonly kind: 'exit' }
  | { readonly kind: 'peer-ended' }
  | { readonly kind: 'shutdown' }
  | { readonly kind: 'idle' }
  | { readonly kind: 'start-timeout' }
  | PeerRefusal;

/** An action for the caller, in order. */
export type DaemonOutput =
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  /** Run this command, which is valid UTF-8; then call `handleReplyReady` when its reply is complete. */
  | { readonly kind: 'run'; readonly command: Uint8Array }
  /** This line is not UTF-8 and must not be run; the reply is an error message: `handleReplyReady`. */
  | { readonly kind: 'refuse-command'; readonly command: Uint8Array }
  /** Send the reply; then call `handleReplySent` when its last byte is written. */
  | { readonly kind: 'send-reply' }
  /** Close the connection and end a running command. The last output. */
  | { readonly kind: 'close'; readonly end: ConversationEnd };

/** `ending`: the last reply is being sent, and no further input is accepted. */
export type DaemonState = 'listening' | 'running' | 'announced' | 'sending' | 'ending' | 'closed';
type DaemonEvent = 'command' | 'reply-ready' | 'start' | 'reply-sent' | 'end';

/** Between `Start` and the last byte an end is deferred: simple peers loop until they have all bytes and would spin. */
const NEXT_STATE: Record<DaemonState, Partial<Record<DaemonEvent, DaemonState>>> = {
  listening: { command: 'running', end: 'closed' },
  running: { 'reply-ready': 'announced', end: 'closed' },
  announced: { start: 'sending', end: 'closed' },
  sending: { 'reply-sent': 'listening', end: 'ending' },
  ending: { 'reply-sent': 'closed', end: 'ending' },
  closed: { end: 'closed' },
};

/**
 * The daemon's side of one Ready/Start conversation. After each `handle…` call, call `poll` until it returns null, then
 * `pollTimeout` for the time of `handleTimeout`. Input of the peer never makes it throw; calls in the wrong state throw an
 * Error.
 */
export class ReadyStartDaemon {
  #state: DaemonState = 'listening';
  /** Times of the last state change and of the last read. */
  #enteredMs: number;
  #lastReadMs: number;
  #answerWithNewline = false;
  #end: ConversationEnd = { kind: 'exit' };
  readonly #input = new ReadyStartInput();
  readonly #outputs: DaemonOutput[] = [];
  readonly #limits: DaemonLimits;

  /** @param greeting written immediately; empty for none */
  constructor(limits: DaemonLimits, greeting: Uint8Array, nowMs: number) {
    this.#limits = limits;
    this.#enteredMs = nowMs;
    this.#lastReadMs = nowMs;
    if (greeting.length > 0) this.#outputs.push({ kind: 'write', bytes: greeting });
  }

  get state(): DaemonState {
    return this.#state;
  }

  /** Handles the bytes of one read. Its boundary is significant, since a read is checked as a whole. */
  handleRead(bytes: Uint8Array, nowMs: number): void {
    if (this.#state === 'ending' || this.#state === 'closed') return;
    this.#lastReadMs = nowMs;
    const refusal = checkRead(this.#input.held, bytes, this.#limits.maxReadBytes);
    if (refusal !== null) return this.#refuse(refusal, bytes, nowMs);
    this.#input.addRead(bytes);
    this.#takeInput(nowMs);
  }

  /** Handles the end of the peer's data; the peer may be gone. */
  handlePeerEnd(nowMs: number): void {
    this.#finish({ kind: 'peer-ended' }, nowMs);
  }

  /** Handles the shutdown of the daemon, in states `listening` and `sending`; in the others the caller waits. */
  handleShutdown(nowMs: number): void {
    this.#finish({ kind: 'shutdown' }, nowMs);
  }

  /**
   * Reports that the reply to the command is complete.
   * @param sizeBytes at least 1: an empty reply is replaced by a text
   */
  handleReplyReady(sizeBytes: number, nowMs: number): void {
    if (this.#state === 'closed') return;
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 1)
      throw new RangeError(`a reply of ${sizeBytes} bytes`);
    this.#move('reply-ready', nowMs);
    this.#outputs.push({ kind: 'write', bytes: encodeReady(sizeBytes, this.#answerWithNewline) });
    this.#takeInput(nowMs);
  }

  /** Reports that the reply's last byte is written. */
  handleReplySent(nowMs: number): void {
    if (this.#state === 'closed') return;
    if (this.#move('reply-sent', nowMs) === 'closed') this.#outputs.push({ kind: 'close', end: this.#end });
    else this.#takeInput(nowMs);
  }

  /** Handles the timeout of `pollTimeout`; an early call is harmless. */
  handleTimeout(nowMs: number): void {
    if (this.#dueOfLineMs() <= nowMs) {
      this.#input.endLineByQuiet();
      this.#takeInput(nowMs);
    } else if (this.#dueOfStateMs() <= nowMs) {
      this.#finish({ kind: this.#state === 'announced' ? 'start-timeout' : 'idle' }, nowMs);
    }
  }

  /** Returns when `handleTimeout` is due; null for never. */
  pollTimeout(): number | null {
    const dueMs = Math.min(this.#dueOfLineMs(), this.#dueOfStateMs());
    return Number.isFinite(dueMs) ? dueMs : null;
  }

  poll(): DaemonOutput | null {
    return this.#outputs.shift() ?? null;
  }

  /** Returns when the incomplete line ends. A line that stops inside a character gets more time. */
  #dueOfLineMs(): number {
    const held = this.#input.held;
    if (held.length === 0 || this.#state === 'announced') return Number.POSITIVE_INFINITY;
    const isSplit = checkUtf8(held) === 'incomplete';
    return this.#lastReadMs + (isSplit ? this.#limits.splitCharacterMs : this.#limits.quietMs);
  }

  #dueOfStateMs(): number {
    switch (this.#state) {
      case 'listening':
        return this.#enteredMs + this.#limits.idleMs;
      case 'announced':
        return this.#enteredMs + this.#limits.startTimeoutMs;
      case 'running':
      case 'sending':
      case 'ending':
      case 'closed':
        return Number.POSITIVE_INFINITY;
      default:
        return this.#state satisfies never;
    }
  }

  /** Processes the input according to the state. */
  #takeInput(nowMs: number): void {
    if (this.#state === 'announced' && !this.#takeStart(nowMs)) return;
    this.#input.splitLines();
    const line = this.#state === 'listening' ? this.#input.takeLine() : undefined;
    if (line !== undefined) this.#takeCommand(line, nowMs);
    if (this.#input.waitingLines > this.#limits.maxQueuedCommands) {
      this.#refuse('queue-full', this.#input.takeLine()?.bytes ?? this.#input.held, nowMs);
    }
  }

  #takeStart(nowMs: number): boolean {
    const start = this.#input.takeStart();
    if (start === 'other') this.#refuse('start-expected', this.#input.held, nowMs);
    if (start !== 'taken') return false;
    this.#move('start', nowMs);
    this.#outputs.push({ kind: 'send-reply' });
    return true;
  }

  #takeCommand({ bytes, hadNewline }: CommandLine, nowMs: number): void {
    if (areSameBytes(bytes, EXIT)) return this.#finish({ kind: 'exit' }, nowMs);
    if (areSameBytes(bytes, START)) return this.#refuse('start-unasked', bytes, nowMs);
    this.#answerWithNewline = hadNewline;
    this.#move('command', nowMs);
    this.#outputs.push({ kind: checkUtf8(bytes) === 'valid' ? 'run' : 'refuse-command', command: bytes });
  }

  #refuse(reason: PeerRefusal['reason'], bytes: Uint8Array, nowMs: number): void {
    this.#finish({ kind: 'refused', reason, bytes: bytes.slice() }, nowMs);
  }

  /** Stops accepting input, and closes as soon as no reply is being sent. */
  #finish(end: ConversationEnd, nowMs: number): void {
    if (this.#state === 'closed' || this.#state === 'ending') return;
    this.#end = end;
    this.#input.clear();
    if (this.#move('end', nowMs) !== 'closed') return;
    // A command that the caller has not polled yet is not run any more.
    if (end.kind !== 'exit') this.#outputs.length = 0;
    this.#outputs.push({ kind: 'close', end });
  }

  #move(event: DaemonEvent, nowMs: number): DaemonState {
    const next = NEXT_STATE[this.#state][event];
    if (next === undefined) throw new Error(`${event} has no place in state ${this.#state}`);
    this.#state = next;
    this.#enteredMs = nowMs;
    return next;
  }
}
