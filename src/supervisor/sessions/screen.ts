import type { Terminal } from '@xterm/headless';
import type { StyledCell } from './cell-style.ts';
import { createHistory } from './history.ts';
import { type ClientSize, type Frame, paintFrame } from './paint-frame.ts';
import { continues, type PaintedScreen, paintScreen, writeFlowingRow } from './paint-screen.ts';
import { followModes } from './screen-modes.ts';
import { xtermParts } from './xterm-parts.ts';

/** What a program has painted so far. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** What the program calls itself; text from elsewhere. */
  readonly title: string;
  /** Output that is not painted yet. */
  readonly waitingBytes: number;
  write(bytes: Uint8Array): void;
  /** Calls when all that was written so far is painted, and nothing of what is written later. */
  afterWritten(act: () => void): void;
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
  /** Something of what was written is painted. */
  handlePainted(): void;
}

/** Lines that leave the screen while it gets smaller; those of a row that is wrapped anew are at most as many. */
const RESIZE_LINES = 10_000;
const MAX_TITLE_CHARACTERS = 256;

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
  let waitingBytes = 0;
  let title = '';
  terminal.onTitleChange((text) => {
    title = cleanTitle(text);
  });
  keepLeavingLines(terminal, (row) => keepLine(row));

  function keepLine(row: number): void {
    const { lines } = parts.buffers.normal;
    const line = lines.get(row);
    if (line === undefined) return;
    history.push(writeFlowingRow(line, lines.get(row + 1), terminal.cols, cell), continues(line, cell));
  }

  const painted = (): PaintedScreen => ({
    parts,
    columns: terminal.cols,
    rows: terminal.rows,
    modes: modes.sequences,
    title,
    cell,
  });

  return {
    get columns() {
      return terminal.cols;
    },
    get rows() {
      return terminal.rows;
    },
    get title() {
      return title;
    },
    get waitingBytes() {
      return waitingBytes;
    },
    write(bytes) {
      waitingBytes += bytes.length;
      terminal.write(bytes, () => {
        waitingBytes -= bytes.length;
        handlePainted();
      });
    },
    afterWritten: (act) => terminal.write('', act),
    resize(size) {
      // Lines that leave are kept by xterm for a moment, to be taken from there
      terminal.options.scrollback = RESIZE_LINES;
      terminal.resize(size.columns, size.rows);
      for (let row = 0; row < parts.buffers.normal.ybase; row++) keepLine(row);
      terminal.options.scrollback = 0;
    },
    paint: (lines) => paintScreen(painted(), lines === null ? null : history.last(lines)),
    frame: (size) => paintFrame(painted(), size),
    text() {
      const { active } = terminal.buffer;
      return Array.from({ length: terminal.rows }, (_, row) =>
        (active.getLine(active.baseY + row)?.translateToString(true) ?? '').trimEnd(),
      );
    },
    close: () => terminal.dispose(),
  };
}

/** Calls with the row of each line before it leaves the usual screen at its top. */
function keepLeavingLines(terminal: Terminal, handleLine: (row: number) => void): void {
  const parts = xtermParts(terminal);
  const { _bufferService: service } = parts;
  const scroll = service.scroll.bind(service);
  service.scroll = (style, isWrapped) => {
    const { buffer, buffers } = parts;
    if (buffer === buffers.normal && buffer.scrollTop === 0) handleLine(buffer.ybase);
    scroll(style, isWrapped);
  };
}

/** It is put into a control sequence. */
function cleanTitle(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]/gu, ' ').slice(0, MAX_TITLE_CHARACTERS);
}
