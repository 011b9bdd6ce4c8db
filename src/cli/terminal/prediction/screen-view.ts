/** One cell of a terminal's screen. */
export interface Cell {
  /** A character with its marks; empty where nothing was written, and in the second half of a wide character. */
  readonly text: string;
  /** Columns; 0: the second half of a wide character. */
  readonly width: number;
  /** The SGR sequence of its attributes, from any others. */
  readonly style: string;
  /** `unknown`: the terminal may show something else there; `odd`: terminals disagree about the width of its character. */
  readonly kind: 'known' | 'unknown' | 'odd';
}

/** A place on a screen, counted from 0. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** What a terminal shows of the host's output so far. */
export interface ScreenView {
  readonly cursor: Place;
  /** How often a line editor of the host has begun to read, as it says itself by asking for bracketed pastes. */
  readonly prompts: number;
  /** Whether one reads now, and no full-screen program is shown. */
  readonly hasLineEditor: boolean;
  /** The cells of a row. */
  row(y: number): readonly Cell[];
}

/** A row with a cursor in it. */
export interface Line {
  readonly cells: readonly Cell[];
  readonly x: number;
}

/** Returns whether a cell shows nothing. */
export function isBlank(cell: Cell): boolean {
  return (cell.text === '' && cell.width === 1) || cell.text === ' ';
}
