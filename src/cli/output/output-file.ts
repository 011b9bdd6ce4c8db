import fs from 'node:fs';
import path from 'node:path';
import { usageError } from '../../command-line/usage-error.ts';
import { checkWritable } from '../../places/check-writable.ts';

/**
 * Opens a file for what is written at the end, before anything is run: a file that cannot be written stops the run and
 * not its result.
 * @param option as the user gave it, for the message
 * @returns the descriptor
 * @throws RexaError USAGE
 */
export function openOutputFile(option: string, file: string, flags: 'w' | 'a', mode = 0o666): number {
  try {
    return fs.openSync(file, flags, mode);
  } catch (error) {
    throw unwritable(option, file, error);
  }
}

/**
 * Checks that a file can be written, without creating it: for a file that stays as it is when nothing comes of the run.
 * @throws RexaError USAGE
 */
export function checkOutputFile(option: string, file: string): void {
  try {
    checkWritable(file);
  } catch (error) {
    throw unwritable(option, file, error);
  }
}

/** Returns the error for an option whose file cannot be written. */
export function unwritable(option: string, file: string, cause: unknown): Error {
  return usageError(`${option}: ${describeUnwritable(file, cause)}`, { cause });
}

/** Returns why a file cannot be written: which file, and what the system said of it. */
export function describeUnwritable(file: string, cause: unknown): string {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const folder = path.dirname(file);
  const reason = code === 'ENOENT' ? `there is no folder ${folder}` : (REASONS[code] ?? message);
  return `cannot write ${file}: ${reason}`;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOSPC: 'no space left on the device',
  ENOTDIR: 'a part of its path is not a folder',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
};
