import type { RexaError } from '../protocol/errors.ts';

/**
 * Who finds a dead peer. `own`: this end asks for signs of life. `outer`: whatever carries the transport finds it. `none`:
 * a peer on this machine cannot go without its connection ending, and one that is silent is stopped.
 */
export type Liveness = 'own' | 'outer' | 'none';

/** What a transport reports to whoever drives it. Nothing is called after `handleClose`. */
export interface TransportHandler {
  /** Bytes have come, in order. Their memory is the handler's from here on: nobody writes to it again. */
  handleBytes(bytes: Uint8Array): void;
  /** What was written has left, so that more may be written. */
  handleDrain(): void;
  /** The peer sends no more. May be left out where the close follows at once, which says the same. */
  handleEnd(): void;
  /** Everything that was written before `end` has left this process. */
  handleFinish(): void;
  /**
   * Nothing comes or leaves any more. Called once, and last.
   * @param reason what is known of an end that nobody here asked for
   */
  handleClose(reason: RexaError | null): void;
}

/**
 * An ordered stream of bytes in both directions, with backpressure: all that a connection knows of what carries it.
 * test/fixtures/link/transport-conformance.ts judges every implementation.
 *
 * Order of calls: `start` once, then any others. `end` comes after the last `write`. `destroy` may be called at any time,
 * before `start` too, and more than once.
 */
export interface Transport {
  /** Says who is told what happens, and begins to read: nothing was read before, and nothing is lost. */
  start(handler: TransportHandler): void;
  /**
   * Takes chunks, to be written in order. Always takes them: whoever writes looks at `backlogBytes`.
   * @param handleReleased called once, when the memory of all these chunks is not used any more: they were written, or
   * never will be
   */
  write(chunks: readonly Uint8Array[], handleReleased?: () => void): void;
  /** Bytes that were written and have not left yet. */
  readonly backlogBytes: number;
  /** Whether it keeps the process alive, as it does at first. Absent where it never does. */
  setRef?(isRef: boolean): void;
  pause(): void;
  resume(): void;
  readonly isPaused: boolean;
  /** Writes no more; what was written still leaves. The peer may go on sending where `halfClose` is true. */
  end(): void;
  /** Closes it at once: what has not left yet is lost. */
  destroy(): void;
  /** Whether bytes may still be written and read. */
  readonly isOpen: boolean;
  /** Whether the peer sees `end` while its own bytes still come here. Goodbyes don't rely on it. */
  readonly halfClose: boolean;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly liveness: Liveness;
  /** After so many bytes, both ways together, another connection should take its place; Infinity: never. */
  readonly renewAfterBytes: number;
  /**
   * Derives a secret that only the two ends of this connection know (RFC 8446, 7.5). Null where the transport has none: then
   * nothing proven on it can be bound to it.
   */
  readonly exportSecret: ((label: string, context: Uint8Array, bytes: number) => Buffer) | null;
}
