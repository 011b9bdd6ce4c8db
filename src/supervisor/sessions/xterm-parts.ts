import type { Terminal } from '@xterm/headless';
import type { CellStyle, StyledCell } from './cell-style.ts';

/** A translation of characters, such as that of line drawing; undefined: none. */
export type Charset = Readonly<Record<string, string>> | undefined;

/** One row of a buffer, as xterm keeps it. */
export interface XtermLine {
  readonly isWrapped: boolean;
  readonly length: number;
  loadCell(column: number, cell: StyledCell): StyledCell;
}

/** One of the two buffers of a terminal. */
export interface XtermBuffer {
  readonly lines: { readonly length: number; get(row: number): XtermLine | undefined };
  readonly x: number;
  readonly y: number;
  readonly ybase: number;
  readonly savedX: number;
  readonly savedY: number;
  readonly savedCurAttrData: CellStyle;
  readonly savedCharset: Charset;
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly tabs: Readonly<Record<number, boolean>>;
}

/**
 * What the public interface of xterm does not tell and a screen has to paint: the pen, saved cursors, margins, tab stops and
 * character sets. The version of the package is exact, and `test/unit/supervisor/sessions` compares screens by all of it.
 */
export interface XtermParts {
  readonly buffer: XtermBuffer;
  readonly buffers: { readonly normal: XtermBuffer; readonly alt: XtermBuffer };
  readonly _inputHandler: {
    readonly _curAttrData: CellStyle;
    /** Not 0: the last thing that was written is a character, and a mark that comes next joins it. */
    readonly _parser: { readonly precedingJoinState: number };
  };
  readonly coreService: {
    readonly isCursorHidden: boolean;
    readonly modes: { readonly insertMode: boolean };
    readonly decPrivateModes: { readonly origin: boolean; readonly applicationKeypad: boolean };
  };
  readonly _charsetService: {
    readonly glevel: number;
    readonly _charsets: readonly Charset[];
    /** The one in use. */
    readonly charset: Charset;
  };
  /** Replaced to see each line that leaves at the top. */
  readonly _bufferService: { scroll(style: unknown, isWrapped?: boolean): void };
}

/** Returns the parts of a terminal. */
export function xtermParts(terminal: Terminal): XtermParts {
  return (terminal as unknown as { readonly _core: XtermParts })._core;
}
