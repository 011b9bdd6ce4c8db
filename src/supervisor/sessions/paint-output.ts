import type { XtermParts } from '../../screen/xterm-parts.ts';
import { PAINT_PIECE_BYTES } from '../limits.ts';
import type { History } from './history.ts';
import type { LeavingLines } from './leaving-lines.ts';
import { findPlainLines, joinLines, skipLines, skipLinesBack } from './plain-lines.ts';

/** What output is painted on. */
export interface PaintTarget {
  readonly parts: XtermParts;
  readonly history: History;
  readonly leaving: LeavingLines;
}

const NEWLINE = 0x0a;
/** Of so many screens of plain lines, those between the first two and the last one are not painted. */
const LEAST_SCREENS = 4;

/**
 * Paints output that ends between two characters. Of plain lines that go through the screen most are put into the history at once,
 * which is what painting them would do.
 * @param untilMs by the clock of performance.now(): then it stops between two pieces
 * @returns how many bytes were painted
 */
export function paintOutput(target: PaintTarget, bytes: Uint8Array, untilMs: number): number {
  const { parts } = target;
  let at = 0;
  while (at < bytes.length) {
    const skipped = isPlain(parts) ? paintPlainLines(target, bytes, at) : at;
    const end = skipped > at ? skipped : findPieceEnd(parts, bytes, at);
    if (skipped === at) parts.writeSync(bytes.subarray(at, end));
    at = end;
    if (performance.now() >= untilMs) break;
  }
  return at;
}

/** Whether plain lines that come next have rows of their own, without attributes, and scroll all of the usual screen. */
function isPlain({
  buffer,
  buffers,
  rows,
  coreService,
  _inputHandler,
  _charsetService,
}: XtermParts): boolean {
  const { _curAttrData: pen, _parser } = _inputHandler;
  return (
    buffer === buffers.normal &&
    rows > 1 &&
    buffer.x === 0 &&
    buffer.scrollTop === 0 &&
    buffer.scrollBottom === rows - 1 &&
    _parser.currentState === 0 &&
    pen.fg === 0 &&
    pen.bg === 0 &&
    !coreService.modes.insertMode &&
    _charsetService.charset === undefined
  );
}

/** @returns where it has painted up to: `from`, if there are too few lines */
function paintPlainLines({ parts, history, leaving }: PaintTarget, bytes: Uint8Array, from: number): number {
  const { rows, cols, coreService } = parts;
  const isWrapping = coreService.decPrivateModes.wraparound;
  const { count, end } = findPlainLines(bytes, from, isWrapping ? Number.POSITIVE_INFINITY : cols);
  if (count < LEAST_SCREENS * rows) return from;
  // Behind two screens every row is of a line from here, with nothing else in it
  const painted = skipLines(bytes, from, 2 * rows);
  const last = skipLinesBack(bytes, end, rows);
  parts.writeSync(bytes.subarray(from, painted));
  leaving.keepAhead();
  history.pushJoined(joinLines(bytes.subarray(painted, last), cols), count - 3 * rows);
  parts.writeSync(bytes.subarray(last, end));
  return end;
}

/** Pieces end behind a line, where plain ones may begin. */
function findPieceEnd({ buffer }: XtermParts, bytes: Uint8Array, at: number): number {
  const most = at + PAINT_PIECE_BYTES;
  if (most >= bytes.length) return bytes.length;
  const newline = buffer.x === 0 ? bytes.lastIndexOf(NEWLINE, most) : bytes.indexOf(NEWLINE, at);
  return newline < at || newline >= most ? most : newline + 1;
}
