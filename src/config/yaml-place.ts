import { isUtf8 } from 'node:buffer';
import type { LineCounter, Node } from 'yaml';

/** A place in a file, both counted from 1; the column in characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export const START: Place = { line: 1, column: 1 };

/** Returns where a node of YAML begins; null: it has no place of its own. */
export function placeOfNode(lines: LineCounter, node: unknown): Place | null {
  const range = (node as Node | null | undefined)?.range;
  return range ? placeOf(lines, range[0]) : null;
}

/** @param offset in characters */
export function placeOf(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return line === 0 ? START : { line, column: col };
}

/** Returns where the first line begins that is not UTF-8. */
export function findBadLine(bytes: Buffer): Place {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    if (!isUtf8(bytes.subarray(start, end))) return { line, column: 1 };
    start = end + 1;
  }
  return START;
}
