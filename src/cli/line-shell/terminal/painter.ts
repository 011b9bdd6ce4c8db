import { type EditorView, type Layout, layOut, type Row } from '../editor/layout.ts';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Draws the text that is edited, in place. Each function gives what is to be written to the terminal. */
export interface Painter {
  /** Draws a view where the cursor is, or over the one that stands there. */
  draw(view: EditorView, size: TerminalSize): string;
  /** Takes away what was drawn; the cursor is where it began. */
  erase(): string;
  /** Leaves the whole text as it stands; the cursor is at the start of the next line. */
  finish(): string;
  /** As if `finish` had not been called. Only when nothing was written since. */
  resume(): void;
  /** The terminal has another size now, and has wrapped what stands there anew. */
  eraseResized(size: TerminalSize): string;
  /** Another program has cleared the terminal. */
  forget(): void;
}

/** What stands on the terminal. */
interface Drawn {
  readonly view: EditorView;
  readonly size: TerminalSize;
  readonly layout: Layout;
  /** The rows of the layout that are shown: all of them, if the terminal is high enough. */
  readonly first: number;
  readonly end: number;
  /** The row of the layout that the cursor is in. */
  readonly at: number;
}

const CLEAR_ROW = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

export function createPainter(): Painter {
  let drawn: Drawn | null = null;
  let finished: Drawn | null = null;

  /** To the first row that is shown, whatever is written over it. */
  function goToTop(): string {
    return drawn === null ? '' : `${goUp(drawn.at - drawn.first)}\r`;
  }

  function erase(): string {
    if (drawn === null) return '';
    const text = `${goToTop()}${CLEAR_BELOW}`;
    drawn = null;
    return text;
  }

  return {
    draw(view, size) {
      const layout = layOut(view, size.columns);
      const { first, end } = chooseRows(layout, size.rows);
      const top = goToTop();
      const rows = layout.rows.slice(first, end);
      const back = `${goUp(end - 1 - layout.cursorRow)}\r${goRight(layout.cursorColumn)}`;
      drawn = { view, size, layout, first, end, at: layout.cursorRow };
      return `${top}${writeRows(rows)}${CLEAR_BELOW}${back}`;
    },
    erase,
    finish() {
      if (drawn === null) return '';
      const { layout, first, end, at } = drawn;
      const isWhole = first === 0 && end === layout.rows.length;
      const text = isWhole ? goDown(end - 1 - at) : `${goToTop()}${CLEAR_BELOW}${writeRows(layout.rows)}`;
      finished = { ...drawn, first: isWhole ? 0 : first, at: layout.rows.length };
      drawn = null;
      return `${text}\r\n`;
    },
    resume() {
      // Rows that have left the screen at its top can't be drawn over
      if (finished !== null && finished.at - finished.first < finished.size.rows) drawn = finished;
      finished = null;
    },
    eraseResized(size) {
      if (drawn === null) return '';
      const { view, first } = drawn;
      const wrapped = layOut(view, size.columns);
      const isWhole = first === 0;
      drawn = { ...drawn, layout: wrapped, at: isWhole ? wrapped.cursorRow : drawn.at };
      return erase();
    },
    forget() {
      drawn = null;
    },
  };
}

/** As many rows as the terminal has, with the cursor's among them. */
function chooseRows(
  { rows, cursorRow }: Layout,
  most: number,
): { readonly first: number; readonly end: number } {
  if (rows.length <= most) return { first: 0, end: rows.length };
  const first = Math.max(0, Math.min(cursorRow - Math.floor(most / 2), rows.length - most));
  return { first, end: first + most };
}

function writeRows(rows: readonly Row[]): string {
  let text = '';
  for (const [index, row] of rows.entries()) {
    const isLast = index === rows.length - 1;
    // Behind a full row the cursor still stands on its last character: clearing would take that
    text += row.isFull ? row.shown : `${row.shown}${CLEAR_ROW}`;
    if (isLast) continue;
    // The terminal goes on by itself behind a full row, once something follows
    const next = rows[index + 1];
    if (!row.wraps || next?.shown === '') text += '\r\n';
  }
  return text;
}

function goUp(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : '';
}

function goDown(rows: number): string {
  return rows > 0 ? `\x1b[${rows}B` : '';
}

function goRight(columns: number): string {
  return columns > 0 ? `\x1b[${columns}C` : '';
}
