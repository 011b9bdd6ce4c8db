import fs from 'node:fs';

/** Removes a Unix socket, and nothing else. What goes wrong is left to whoever listens there next. */
export function removeSocket(path: string): void {
  try {
    if (fs.lstatSync(path).isSocket()) fs.unlinkSync(path);
  } catch {
    // Nothing is there, or the folder cannot be written
  }
}
