import { splitGraphemes } from './graphemes.ts';

/** A text with what it looks like on a terminal. */
export interface Prompt {
  /** With colours; no line ends. */
  readonly styled: string;
  readonly width: number;
}

/** What is edited, and how it is introduced. */
export interface EditorView {
  readonly prompt: Prompt;
  /** In front of each further line. */
  readonly continuation: Prompt;
  readonly text: string;
  /** In UTF-16 units; in front of a grapheme, or at the end. */
  readonly cursor: number;
}

/** A row of a terminal. */
export interface Row {
  readonly shown: string;
  /** Whether the terminal goes to the next row by itself, since what follows has no room here. */
  readonly wraps: boolean;
  /** Whether its last column is taken. */
  readonly isFull: boolean;
}

export interface Layout {
  /** At least one. */
  readonly rows: readonly Row[];
  readonly cursorRow: number;
  readonly cursorColumn: number;
}

/**
 * Puts a view onto a terminal of so many columns. A wide character that the row has no room for goes to the next; a text
 * that ends with a full row has an empty one behind it, for the cursor.
 */
export function layOut(view: EditorView, columns: number): Layout {
  const rows: Row[] = [];
  let shown = '';
  let column = 0;
  let cursor: { readonly row: number; readonly column: number } | null = null;

  /** A prompt that leaves no room for a text is left out. */
  function startLine({ styled, width }: Prompt): void {
    if (width >= columns) return;
    shown = styled;
    column = width;
  }

  function put(text: string, width: number): void {
    if (column + width > columns) endRow(true);
    shown += text;
    column += width;
  }

  function endRow(wraps: boolean): void {
    rows.push({ shown, wraps, isFull: column >= columns });
    shown = '';
    column = 0;
  }

  startLine(view.prompt);
  for (const grapheme of splitGraphemes(view.text)) {
    const { text, isWhole } = grapheme;
    const width = Math.min(grapheme.width, columns);
    if (column + (isWhole ? width : 1) > columns) endRow(true);
    if (grapheme.at >= view.cursor) cursor ??= { row: rows.length, column };
    if (text === '\n') {
      endRow(false);
      startLine(view.continuation);
    } else if (isWhole) put(grapheme.shown, width);
    else for (const character of grapheme.shown) put(character, 1);
  }
  if (column === columns) endRow(true);
  cursor ??= { row: rows.length, column };
  rows.push({ shown, wraps: false, isFull: false });
  return { rows, cursorRow: cursor.row, cursorColumn: Math.min(cursor.column, columns - 1) };
}
