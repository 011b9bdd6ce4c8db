import { PLAIN_STYLE, type StyledCell, writeStyle } from '../../screen/cell-style.ts';
import type { XtermLine } from '../../screen/xterm-parts.ts';

/** Which columns of a row are written. */
export interface RowPart {
  readonly from: number;
  readonly to: number;
  /** Whether empty cells at the end are written too, as spaces. */
  readonly isPadded: boolean;
}

/** Of the second colour of a cell: there is more, such as the colour of its underline. */
const HAS_EXTENDED = 0x1000_0000;

/**
 * Writes the cells of a row as text with SGR: from no attributes to no attributes. A wide character of which only one half is in
 * the part is a space.
 * @param cell is overwritten
 */
export function writeRow(line: XtermLine, part: RowPart, cell: StyledCell): string {
  const end = part.isPadded ? part.to : findEnd(line, part);
  let text = '';
  let style = PLAIN_STYLE;
  for (let column = part.from; column < end; ) {
    const next = findStyleEnd(line, column, end);
    const own = isPlain(line, column) ? PLAIN_STYLE : writeStyle(line.loadCell(column, cell));
    if (own !== style) text += own;
    style = own;
    text += writeCells(line, column, next, part);
    column = next;
  }
  return style === PLAIN_STYLE ? text : `${text}${PLAIN_STYLE}`;
}

/** Returns where the cells end that have the same attributes. */
function findStyleEnd(line: XtermLine, from: number, end: number): number {
  const [fg, bg] = [line.getFg(from), line.getBg(from)];
  let column = from + 1;
  if ((bg & HAS_EXTENDED) !== 0) return column;
  while (column < end && line.getFg(column) === fg && line.getBg(column) === bg) column++;
  return column;
}

function isPlain(line: XtermLine, column: number): boolean {
  return line.getFg(column) === 0 && line.getBg(column) === 0;
}

function writeCells(line: XtermLine, from: number, to: number, part: RowPart): string {
  // The second half of a character that was written with the cells before
  const first = line.getWidth(from) === 0 && from > part.from ? from + 1 : from;
  const isCut = line.getWidth(to - 1) === 2 && to === part.to;
  const text = line.translateToString(false, first, isCut ? to - 1 : to);
  return isCut ? `${text} ` : text;
}

/** Returns where the last cell of a part ends that shows anything. */
export function findEnd(line: XtermLine, { from, to }: Pick<RowPart, 'from' | 'to'>): number {
  for (let column = to; column > from; column--) {
    const isEmpty = line.hasContent(column - 1) === 0 && line.getWidth(column - 1) !== 0;
    if (!isEmpty || !isPlain(line, column - 1)) return column;
  }
  return from;
}
