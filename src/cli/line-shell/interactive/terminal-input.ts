import type { ReadStream } from 'node:tty';
import { ESCAPE_KEY_MS } from '../../limits.ts';
import type { SignalSource } from '../../run/interrupts.ts';
import { createKeyDecoder, type Key } from '../editor/keys.ts';

/** Our terminal's keys, until `close`. */
export interface TerminalInput {
  close(): void;
}

export interface TerminalInputHandlers {
  handleKey(key: Key): void;
  /** The terminal is gone. */
  handleEnd(): void;
  /** This process was stopped and continues: another program had the terminal. */
  handleContinue(): void;
}

/** Reads single keys: from here on the terminal echoes nothing and makes no signals of them. */
export function readTerminal(
  stream: ReadStream,
  signals: SignalSource,
  handlers: TerminalInputHandlers,
): TerminalInput {
  const decoder = createKeyDecoder();
  let timer: NodeJS.Timeout | undefined;

  function handle(keys: readonly Key[]): void {
    for (const key of keys) handlers.handleKey(key);
  }

  function handleData(text: string): void {
    clearTimeout(timer);
    handle(decoder.take(text));
    if (decoder.isWaiting) timer = setTimeout(() => handle(decoder.flush()), ESCAPE_KEY_MS);
  }

  function handleContinue(): void {
    // The shell that we were started from has set the terminal up for itself
    stream.setRawMode(false);
    stream.setRawMode(true);
    handlers.handleContinue();
  }

  stream.setEncoding('utf8');
  stream.setRawMode(true);
  stream.on('data', handleData);
  stream.on('end', handlers.handleEnd);
  stream.on('error', handlers.handleEnd);
  signals.on('SIGCONT', handleContinue);
  stream.resume();

  return {
    close() {
      clearTimeout(timer);
      stream.off('data', handleData);
      stream.off('end', handlers.handleEnd);
      signals.off('SIGCONT', handleContinue);
      stream.pause();
      stream.setRawMode(false);
    },
  };
}
