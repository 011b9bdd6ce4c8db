import { PLAIN_STYLE, type StyledCell, writeStyle } from './cell-style.ts';
import type { XtermLine } from './xterm-parts.ts';

/** Which columns of a row are written. */
export interface RowPart {
  readonly from: number;
  readonly to: number;
  /** Whether empty cells at the end are written too, as spaces. */
  readonly isPadded: boolean;
}

/**
 * Writes the cells of a row as text with SGR: from no attributes to no attributes. A wide character of which only one half is in
 * the part is a space.
 * @param cell is overwritten
 */
export function writeRow(line: XtermLine, part: RowPart, cell: StyledCell): string {
  const end = part.isPadded ? part.to : findEnd(line, part, cell);
  let text = '';
  let style = PLAIN_STYLE;
  let last: Pick<StyledCell, 'fg' | 'bg'> & { ext: number } = { fg: 0, bg: 0, ext: 0 };
  for (let column = part.from; column < end; column++) {
    line.loadCell(column, cell);
    // Of a cell without them, xterm leaves what the cell before had
    const ext = cell.hasExtendedAttrs() ? cell.extended.ext : 0;
    if (cell.fg !== last.fg || cell.bg !== last.bg || ext !== last.ext) {
      const next = writeStyle(cell);
      if (next !== style) text += next;
      style = next;
      last = { fg: cell.fg, bg: cell.bg, ext };
    }
    text += writeCharacter(cell, column, part);
  }
  return style === PLAIN_STYLE ? text : `${text}${PLAIN_STYLE}`;
}

function writeCharacter(cell: StyledCell, column: number, { from, to }: RowPart): string {
  const width = cell.getWidth();
  if (width === 0) return column === from ? ' ' : '';
  return column + width > to ? ' ' : cell.getChars() || ' ';
}

/** Returns where the last cell of a part ends that shows anything. @param cell is overwritten */
export function findEnd(
  line: XtermLine,
  { from, to }: Pick<RowPart, 'from' | 'to'>,
  cell: StyledCell,
): number {
  for (let column = to; column > from; column--) {
    line.loadCell(column - 1, cell);
    if (cell.getCode() !== 0 || cell.getWidth() === 0 || !cell.isAttributeDefault()) return column;
  }
  return from;
}
