import type { Terminal } from '@xterm/headless';
import { type CellStyle, type StyledCell, writeStyle } from '../../../screen/cell-style.ts';
import { type XtermLine, type XtermParts, xtermParts } from '../../../screen/xterm-parts.ts';
import type { Cell, Place, ScreenView } from './screen-view.ts';
import { hasDisputedWidth, widthOfCharacter } from './typed-keys.ts';

/** What our own terminal shows, as far as it can be told from what was written to it. */
export interface ClientScreen extends ScreenView {
  /** Whether something can be drawn over it and taken back: where the cursor stands and how it writes is plain. */
  readonly isPlain: boolean;
  /** Counts what terminals may take differently: characters of disputed width, changes of the size and of the screen. */
  readonly doubts: number;
  write(bytes: Uint8Array | string): void;
  resize(columns: number, rows: number): void;
  /** Counts a doubt: something else has used the terminal. */
  doubt(): void;
  /**
   * Takes this place of the cursor for certain. What stands above it and in its row is not known any more, unless nothing can have
   * been written in the row yet; of the screen of a full-screen program nothing is.
   */
  moveTo(place: Place): void;
  /** Returns what gives a terminal the cursor and the attributes that the host expects, wherever its cursor stands. */
  writeCursor(): string;
  close(): void;
}

/** Makes a screen on which nothing was written. */
export type CreateClientScreen = (columns: number, rows: number) => ClientScreen;

/** Stands for what a cell may hold: no program writes it, since it is no character. */
const UNKNOWN = 0x10fffe;
const UNKNOWN_TEXT = String.fromCodePoint(UNKNOWN);
const PLAIN_ASCII = /^[ -~]*$/;
const BRACKETED_PASTE = 2004;

/** Loads the package that paints. */
export async function loadClientScreens(): Promise<CreateClientScreen> {
  const { Terminal } = (await import('@xterm/headless')).default;
  return (cols, rows) =>
    createClientScreen(new Terminal({ cols, rows, scrollback: 0, allowProposedApi: true, logLevel: 'off' }));
}

function createClientScreen(terminal: Terminal): ClientScreen {
  const parts = xtermParts(terminal);
  const cell = terminal.buffer.active.getNullCell() as StyledCell;
  const plain: CellStyle = terminal.buffer.active.getNullCell() as StyledCell;
  let prompts = 0;
  let doubts = 0;
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, (modes) => {
    if (modes.includes(BRACKETED_PASTE)) prompts++;
    return false;
  });
  terminal.buffer.onBufferChange(() => doubts++);

  const lineAt = (y: number): XtermLine | undefined => parts.buffer.lines.get(parts.buffer.ybase + y);

  function readCell(line: XtermLine, x: number): Cell {
    line.loadCell(x, cell);
    const text = cell.getChars();
    const width = cell.getWidth();
    const style = writeStyle(cell);
    // A link could not be given back
    if (text === UNKNOWN_TEXT || (cell.hasExtendedAttrs() && cell.extended.urlId !== 0))
      return { text: '', width: 1, style, kind: 'unknown' };
    const isOdd = !PLAIN_ASCII.test(text) && widthOfCharacter(text) !== width;
    return { text, width, style, kind: isOdd ? 'odd' : 'known' };
  }

  /** The last character is written once more: a mark that comes next has to join it. */
  function writeLastCharacter(): string {
    const { x, y } = parts.buffer;
    const line = lineAt(y);
    if (parts._inputHandler._parser.precedingJoinState === 0 || x === 0 || line === undefined) return '';
    const width = x > 1 && line.loadCell(x - 1, cell).getWidth() === 0 ? 2 : 1;
    const text = line.loadCell(x - width, cell).getChars();
    return text === '' ? '' : `\x1b[${width}D${text}`;
  }

  return {
    get cursor() {
      return { x: parts.buffer.x, y: parts.buffer.y };
    },
    get prompts() {
      return prompts;
    },
    get doubts() {
      return doubts;
    },
    get hasLineEditor() {
      return terminal.modes.bracketedPasteMode && parts.buffer === parts.buffers.normal;
    },
    get isPlain() {
      return isPlain(terminal, parts);
    },
    row(y) {
      const line = lineAt(y);
      if (line === undefined) return [];
      return Array.from({ length: terminal.cols }, (_, x) => readCell(line, x));
    },
    write(bytes) {
      if (hasDisputedWidth(bytes)) doubts++;
      parts.writeSync(bytes);
    },
    resize(columns, rows) {
      terminal.resize(columns, rows);
      doubts++;
    },
    doubt() {
      doubts++;
    },
    moveTo({ x, y }) {
      const { buffer, buffers } = parts;
      const lastUnknown = buffer === buffers.alt ? terminal.rows - 1 : x === 0 ? y - 1 : y;
      for (let row = 0; row <= lastUnknown; row++) {
        for (let column = 0; column < terminal.cols; column++)
          lineAt(row)?.setCellFromCodepoint(column, UNKNOWN, 1, plain);
      }
      buffer.x = Math.min(x, terminal.cols - 1);
      buffer.y = Math.min(y, terminal.rows - 1);
    },
    writeCursor() {
      const { x, y } = parts.buffer;
      return `\x1b[${y + 1};${x + 1}H${writeStyle(parts._inputHandler._curAttrData)}${writeLastCharacter()}`;
    },
    close: () => terminal.dispose(),
  };
}

function isPlain({ cols, modes }: Terminal, parts: XtermParts): boolean {
  const { buffer, coreService, _charsetService, _inputHandler } = parts;
  return (
    buffer.x < cols &&
    !coreService.decPrivateModes.origin &&
    !coreService.modes.insertMode &&
    modes.wraparoundMode &&
    _charsetService.charset === undefined &&
    _inputHandler._curAttrData.extended.urlId === 0
  );
}
