import { type Cell, isBlank, type Line } from './screen-view.ts';

const PLAIN = '\x1b[0m';

/**
 * Returns a line with a character typed at its cursor: what is right of it moves, up to the first gap. Null: what comes of it
 * cannot be told, since there is no room before the last column, where every program does something else.
 */
export function insertCharacter({ cells, x }: Line, text: string, width: number): Line | null {
  const gap = findGap(cells, x);
  if (x + width >= cells.length || gap === null || !cells.slice(gap, gap + width).every(isBlank)) return null;
  const character: Cell = { text, width, style: styleLeftOf(cells, x), kind: 'known' };
  const typed = width === 2 ? [character, { ...character, text: '', width: 0 }] : [character];
  const moved = [...cells.slice(0, x), ...typed, ...cells.slice(x, gap), ...cells.slice(gap + width)];
  return { cells: moved, x: x + width };
}

/** Returns a line without the character left of its cursor. Null: there is none. @param floor the column where a line begins */
export function eraseCharacter(line: Line, floor: number): Line | null {
  const { cells, x } = line;
  if (x === floor && floor > 0) return line;
  const width = widthLeftOf(cells, x);
  const gap = findGap(cells, x);
  const last = gap === null ? undefined : cells[gap];
  if (x === 0 || gap === null || last === undefined) return null;
  const blank: Cell = { text: '', width: 1, style: last.style, kind: last.kind };
  const erased = [
    ...cells.slice(0, x - width),
    ...cells.slice(x, gap),
    ...Array.from({ length: width }, () => blank),
    ...cells.slice(gap),
  ];
  return { cells: erased, x: x - width };
}

/** Returns a line with its cursor one character further; at its ends the cursor stays. Null: it is in the first column. */
export function moveCursor(line: Line, direction: 'left' | 'right', floor: number): Line | null {
  const { cells, x } = line;
  if (direction === 'left') {
    if (x === 0) return null;
    return x === floor ? line : { cells, x: x - widthLeftOf(cells, x) };
  }
  if (cells.slice(x).every(isBlank)) return line;
  const next = x + (cells[x]?.width === 2 ? 2 : 1);
  return next < cells.length ? { cells, x: next } : null;
}

/** Finds the two blanks, or the blank end, of which what is inserted left of them takes its room. */
function findGap(cells: readonly Cell[], from: number): number | null {
  for (let at = from; at < cells.length; at++) {
    const [here, next] = [cells[at], cells[at + 1]];
    if (here !== undefined && isBlank(here) && (next === undefined || isBlank(next))) return at;
  }
  return null;
}

function widthLeftOf(cells: readonly Cell[], x: number): number {
  return cells[x - 1]?.width === 0 ? 2 : 1;
}

/** What is typed looks mostly like what stands left of it. */
function styleLeftOf(cells: readonly Cell[], x: number): string {
  return cells[x - 1]?.style ?? PLAIN;
}
