import type { Overlay } from './predictor.ts';
import { type Cell, isBlank, type ScreenView } from './screen-view.ts';

const UNDERLINED = '\x1b[4m';
const ERASE = '\x1b[X';

/** Returns what draws an overlay, and puts the cursor where it is foreseen. Attributes are left as they come. */
export function drawOverlay({ y, cells, x }: Overlay): string {
  const drawn = [...cells].map(([column, cell]) =>
    drawCell(column, y, cell, isBlank(cell) ? cell.style : `${cell.style}${UNDERLINED}`),
  );
  return `${drawn.join('')}${place(x, y)}`;
}

/** Returns what shows the cells of the host in place of those of an overlay. Cursor and attributes are left as they come. */
export function takeBackOverlay({ y, cells }: Overlay, view: ScreenView): string {
  const row = view.row(y);
  return [...cells.keys()]
    .map((column) => {
      const cell = row[column];
      return cell === undefined ? '' : drawCell(column, y, cell, cell.style);
    })
    .join('');
}

/** What was never written is erased, so that it is not copied as a space. */
function drawCell(x: number, y: number, { text, width }: Cell, style: string): string {
  return width === 0 ? '' : `${place(x, y)}${style}${text === '' ? ERASE : text}`;
}

function place(x: number, y: number): string {
  return `\x1b[${y + 1};${x + 1}H`;
}
