import { RexaError } from '../protocol/errors.ts';
import { MAX_KEY_FILE_LINES } from './limits.ts';

/** A line of a file, counted from 1. */
export interface NumberedLine {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** Splits a file into lines, at newlines only. */
export function* splitLines(bytes: Uint8Array): Generator<NumberedLine> {
  let number = 0;
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    yield { number: ++number, bytes: bytes.subarray(start, end) };
    start = end + 1;
  }
}

/**
 * Like `splitLines`, with a limit, for files whose lines take memory.
 * @throws RexaError AUTH_FILE_TOO_MANY_LINES
 */
export function* splitFewLines(bytes: Uint8Array, path: string): Generator<NumberedLine> {
  for (const line of splitLines(bytes)) {
    if (line.number > MAX_KEY_FILE_LINES)
      throw new RexaError('AUTH_FILE_TOO_MANY_LINES', [path, MAX_KEY_FILE_LINES]);
    yield line;
  }
}
