/** What the first line of a recording tells. */
export interface CastHeader {
  readonly columns: number;
  readonly rows: number;
  /** TERM. */
  readonly term: string;
  readonly command: string;
  readonly title: string;
}

/** The kinds of events of asciicast v3: output, input, a resize, the end with the exit status. */
export type CastCode = 'o' | 'i' | 'r' | 'x';

/** Writes the first line; docs.asciinema.org/manual/asciicast/v3. @param atMs since 1970 */
export function writeCastHeader({ columns, rows, term, command, title }: CastHeader, atMs: number): string {
  return writeLine({
    version: 3,
    term: { cols: columns, rows, type: term },
    timestamp: Math.floor(atMs / 1000),
    command,
    title,
  });
}

/** Writes an event. @param sinceMs since the event before */
export function writeCastEvent(code: CastCode, data: string, sinceMs: number): string {
  return writeLine([Math.round(sinceMs) / 1000, code, data]);
}

function writeLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
