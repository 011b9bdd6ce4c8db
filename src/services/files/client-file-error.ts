import { type ErrorCode, errnoOf, RexaError } from '../../protocol/errors.ts';
import type { CopyError } from './client-copy-error.ts';
import type { FilePath } from './client-types.ts';

/** Its `code` is one of the catalogue's for other errors. */
const BareError: new (
  code: ErrorCode,
  details: readonly string[],
  options: ErrorOptions,
) => Omit<RexaError, 'code'> = RexaError;

/** The error of a call for one file, as `node:fs` has it. */
export class FileError extends BareError {
  override readonly name = 'FileError';
  /** What the host's system calls it: ENOENT, EISDIR, EACCES … */
  readonly code: string;
  readonly syscall: 'open' | 'scandir' | 'stat';
  readonly path: FilePath;

  constructor(
    code: string,
    { cause, syscall, path }: Pick<FileError, 'syscall' | 'path'> & { cause: Error },
  ) {
    super('FILES_UNREADABLE', [], { cause });
    this.message = cause.message;
    this.code = code;
    this.syscall = syscall;
    this.path = path;
  }
}

/** Returns the error of one file for what ended a call for it; an error that is of no file stays as it is. */
export function describeFileError(error: unknown, syscall: FileError['syscall'], path: FilePath): unknown {
  if (!(error instanceof RexaError)) return error;
  const failed = 'result' in error ? (error as CopyError).result.failures[0] : undefined;
  const code = failed?.code ?? errnoOf(error.cause instanceof RexaError ? error.cause : error);
  return code === null || !/^E[A-Z0-9]+$/.test(code)
    ? error
    : new FileError(code, { cause: error, syscall, path });
}
