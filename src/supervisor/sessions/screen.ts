import { countIncompleteTail } from '../../protocol/utf8-tail.ts';
import type { StyledCell } from '../../screen/cell-style.ts';
import { xtermParts } from '../../screen/xterm-parts.ts';
import { MAX_UNPAINTED_PIECES, PAINT_TURN_BYTES, PAINT_TURN_MS } from '../limits.ts';
import { createHistory } from './history.ts';
import { keepLeavingLines } from './leaving-lines.ts';
import { type ClientSize, type Frame, paintFrame } from './paint-frame.ts';
import { paintOutput } from './paint-output.ts';
import { type PaintedScreen, paintScreen } from './paint-screen.ts';
import { followModes } from './screen-modes.ts';

/** What a program has painted so far. Output is painted when there is enough of it, and whenever somebody looks. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** What the program calls itself; text from elsewhere. */
  readonly title: string;
  /** Output that is not painted yet. */
  readonly waitingBytes: number;
  /** Takes output. @param bytes are not written to afterwards */
  write(bytes: Uint8Array): void;
  resize(size: ClientSize): void;
  /** Returns what brings a terminal of the same size to the same state. @param historyLines null: it is painted anew */
  paint(historyLines: number | null): string;
  /** Returns the part that a terminal of another size shows. */
  frame(size: ClientSize): Frame;
  /** The rows as text, without attributes. */
  text(): readonly string[];
  close(): void;
}

/** What a screen reports. */
export interface ScreenListener {
  /** An answer of the terminal to a question of the program. */
  handleReply(text: string): void;
  /** Some of what waited is painted. Never called while a method of the screen is. */
  handlePainted(): void;
}

/** Lines that leave the screen while it gets smaller; those of a row that is wrapped anew are at most as many. */
const RESIZE_LINES = 10_000;
const MAX_TITLE_CHARACTERS = 256;
/** What a program waits for an answer to begins with ESC, or is a control of C1. */
const ESC = 0x1b;
const C1_LEAD = 0xc2;

/** Creates a screen. The package is loaded with the first one. */
export async function createScreen(
  { columns, rows }: ClientSize,
  { handleReply, handlePainted }: ScreenListener,
): Promise<Screen> {
  const { Terminal } = (await import('@xterm/headless')).default;
  const terminal = new Terminal({
    cols: columns,
    rows,
    // The history has them, in less memory
    scrollback: 0,
    allowProposedApi: true,
    logLevel: 'off',
  });
  terminal.onData(handleReply);
  const parts = xtermParts(terminal);
  const history = createHistory();
  const modes = followModes(terminal);
  const cell = terminal.buffer.active.getNullCell() as StyledCell;
  const leaving = keepLeavingLines(terminal, history, cell);
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let turn: NodeJS.Immediate | null = null;
  let title = '';
  terminal.onTitleChange((text) => {
    title = cleanTitle(text);
  });

  /** The beginning of a character waits for its end: xterm.js loses some characters that are cut. */
  function paintWaiting(untilMs: number): 'done' | 'late' {
    const all = waiting.length === 1 && waiting[0] !== undefined ? waiting[0] : Buffer.concat(waiting);
    const whole = all.subarray(0, all.length - countIncompleteTail(all));
    const painted = paintOutput({ parts, history, leaving }, whole, untilMs);
    waiting = painted === all.length ? [] : [all.slice(painted)];
    waitingBytes = all.length - painted;
    return painted === whole.length ? 'done' : 'late';
  }

  function settle(): void {
    if (waitingBytes > 0) paintWaiting(Number.POSITIVE_INFINITY);
  }

  function takeTurn(): void {
    const state = waitingBytes === 0 ? 'done' : paintWaiting(performance.now() + PAINT_TURN_MS);
    turn = state === 'done' ? null : setImmediate(takeTurn);
    handlePainted();
  }

  const painted = (): PaintedScreen => {
    settle();
    return { parts, columns: terminal.cols, rows: terminal.rows, modes: modes.sequences, title, cell };
  };

  return {
    get columns() {
      return terminal.cols;
    },
    get rows() {
      return terminal.rows;
    },
    get title() {
      settle();
      return title;
    },
    get waitingBytes() {
      return waitingBytes;
    },
    write(bytes) {
      // A control of C1 may be cut
      const isCut = waiting[0]?.[0] === C1_LEAD;
      waiting.push(bytes);
      waitingBytes += bytes.length;
      const isAsking = isCut || parts._inputHandler._parser.currentState !== 0 || mayAsk(bytes);
      const isMuch = waitingBytes >= PAINT_TURN_BYTES || waiting.length >= MAX_UNPAINTED_PIECES;
      if (isAsking || isMuch) turn ??= setImmediate(takeTurn);
    },
    resize(size) {
      settle();
      // Lines that leave are kept by xterm for a moment, to be taken from there
      terminal.options.scrollback = RESIZE_LINES;
      terminal.resize(size.columns, size.rows);
      leaving.keepAll();
      terminal.options.scrollback = 0;
    },
    paint: (lines) => paintScreen(painted(), lines === null ? null : history.last(lines)),
    frame: (size) => paintFrame(painted(), size),
    text() {
      settle();
      const { active } = terminal.buffer;
      return Array.from({ length: terminal.rows }, (_, row) =>
        (active.getLine(active.baseY + row)?.translateToString(true) ?? '').trimEnd(),
      );
    },
    close() {
      if (turn !== null) clearImmediate(turn);
      terminal.dispose();
    },
  };
}

function mayAsk(bytes: Uint8Array): boolean {
  return bytes.includes(ESC) || bytes.includes(C1_LEAD);
}

/** It is put into a control sequence. */
function cleanTitle(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]/gu, ' ').slice(0, MAX_TITLE_CHARACTERS);
}
