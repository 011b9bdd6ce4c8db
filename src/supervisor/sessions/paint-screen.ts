import { PLAIN_STYLE, type StyledCell, writeStyle } from '../../screen/cell-style.ts';
import type { Charset, XtermBuffer, XtermLine, XtermParts } from '../../screen/xterm-parts.ts';
import { findEnd, writeRow } from './row-text.ts';
import { RESET_MODES } from './screen-modes.ts';

/** What is painted. */
export interface PaintedScreen {
  readonly parts: XtermParts;
  readonly columns: number;
  readonly rows: number;
  readonly modes: ReadonlyMap<string, string>;
  readonly title: string;
  /** Is overwritten. */
  readonly cell: StyledCell;
}

const CSI = '\x1b[';
const HOME = `${CSI}H`;
const TAB_COLUMNS = 8;

/**
 * Returns what brings a terminal of the same size to the state of a screen: text, attributes, cursor, margins, modes, both
 * screens.
 * @param history lines above the screen, which a client that joins gets first; null: the client's own screen is painted anew
 */
export function paintScreen(screen: PaintedScreen, history: readonly string[] | null): string {
  const { parts, rows, modes, title } = screen;
  const { normal, alt } = parts.buffers;
  const isOther = parts.buffer === alt;
  const below = history === null ? `${HOME}${CSI}2J` : `${CSI}${rows};1H${'\n'.repeat(rows)}${HOME}`;
  const above = (history ?? []).map((line) => `${line}\r\n`).join('');
  const painted = [
    `${RESET_MODES}${CSI}?1049l${below}${above}`,
    paintRows(screen, normal),
    isOther ? paintOther(screen) : '',
    writeTabs(screen, parts.buffer),
    writeMargins(screen, parts.buffer),
    writeSaved(screen, parts.buffer),
    parts.coreService.decPrivateModes.origin ? `${CSI}?6h` : '',
    writeCursor(screen, parts.buffer),
    parts.coreService.modes.insertMode ? `${CSI}4h` : '',
    parts.coreService.decPrivateModes.applicationKeypad ? '\x1b=' : '',
    writeCharsets(parts),
    writeStyle(parts._inputHandler._curAttrData),
    ...modes.values(),
    title === '' ? '' : `\x1b]2;${title}\x07`,
    writeLastCharacter(screen),
  ];
  return painted.join('');
}

/** The usual screen keeps its cursor while the other one is shown. */
function paintOther(screen: PaintedScreen): string {
  const { normal, alt } = screen.parts.buffers;
  const back = placeCursor(screen, normal, normal.savedX, normal.savedY, 0);
  return `${back}${writeStyle(normal.savedCurAttrData)}${CSI}?1049h${PLAIN_STYLE}${CSI}2J${HOME}${paintRows(screen, alt)}`;
}

/** From the first row on, one after the other: what was wrapped is wrapped again, so that it stays one line for copies. */
function paintRows({ rows, columns, cell }: PaintedScreen, buffer: XtermBuffer): string {
  let text = '';
  for (let row = 0; row < rows; row++) {
    const line = buffer.lines.get(buffer.ybase + row);
    const next = row < rows - 1 ? buffer.lines.get(buffer.ybase + row + 1) : undefined;
    if (line !== undefined) text += writeFlowingRow(line, next, columns, cell);
    if (row < rows - 1 && !continues(next)) text += '\r\n';
  }
  return text;
}

/** Writes a row that the next one may continue: then it is filled up to the edge. */
export function writeFlowingRow(
  line: XtermLine,
  next: XtermLine | undefined,
  columns: number,
  cell: StyledCell,
): string {
  const to = Math.min(columns, line.length);
  if (next === undefined || !continues(next)) {
    // A terminal that scrolls as it wraps gives the new row the colour of that moment
    const erase = continues(line) && findEnd(line, { from: 0, to }) < columns ? `${CSI}K` : '';
    return `${writeRow(line, { from: 0, to, isPadded: false }, cell)}${erase}`;
  }
  // A wide character that had no room stands in the next row, and one cell is empty
  const isShort = next.getWidth(0) === 2 && line.hasContent(to - 1) === 0 && line.getWidth(to - 1) === 1;
  return writeRow(line, { from: 0, to: isShort ? to - 1 : to, isPadded: true }, cell);
}

