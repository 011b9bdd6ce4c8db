import type { LinkStatus } from '../../link/reconnect.ts';
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
  /** Lets the host's program draw its screen anew. */
  readonly redraw: () => void;
  /** Goes before the seconds that are left. */
  readonly text: string;
  /** Goes behind them. */
  readonly hint: string;
}

/**
 * A shell's screen stands aside for it, and comes back as it was. The other screen, which full-screen programs use, cannot:
 * there it takes the last row, and the program draws that anew.
 */
type State = 'hidden' | 'on-own-screen' | 'on-last-row';

const SAVE_CURSOR = '\x1b7';
const RESTORE_CURSOR = '\x1b8';
const OTHER_SCREEN = '\x1b[?1049h\x1b[0m\x1b[2J';
const USUAL_SCREEN = '\x1b[?1049l';
const INVERSE = '\x1b[0;7m';
const PLAIN = '\x1b[0m';
const ERASE_LINE = '\x1b[2K';
const SECOND_MS = 1000;

export function createStatusLine(options: StatusLineOptions): StatusLine {
  const { write, size, modes } = options;
  let state: State = 'hidden';
  let timer: NodeJS.Timeout | undefined;

  function show(retryAtMs: number): void {
    const seconds = Math.max(0, Math.ceil((retryAtMs - performance.now()) / SECOND_MS));
    // In the middle of a sequence of the host it would be a part of that
    if (modes.isSettled) draw(`${options.text}, retrying (${seconds} s)${options.hint}`);
    if (seconds > 0) timer = setTimeout(show, SECOND_MS, retryAtMs).unref();
  }

  function draw(text: string): void {
    const { columns, rows } = size();
    const shown = text.slice(0, columns - 1);
    if (state === 'hidden') {
      state = modes.isOtherScreen ? 'on-last-row' : 'on-own-screen';
      if (state === 'on-own-screen') write(OTHER_SCREEN);
    }
    if (state === 'on-own-screen') write(`\x1b[H${ERASE_LINE}${shown}`);
    else write(`${SAVE_CURSOR}\x1b[${rows};1H${INVERSE}${ERASE_LINE}${shown}${PLAIN}${RESTORE_CURSOR}`);
  }

  function hide(): void {
    clearTimeout(timer);
    const shown = state;
    state = 'hidden';
    if (shown === 'on-own-screen') write(USUAL_SCREEN);
    if (shown !== 'on-last-row') return;
    write(`${SAVE_CURSOR}\x1b[${size().rows};1H${PLAIN}${ERASE_LINE}${RESTORE_CURSOR}`);
    options.redraw();
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
