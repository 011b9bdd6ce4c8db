import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/** Why one file failed: a code for programs, such as ENOSPC, and a sentence. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** The error of one file: the transfer goes on with the next one. */
export class FileFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The code of what has failed because its folder has. */
export const NO_FOLDER = 'NO_FOLDER';

/** Returns the failure of what would go into a folder that failed. */
export function withoutFolder(): FileFailure {
  return new FileFailure(NO_FOLDER, 'its folder was not made');
}

/** Errors of file systems that Node has no name for. */
const UNNAMED: ReadonlyMap<number, readonly [code: string, message: string]> = new Map([
  [-constants.errno.EDQUOT, ['EDQUOT', 'disk quota exceeded']],
  [-constants.errno.ESTALE, ['ESTALE', 'stale file handle']],
]);

/** Describes an error of one file. @throws what is no error of a file: a mistake of ours */
export function describeFailure(error: unknown): Failure {
  if (error instanceof FileFailure) return { code: error.code, message: error.message };
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code === undefined || errno === undefined) throw error;
  const named = getSystemErrorMap().get(errno) ?? UNNAMED.get(errno);
  // The code that Node makes up for such an error is none in the records
  const [name, message] = named ?? ['UNKNOWN', `error ${-errno} of the system`];
  return { code: name, message };
}
