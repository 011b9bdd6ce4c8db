import fs from 'node:fs';

/**
 * Creates what appends lines to a file that is open for appending. A line that a full disk has cut stays a line of its own:
 * the next one begins behind it.
 * @returns a function that throws the system's Error when its line could not be written whole
 */
export function createLineAppender(descriptor: number): (line: string) => void {
  let isTorn = false;
  return (line) => {
    const bytes = Buffer.from(`${isTorn ? '\n' : ''}${line}\n`);
    isTorn = true;
    for (let written = 0; written < bytes.length; ) written += fs.writeSync(descriptor, bytes, written);
    isTorn = false;
  };
}
