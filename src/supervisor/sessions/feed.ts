import type { Writable } from 'node:stream';
import { SESSION_CLIENT_BACKLOG_BYTES, SESSION_FRAME_MS } from '../limits.ts';
import { type ClientSize, type Frame, writeFrame } from './paint-frame.ts';
import type { Screen } from './screen.ts';

/** What one client of a session is shown. */
export interface Feed {
  /** Takes output that the screen has; it ends between two control functions, and none of it is written to afterwards. */
  take(bytes: Uint8Array): void;
  /** The client's terminal has another size, or the session has: the client gets the whole screen. */
  restart(size: ClientSize): void;
  /** Nothing more comes: the client is sent the last screen, unless it has it. */
  finish(): void;
  close(): void;
}

/**
 * | state    | the client gets                                    | next                                              |
 * |----------|----------------------------------------------------|---------------------------------------------------|
 * | `live`   | every byte of the program                          | `behind` if it does not take them                 |
 * | `behind` | nothing; output is dropped                         | `live` or `frames` when it has taken what was sent |
 * | `frames` | pictures of its part of the screen, as it takes them | `live` or `frames` on `restart`                 |
 * | `closed` | nothing                                            |                                                   |
 */
type State = 'live' | 'behind' | 'frames' | 'closed';

/**
 * Creates the feed of a client. It never waits for the client: one that cannot follow gets the screen as it is then in place of the
 * output that led there.
 * @param output to the client
 * @param historyLines above the screen, which are sent first
 */
export function createFeed(screen: Screen, output: Writable, first: ClientSize, historyLines: number): Feed {
  let state: State = 'behind';
  let size = first;
  let frame: Frame | null = null;
  let lines: number | null = historyLines;
  let timer: NodeJS.Timeout | null = null;

  const isSameSize = (): boolean => size.columns === screen.columns && size.rows === screen.rows;

  function join(): void {
    state = isSameSize() ? 'live' : 'frames';
    frame = null;
    if (state === 'frames') return paint();
    output.write(screen.paint(lines));
    lines = null;
  }

  /** One that has still to take the last picture gets the next one behind it. */
  function paint(): void {
    if (state !== 'frames' || output.writableNeedDrain) return;
    const next = screen.frame(size);
    const text = writeFrame(next, frame);
    frame = next;
    if (text !== '') output.write(text);
  }

  function handleDrain(): void {
    if (state === 'behind') join();
    else paint();
  }

  output.on('drain', handleDrain);
  join();

  return {
    take(bytes) {
      if (state === 'frames')
        timer ??= setTimeout(() => {
          timer = null;
          paint();
        }, SESSION_FRAME_MS);
      if (state !== 'live') return;
      if (output.writableLength > SESSION_CLIENT_BACKLOG_BYTES) state = 'behind';
      else output.write(bytes);
    },
    restart(next) {
      size = next;
      if (state === 'closed') return;
      // A picture for each change would wait here as long as the client takes nothing
      if (output.writableNeedDrain) state = 'behind';
      else join();
    },
    finish() {
      if (state === 'live' || state === 'closed') return;
      output.write(isSameSize() ? screen.paint(lines) : writeFrame(screen.frame(size), null));
    },
    close() {
      state = 'closed';
      if (timer !== null) clearTimeout(timer);
      output.off('drain', handleDrain);
    },
  };
}
