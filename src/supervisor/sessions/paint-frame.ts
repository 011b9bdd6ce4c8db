import { PLAIN_STYLE } from '../../screen/cell-style.ts';
import type { PaintedScreen } from './paint-screen.ts';
import { writeRow } from './row-text.ts';
import { RESET_MODES } from './screen-modes.ts';

/** Columns and rows of a client's terminal. */
export interface ClientSize {
  readonly columns: number;
  readonly rows: number;
}

/** What a client of another size was sent last. */
export interface Frame {
  readonly rows: readonly string[];
  readonly cursor: string;
  readonly modes: ReadonlyMap<string, string>;
  readonly title: string;
}

const CSI = '\x1b[';
/** What a terminal shows where the session has no cells. */
const OUTSIDE = '\u00b7';
const DIM = `${CSI}0;2m`;
const HIDDEN = `${CSI}?25l`;
const SHOWN = `${CSI}?25h`;

/**
 * Paints the part of a screen that a terminal of another size has room for: a larger one shows it at its top left, a smaller one
 * the part with the cursor in it.
 */
export function paintFrame(screen: PaintedScreen, size: ClientSize): Frame {
  const { parts, columns, rows, cell, modes, title } = screen;
  const { buffer } = parts;
  const left = firstShown(buffer.x, size.columns, columns);
  const top = firstShown(buffer.y, size.rows, rows);
  const to = Math.min(columns, left + size.columns);
  const outside = size.columns - (to - left);
  const painted = Array.from({ length: size.rows }, (_, row) => {
    const line = top + row < rows ? buffer.lines.get(buffer.ybase + top + row) : undefined;
    if (line === undefined) return `${DIM}${OUTSIDE.repeat(size.columns)}${PLAIN_STYLE}`;
    const text = writeRow(line, { from: left, to: Math.min(to, line.length), isPadded: outside > 0 }, cell);
    return outside > 0 ? `${text}${DIM}${OUTSIDE.repeat(outside)}${PLAIN_STYLE}` : text;
  });
  const [x, y] = [Math.min(buffer.x, columns - 1) - left, buffer.y - top];
  const isShown = modes.get('?25') === undefined;
  return {
    rows: painted,
    cursor: `${CSI}${y + 1};${x + 1}H${isShown ? SHOWN : HIDDEN}`,
    modes: new Map([
      ...[...modes].filter(([key]) => key !== '?25' && key !== '?7'),
      ...(parts.coreService.decPrivateModes.applicationKeypad ? [['keypad', '\x1b='] as const] : []),
    ]),
    title,
  };
}

/** The first column or row that is shown: the one of the cursor is among them. */
function firstShown(cursor: number, shown: number, all: number): number {
  if (shown >= all) return 0;
  return Math.min(all - shown, Math.max(0, cursor - shown + 1));
}

/** Writes what changes one frame into the next. @param last null: whatever the terminal shows */
export function writeFrame(next: Frame, last: Frame | null): string {
  // Erased before: behind a row that fills the last column the cursor still stands on its last character
  const rows = next.rows.map((text, row) =>
    last?.rows[row] === text ? '' : `${CSI}${row + 1};1H${PLAIN_STYLE}${CSI}K${text}`,
  );
  const isChanged = last === null || !isSameMap(last.modes, next.modes);
  const title = (last?.title ?? '') === next.title ? '' : `\x1b]2;${next.title}\x07`;
  const changed = rows.join('');
  if (!isChanged && changed === '' && title === '' && last.cursor === next.cursor) return '';
  return [
    isChanged ? `${RESET_MODES}${CSI}?1049h${[...next.modes.values()].join('')}` : '',
    last === null ? `${CSI}2J` : '',
    changed === '' ? '' : `${HIDDEN}${changed}`,
    title,
    next.cursor,
  ].join('');
}

function isSameMap(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}
