import { refuseForeignProgram } from './check-request.ts';
import type { Program } from './find-program.ts';
import type { StartRequest } from './runner.ts';
import { wordBinary, wordBytes } from './words.ts';

/** What execve(2) is given of a command, beside its environment. */
export interface ProgramWords {
  readonly path: Buffer;
  readonly argv: readonly Buffer[];
}

/** NAME_MAX of limits.h. */
const MAX_NAME_BYTES = 255;
const SHELL = Buffer.from('/bin/sh');

/**
 * Starts a program as execvp(3) does: one that is looked up was found before, and what the kernel knows no format of is a
 * script of sh.
 * @param program as checkRequest has found it
 * @param start fails with ENOEXEC where the kernel knows no format
 * @throws what `start` throws; RexaError FILE_NOT_EXECUTABLE
 */
export async function startProgram<T>(
  request: StartRequest,
  program: Program | null,
  start: (words: ProgramWords) => Promise<T>,
): Promise<T> {
  const path = program?.name ?? wordBytes(request.file);
  const args = request.args.map(wordBytes);
  if (program === null && !wordBinary(request.file).includes('/')) {
    const code = path.length > MAX_NAME_BYTES ? 'ENAMETOOLONG' : 'ENOENT';
    throw Object.assign(new Error('it is in no folder of the PATH'), { code });
  }
  try {
    return await start({ path, argv: [wordBytes(request.argv0 ?? request.file), ...args] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOEXEC') throw error;
    refuseForeignProgram(request, program);
    return await start({ path: SHELL, argv: [SHELL, path, ...args] });
  }
}
