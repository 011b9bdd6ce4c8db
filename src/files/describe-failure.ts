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

/** Describes an error of one file. @throws what is no error of a file: a mistake of ours */
export function describeFailure(error: unknown): Failure {
  if (error instanceof FileFailure) return { code: error.code, message: error.message };
  const { code, errno, message } = error as NodeJS.ErrnoException;
  if (code === undefined || errno === undefined) throw error;
  return { code, message: getSystemErrorMap().get(errno)?.[1] ?? message };
}
