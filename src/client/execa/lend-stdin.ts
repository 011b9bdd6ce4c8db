import type { Writable } from 'node:stream';

/** The runs that would read this process's stdin, in the order in which they began. */
const borrowers: Writable[] = [];

/**
 * Gives a command this process's own stdin. Of several the first has it, and the next what is left behind it; what one has not
 * read stays. It does not keep this process alive when none reads it.
 * @param started nothing is read before the command runs; null: it never will
 */
export function lendStdin(into: Writable, started: Promise<number | null>): void {
  into.once('close', () => giveBack(into));
  void started.then((pid) => {
    if (pid === null || into.destroyed) return;
    borrowers.push(into);
    if (borrowers[0] === into) connect(into);
  });
}

/** Whether nothing can come of this process's own stdin any more. */
export function isStdinOver(): boolean {
  return process.stdin.readableEnded || process.stdin.destroyed;
}

function connect(into: Writable): void {
  const { stdin } = process;
  if (isStdinOver()) return void into.end();
  stdin.ref?.();
  stdin.pipe(into);
}

function giveBack(into: Writable): void {
  const place = borrowers.indexOf(into);
  if (place === -1) return;
  borrowers.splice(place, 1);
  if (place > 0) return;
  const { stdin } = process;
  stdin.unpipe(into);
  const next = borrowers[0];
  if (next !== undefined) return connect(next);
  stdin.pause();
  stdin.unref?.();
}