/** Tells whether a row continues the one above it. One that has lost its beginning does not. */
export function continues(line: XtermLine | undefined): boolean {
  return line?.isWrapped === true && line.hasContent(0) !== 0;
}

function writeTabs({ columns }: PaintedScreen, { tabs }: XtermBuffer): string {
  const all = Array.from({ length: columns }, (_, column) => column);
  const isUsual = all.every((column) => (tabs[column] === true) === (column % TAB_COLUMNS === 0));
  if (isUsual) return '';
  const stops = all.filter((column) => tabs[column] === true);
  return `${CSI}3g${stops.map((column) => `${CSI}${column + 1}G\x1bH`).join('')}`;
}

function writeMargins({ rows }: PaintedScreen, { scrollTop, scrollBottom }: XtermBuffer): string {
  return scrollTop === 0 && scrollBottom === rows - 1 ? '' : `${CSI}${scrollTop + 1};${scrollBottom + 1}r`;
}

/** Of the sets of characters programs use two: ASCII, and that of lines. */
function writeCharsets({ _charsetService: { glevel, _charsets, charset } }: XtermParts): string {
  const sets = [0, 1].map((number) => {
    const isUsed = number === glevel;
    return hasLines(isUsed ? charset : _charsets[number]) ? `\x1b${number === 0 ? '(' : ')'}0` : '';
  });
  return `${sets.join('')}${glevel === 1 ? '\x0e' : ''}`;
}

function hasLines(charset: Charset): boolean {
  return charset?.['q'] === '\u2500';
}

function writeSaved(screen: PaintedScreen, buffer: XtermBuffer): string {
  const { savedX, savedY, savedCurAttrData, savedCharset } = buffer;
  const saved = `${placeCursor(screen, buffer, savedX, savedY, 0)}${writeStyle(savedCurAttrData)}`;
  const save = hasLines(savedCharset) ? '\x1b(0\x1b7\x1b(B' : '\x1b7';
  return `${saved}${save}${PLAIN_STYLE}`;
}

function writeCursor(screen: PaintedScreen, buffer: XtermBuffer): string {
  const top = screen.parts.coreService.decPrivateModes.origin ? buffer.scrollTop : 0;
  return placeCursor(screen, buffer, buffer.x, buffer.y, top);
}

/**
 * Behind the last column a cursor stands only after a character there was written.
 * @param top the row that counts as the first one
 */
function placeCursor(
  { columns, cell }: PaintedScreen,
  { ybase, lines }: XtermBuffer,
  x: number,
  y: number,
  top: number,
): string {
  const row = y - top;
  if (x < columns) return place(x, row);
  const line = lines.get(ybase + y);
  if (line === undefined) return place(columns - 1, row);
  const from = columns > 1 && line.getWidth(columns - 1) === 0 ? columns - 2 : columns - 1;
  return `${place(from, row)}${writeRow(line, { from, to: columns, isPadded: true }, cell)}`;
}

/** The last character is written once more where a mark that comes next has to join it. */
function writeLastCharacter({ parts, modes, columns, cell }: PaintedScreen): string {
  const { buffer, coreService, _inputHandler } = parts;
  const { x, y, ybase, scrollTop } = buffer;
  if (_inputHandler._parser.precedingJoinState === 0 || x === 0 || modes.has('?7')) return '';
  const line = buffer.lines.get(ybase + y);
  if (line === undefined) return '';
  const width = x > 1 && line.getWidth(x - 1) === 0 ? 2 : 1;
  const text = line.loadCell(x - width, cell).getChars();
  const row = coreService.decPrivateModes.origin ? y - scrollTop : y;
  // Where characters are inserted, it takes the place of itself
  const freed = coreService.modes.insertMode ? `${CSI}${width}P` : '';
  return text === '' || x > columns ? '' : `${place(x - width, row)}${freed}${text}`;
}

/** Counted from 0. */
function place(column: number, row: number): string {
  return `${CSI}${row + 1};${column + 1}H`;
}
