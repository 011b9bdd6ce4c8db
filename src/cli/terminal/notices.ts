import { showText } from '../../protocol/show-text.ts';
import { chooseWording } from './choose-wording.ts';
import type { TerminalSize } from './local-terminal.ts';
import type { ModeTracker } from './terminal-modes.ts';

/** Lines that are shown for a moment on the last row of a screen that can be painted anew. */
export interface Notices {
  /** Shows a line in the place of the one before. */
  show(text: string): void;
  /**
   * The host has written, perhaps over the line. On the screen of a full-screen program it is shown again, as long as it is to be
   * seen. On the usual one it may have been scrolled, and rows that leave there are kept: it is taken back, and shown again when
   * the host is quiet.
   */
  handleWritten(): void;
  stop(): void;
}

/** What notices need of the terminal. */
export interface NoticesOptions {
  /** Waits until the host's output is settled. */
  readonly write: (text: string) => void;
  readonly size: () => TerminalSize;
  readonly modes: Pick<ModeTracker, 'isSettled' | 'isOtherScreen'>;
  /** Takes the line back. */
  readonly repaint: () => void;
}

/** Long enough to be read, and short enough not to hide what stands there. */
const SHOWN_MS = 3_000;
/** The host is quiet. */
const QUIET_MS = 300;
/** A line for which there was no room by then is not news any more. */
const MAX_AGE_MS = 10_000;

/** Creates the place of notices. */
export function createNotices({ write, size, modes, repaint }: NoticesOptions): Notices {
  let timer: NodeJS.Timeout | undefined;
  let shown: string | null = null;
  let state: 'drawn' | 'taken-back' = 'taken-back';
  let shownAtMs = 0;

  function draw(text: string): void {
    const { columns, rows } = size();
    const line = chooseWording([`rexa: ${showText(text)}`], columns - 1);
    write(`\x1b7\x1b[?6l\x1b[${rows};1H\x1b[0;7m\x1b[2K${line}\x1b[0m\x1b8`);
  }

  function takeBack(): void {
    state = 'taken-back';
    repaint();
  }

  function show(text: string): void {
    clearTimeout(timer);
    shown = text;
    state = 'drawn';
    draw(text);
    timer = setTimeout(() => {
      shown = null;
      takeBack();
    }, SHOWN_MS).unref();
  }

  function showWhenQuiet(text: string): void {
    if (state === 'drawn') takeBack();
    clearTimeout(timer);
    if (performance.now() - shownAtMs > MAX_AGE_MS) shown = null;
    else timer = setTimeout(() => show(text), QUIET_MS).unref();
  }

  return {
    show(text) {
      shownAtMs = performance.now();
      show(text);
    },
    handleWritten() {
      if (shown === null) return;
      if (!modes.isOtherScreen) showWhenQuiet(shown);
      else if (modes.isSettled) draw(shown);
    },
    stop() {
      clearTimeout(timer);
      shown = null;
    },
  };
}
