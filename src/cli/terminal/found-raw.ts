import { execFile } from 'node:child_process';

/** Bits of `c_lflag` on Linux: lines are put together, keys are shown. */
const ICANON = 0x2;
const ECHO = 0x8;

/**
 * Whether our terminal was left by a program that was killed: in raw mode, so that what is typed is not seen and Enter
 * ends no line. Asked before anything is changed. False where it can't be told.
 */
export function isLeftRaw(): Promise<boolean> {
  return new Promise((resolve) => {
    const child = execFile('stty', ['-g', '-F', '/dev/tty'], (error, stdout) =>
      resolve(error === null && isRaw(stdout)),
    );
    child.stdin?.end();
  });
}

/** @param saved what `stty -g` says: iflag:oflag:cflag:lflag:… */
export function isRaw(saved: string): boolean {
  const lflag = Number.parseInt(saved.split(':')[3] ?? '', 16);
  return !Number.isNaN(lflag) && (lflag & (ICANON | ECHO)) === 0;
}

/** What is said of it. */
export const LEFT_RAW =
  'this terminal was found in raw mode, as a program that was killed leaves it: when you are back, stty sane and Ctrl-J mend it';
