import type { LinkStatus } from '../../link/reconnect.ts';
import { chooseWording } from './choose-wording.ts';
import { ASK_CURSOR, type CursorPlace } from './cursor-question.ts';
import type { TerminalSize } from './local-terminal.ts';
import type { ModeTracker } from './terminal-modes.ts';

/** Says on our terminal that the connection is lost, for as long as it is. */
export interface StatusLine {
  handleStatus(status: LinkStatus): void;
  /** Takes it back: called before anything of the host is shown, and at the end. */
  hide(): void;
}

export interface StatusLineOptions {
  readonly write: (text: string) => void;
  readonly size: () => TerminalSize;
  readonly modes: Pick<ModeTracker, 'isOtherScreen' | 'isSettled'>;
  /** Resolves with where the cursor stands, once that was asked for; null: it can't be told. */
  readonly askCursor: () => Promise<CursorPlace | null>;
  /** Lets the host's program draw its screen anew. */
  readonly redraw: () => void;
  /** What it says, by the seconds that are left: the widest wording first, of which the first that fits is shown. */
  readonly describe: (seconds: number) => readonly string[];
}

/**
 * - `asking`: whether the terminal has another screen.
 * - `on-own-screen`: a shell's screen stands aside for it, and comes back as it was.
 * - `below`: the terminal has no other screen (tmux with alternate-screen off). The line is inserted below the cursor's,
 *   which scrolls where there is no room, and taken out again: nothing is overwritten.
 * - `on-last-row`: of a full-screen program, which then draws itself anew.
 */
type State = 'hidden' | 'asking' | 'on-own-screen' | 'below' | 'on-last-row';

const SAVE_CURSOR = '\x1b7';
const RESTORE_CURSOR = '\x1b8';
const OTHER_SCREEN = '\x1b[?1049h';
const USUAL_SCREEN = '\x1b[?1049l';
const INVERSE = '\x1b[0;7m';
const PLAIN = '\x1b[0m';
const ERASE_LINE = '\x1b[2K';
/** The row below is there: index and reverse index keep the column. */
const MAKE_ROW = '\x1bD\x1bM';
const TO_NEXT_ROW = '\x1b[B\r';
/** A terminal that has another screen comes back from it to where the cursor was; one that has none stays at the top. */
const TRY_OTHER_SCREEN = `${SAVE_CURSOR}${OTHER_SCREEN}\x1b[H${USUAL_SCREEN}${ASK_CURSOR}${RESTORE_CURSOR}`;
const SECOND_MS = 1000;

export function createStatusLine(options: StatusLineOptions): StatusLine {
  const { write, size, modes } = options;
  let state: State = 'hidden';
  let timer: NodeJS.Timeout | undefined;

  function show(retryAtMs: number): void {
    const seconds = Math.max(0, Math.ceil((retryAtMs - performance.now()) / SECOND_MS));
    // In the middle of a sequence of the host it would be a part of that
    if (modes.isSettled) draw(options.describe(seconds), retryAtMs);
    if (seconds > 0) timer = setTimeout(show, SECOND_MS, retryAtMs).unref();
  }

  function draw(wordings: readonly string[], retryAtMs: number): void {
    if (state === 'hidden') {
      if (!modes.isOtherScreen) return void choosePlace(retryAtMs);
      state = 'on-last-row';
    }
    const { columns, rows } = size();
    const line = `${ERASE_LINE}${chooseWording(wordings, columns - 1)}`;
    if (state === 'on-own-screen') write(`\x1b[H${line}`);
    else if (state === 'below')
      write(`${SAVE_CURSOR}${TO_NEXT_ROW}${INVERSE}${line}${PLAIN}${RESTORE_CURSOR}`);
    else if (state === 'on-last-row')
      write(`${SAVE_CURSOR}\x1b[${rows};1H${INVERSE}${line}${PLAIN}${RESTORE_CURSOR}`);
  }

  async function choosePlace(retryAtMs: number): Promise<void> {
    state = 'asking';
    write(TRY_OTHER_SCREEN);
    const place = await options.askCursor();
    if (state !== 'asking') return;
    const hasOtherScreen = place !== null && (place.row > 1 || place.column > 1);
    state = hasOtherScreen ? 'on-own-screen' : 'below';
    if (hasOtherScreen) write(`${OTHER_SCREEN}${PLAIN}`);
    else write(`${MAKE_ROW}${SAVE_CURSOR}${TO_NEXT_ROW}\x1b[L${RESTORE_CURSOR}`);
    clearTimeout(timer);
    show(retryAtMs);
  }

  function hide(): void {
    clearTimeout(timer);
    const shown = state;
    state = 'hidden';
    if (shown === 'on-own-screen') write(USUAL_SCREEN);
    else if (shown === 'below') write(`${SAVE_CURSOR}${TO_NEXT_ROW}\x1b[M${RESTORE_CURSOR}`);
    else if (shown === 'on-last-row') {
      write(`${SAVE_CURSOR}\x1b[${size().rows};1H${PLAIN}${ERASE_LINE}${RESTORE_CURSOR}`);
      options.redraw();
    }
  }

  return {
    handleStatus(status) {
      clearTimeout(timer);
      if (status.kind === 'waiting') show(performance.now() + status.retryInMs);
      else hide();
    },
    hide,
  };
}
