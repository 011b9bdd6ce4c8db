/** Lines of printable ASCII, one after the other, each of which ends with CR LF. */
export interface PlainLines {
  readonly count: number;
  /** Behind the last one. */
  readonly end: number;
}

/** Longer ones are painted. */
const MAX_PLAIN_CHARACTERS = 4096;
const ERASE_TO_END = '\x1b[K';
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const DELETE = 0x7f;

/** Finds the plain lines that begin here. @param most characters of a line */
export function findPlainLines(bytes: Uint8Array, from: number, most: number): PlainLines {
  let count = 0;
  let end = from;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= SPACE && byte < DELETE) continue;
    if (byte !== RETURN || bytes[at + 1] !== NEWLINE || at - end > Math.min(most, MAX_PLAIN_CHARACTERS))
      break;
    at++;
    end = at + 1;
    count++;
  }
  return { count, end };
}

/** Returns where the line begins that comes so many lines later. */
export function skipLines(bytes: Uint8Array, from: number, count: number): number {
  let at = from;
  for (let line = 0; line < count; line++) at = bytes.indexOf(NEWLINE, at) + 1;
  return at;
}

/** Returns where the line begins that is so many lines before the one that ends here. */
export function skipLinesBack(bytes: Uint8Array, end: number, count: number): number {
  let at = end;
  for (let line = 0; line < count; line++) at = bytes.lastIndexOf(NEWLINE, at - 2) + 1;
  return at;
}

/** Returns whole plain lines as a history keeps those that have left a screen of so many columns, joined by newlines. */
export function joinLines(bytes: Uint8Array, columns: number): string {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length - 2)
    .toString('latin1')
    .split('\r\n');
  return lines.map((line) => writeLine(line, columns)).join('\n');
}

/** As writeFlowingRow ends a row that continues another one. */
function writeLine(line: string, columns: number): string {
  return line.length > columns && line.length % columns > 0 ? `${line}${ERASE_TO_END}` : line;
}
