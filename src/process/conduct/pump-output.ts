import type { Readable, Writable } from 'node:stream';
import type { EncodingReceipt } from '../../protocol/outcome.ts';
import { recycleBytes } from '../../runtime/chunk-memory.ts';
import type { OutputFilter } from './filters.ts';

/** What the pump tells the run's life. */
export interface OutputListener {
  /** Whether more has come than was given to the pump: then it is too early to take what is held for the end. */
  isWaiting(): boolean;
  handleBytes(bytes: number): void;
  handleBlocked(blocked: boolean): void;
  handleEnd(): void;
}

/** One output of a command on its way to the client. */
export interface OutputPump {
  /** Bytes that the command wrote, before transcoding, that went to the client. */
  readonly bytes: number;
  receipt(): EncodingReceipt;
  /** The reply ends here: what still comes through the pipe is read and thrown away. @returns the pipe */
  discardRest(): Readable;
  /** Nobody reads any more: the pipe is closed, as if its reader had ended. */
  close(): void;
}

/** Copies a command's output through its decoder into a channel's stream, with backpressure down to the pipe. */
export function pumpOutput(
  from: Readable,
  into: Writable,
  decoder: OutputFilter,
  listener: OutputListener,
): OutputPump {
  let bytes = 0;
  let state: 'flowing' | 'ended' | 'discarding' = 'flowing';
  let unwritten = 0;
  let holdTimer: NodeJS.Timeout | null = null;

  function handleWritten(): void {
    unwritten--;
    if (unwritten > 0 || !from.isPaused()) return;
    listener.handleBlocked(false);
    from.resume();
  }

  function send(text: Uint8Array): void {
    if (text.length === 0) return;
    unwritten++;
    if (into.write(text, handleWritten) || state !== 'flowing') return;
    from.pause();
    listener.handleBlocked(true);
  }

  function holdTime(): void {
    if (holdTimer) clearTimeout(holdTimer);
    holdTimer = decoder.holdMs === null ? null : setTimeout(look, decoder.holdMs);
  }

  /** The timer of a process that was stopped fires before it has read what came meanwhile. */
  function look(): void {
    holdTimer = setTimeout(() => {
      if (from.isPaused() || listener.isWaiting()) holdTime();
      else send(decoder.flush());
    }, 0);
  }

  function finish(): void {
    if (holdTimer) clearTimeout(holdTimer);
    send(decoder.end());
    into.end();
  }

  function handleClose(): void {
    if (state !== 'flowing') return;
    state = 'ended';
    finish();
    listener.handleEnd();
  }

  from.on('data', (chunk: Buffer) => {
    if (state !== 'flowing') return recycleBytes(chunk);
    bytes += chunk.length;
    listener.handleBytes(chunk.length);
    const text = decoder.write(chunk);
    send(text);
    if (text.buffer !== chunk.buffer) recycleBytes(chunk);
    holdTime();
  });
  // One that was closed before anybody listened says nothing any more
  if (from.closed) queueMicrotask(handleClose);
  else from.once('close', handleClose);
  from.on('error', () => {});

  return {
    get bytes() {
      return bytes;
    },
    receipt: () => decoder.receipt(),
    discardRest() {
      if (state === 'flowing') {
        state = 'discarding';
        finish();
        from.resume();
      }
      return from;
    },
    close: () => void from.destroy(),
  };
}
