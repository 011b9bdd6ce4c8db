import type { Terminal } from '@xterm/headless';
import type { CellStyle, StyledCell } from './cell-style.ts';

/** A translation of characters, such as that of line drawing; undefined: none. */
export type Charset = Readonly<Record<string, string>> | undefined;

/** One row of a buffer, as xterm keeps it. */
export interface XtermLine {
  readonly isWrapped: boolean;
  readonly length: number;
  loadCell(column: number, cell: StyledCell): StyledCell;
  setCellFromCodepoint(
    column: number,
    code: number,
    width: number,
    attributes: Pick<CellStyle, 'fg' | 'bg' | 'extended'>,
  ): void;
  /** The foreground with its flags; 0: as usual. */
  getFg(column: number): number;
  /** The background with its flags; 0: as usual. */
  getBg(column: number): number;
  /** 2 of a wide character, 0 of its second half. */
  getWidth(column: number): number;
  /** 0: nothing was written there. */
  hasContent(column: number): number;
  /** The characters from a column up to another one; of an empty cell, a space. */
  translateToString(trimRight: boolean, from: number, to: number): string;
}

/** One of the two buffers of a terminal. */
export interface XtermBuffer {
  readonly lines: { readonly length: number; get(row: number): XtermLine | undefined };
  x: number;
  y: number;
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
 * character sets. The version of the package is exact, and `test/property/supervisor` compares screens by all of it.
 */
export interface XtermParts {
  readonly cols: number;
  readonly rows: number;
  readonly buffer: XtermBuffer;
  /** Paints at once: no handler of sequences waits for anything. */
  writeSync(data: Uint8Array | string): void;
  readonly buffers: { readonly normal: XtermBuffer; readonly alt: XtermBuffer };
  readonly _inputHandler: {
    readonly _curAttrData: CellStyle;
    readonly _parser: {
      /** 0: no sequence and no string has begun. */
      readonly currentState: number;
      /** Not 0: the last thing that was written is a character, and a mark that comes next joins it. */
      readonly precedingJoinState: number;
    };
  };
  readonly coreService: {
    readonly isCursorHidden: boolean;
    readonly modes: { readonly insertMode: boolean };
    readonly decPrivateModes: {
      readonly origin: boolean;
      readonly applicationKeypad: boolean;
      readonly wraparound: boolean;
    };
  };
  readonly _charsetService: {
    readonly glevel: number;
    readonly _charsets: readonly Charset[];
    /** The one in use. */
    readonly charset: Charset;
  };
  /** Replaced to see each line that leaves at the top. */
  readonly _bufferService: { scroll(style: unknown, isWrapped?: boolean): void };
  /** Paints at once. */
  writeSync(bytes: Uint8Array): void;
}

/** Returns the parts of a terminal. */
export function xtermParts(terminal: Terminal): XtermParts {
  return (terminal as unknown as { readonly _core: XtermParts })._core;
}
