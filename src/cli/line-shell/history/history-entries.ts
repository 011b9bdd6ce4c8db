/** An entry as a line of the file: a line end in it is written as \n, a backslash as \\. */
export function writeEntry(entry: string): string {
  return `${entry.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}\n`;
}

/** The entries of a file. A last line without its end is being written by another process, or was cut off. */
export function readEntries(text: string): string[] {
  return text.split('\n').slice(0, -1).filter(Boolean).map(readEntry);
}

function readEntry(line: string): string {
  return line.replace(/\\(.)/g, (_, character: string) => {
    if (character === 'n') return '\n';
    return character === 'r' ? '\r' : character;
  });
}
