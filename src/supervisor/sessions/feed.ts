import type { Writable } from 'node:stream';
import { SESSION_CLIENT_BACKLOG_BYTES, SESSION_FRAME_MS } from '../limits.ts';
import { type ClientSize, type Frame, writeFrame } from './paint-frame.ts';
import type { Screen } from './screen.ts';

/** What one client of a session is shown. */
export interface Feed {
  /** Takes output of the program that ends between two control functions; none of it is written to afterwards. */
  take(bytes: Uint8Array): void;
  /** The screen has painted more. */
  handlePainted(): void;
  /** The client's terminal has another size, or the session has: the client gets the whole screen. */
  restart(size: ClientSize): void;
  /** Nothing more comes: resolves when the client has been sent the last screen, or is behind for good. */
  finish(): void;
  close(): void;
}

/**
 * | state     | the client gets                                    | next                                          |
 * |-----------|----------------------------------------------------|-----------------------------------------------|
 * | `joining` | nothing; output is kept                            | `live` or `frames` when the screen is painted up to where it joined |
 * | `live`    | every byte of the program                          | `behind` if it does not take them             |
 * | `behind`  | nothing; output is dropped                         | `joining` when it has taken what was sent     |
 * | `frames`  | pictures of its part of the screen, as it takes them | `joining` on `restart`                      |
 * | `closed`  | nothing                                            |                                               |
 */
type State = 'joining' | 'live' | 'behind' | 'frames' | 'closed';

/**
 * Creates the feed of a client. It never waits for the client: one that cannot follow gets the screen as it is then in place of the
 * output that led there.
 * @param output to the client
 * @param historyLines above the screen, which are sent first
 */
export function createFeed(screen: Screen, output: Writable, first: ClientSize, historyLines: number): Feed {
  let state: State = 'joining';
  let size = first;
  let kept: Uint8Array[] = [];
  let frame: Frame | null = null;
  let lines: number | null = historyLines;
  let timer: NodeJS.Timeout | null = null;
  /** Of a join that was overtaken by another one nothing is painted. */
  let joins = 0;

  const isSameSize = (): boolean => size.columns === screen.columns && size.rows === screen.rows;

  function join(): void {
    state = 'joining';
    kept = [];
    const number = ++joins;
    screen.afterWritten(() => {
      if (state !== 'joining' || number !== joins) return;
      if (isSameSize()) beginLive();
      else beginFrames();
    });
  }

  function beginLive(): void {
    state = 'live';
    output.write(screen.paint(lines));
    lines = null;
    for (const bytes of kept) take(bytes);
    kept = [];
  }

  function beginFrames(): void {
    state = 'frames';
    kept = [];
    frame = null;
    paint();
  }

  function take(bytes: Uint8Array): void {
    if (state === 'joining') kept.push(bytes);
    if (state !== 'live') return;
    if (output.writableLength > SESSION_CLIENT_BACKLOG_BYTES) state = 'behind';
    else output.write(bytes);
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
    take,
    handlePainted() {
      if (state !== 'frames') return;
      timer ??= setTimeout(() => {
        timer = null;
        paint();
      }, SESSION_FRAME_MS);
    },
    restart(next) {
      size = next;
      if (state === 'closed') return;
      // A picture for each change would wait here as long as the client takes nothing
      if (output.writableNeedDrain) state = 'behind';
      else join();
    },
    finish() {
      if (state === 'behind' || state === 'joining') {
        state = 'live';
        if (isSameSize()) output.write(screen.paint(lines));
        else state = 'frames';
      }
      if (state === 'frames') output.write(writeFrame(screen.frame(size), null));
    },
    close() {
      state = 'closed';
      kept = [];
      if (timer !== null) clearTimeout(timer);
      output.off('drain', handleDrain);
    },
  };
}
