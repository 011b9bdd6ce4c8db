import fs from 'node:fs';
import path from 'node:path';

/**
 * Checks that a file can be written, or created, without doing either.
 * @throws Error of the system, which names what is in the way
 */
export function checkWritable(file: string): void {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  // Fails, as any write would
  if (stats?.isDirectory()) fs.closeSync(fs.openSync(file, 'r+'));
  // With the dot, a parent that is no folder is an error
  fs.accessSync(stats === undefined ? `${path.dirname(path.resolve(file))}/.` : file, fs.constants.W_OK);
}
