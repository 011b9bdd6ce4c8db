import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { RexaError } from '../../protocol/errors.ts';
import { findProgram, isForeignProgram } from './find-program.ts';
import type { StartRequest } from './runner.ts';

/**
 * What can be known to fail before anything is spawned, or would fail in a way that tells less.
 * @throws RexaError ARGUMENT_INVALID, CWD_UNUSABLE, FILE_NOT_FOUND or FILE_NOT_EXECUTABLE
 */
export function checkRequest(request: StartRequest): void {
  const { file, args, cwd, environment, runId } = request;
  refuseNul('the program', file);
  refuseNul('the working directory', cwd);
  refuseNul("the run's id", runId);
  for (const [index, argument] of args.entries()) refuseNul(`argument ${index + 1}`, argument);
  for (const [name, value] of Object.entries(environment)) {
    refuseNul('the environment', `${name}=${value}`);
  }
  if (file === '') throw new RexaError('FILE_NOT_FOUND', ['', ': a program needs a name']);
  checkFolder(cwd);
  if (process.platform === 'win32') return;
  const program = findProgram(file, cwd, environment['PATH']);
  if (program?.isExecutable && isForeignProgram(program.path)) {
    throw new RexaError('FILE_NOT_EXECUTABLE', [file, 'it is a program for another machine or system']);
  }
}

function refuseNul(what: string, text: string): void {
  if (text.includes('\0')) throw new RexaError('ARGUMENT_INVALID', [what]);
}

/** @throws RexaError CWD_UNUSABLE unless it is a folder that may be entered */
export function checkFolder(cwd: string): void {
  if (!isAbsolute(cwd)) throw new RexaError('CWD_UNUSABLE', [cwd, 'it is not an absolute path']);
  try {
    if (!statSync(cwd).isDirectory()) throw new RexaError('CWD_UNUSABLE', [cwd, 'it is not a folder']);
    accessSync(cwd, constants.X_OK);
  } catch (error) {
    if (error instanceof RexaError) throw error;
    throw new RexaError('CWD_UNUSABLE', [cwd, tellFolderError(error as NodeJS.ErrnoException)], {
      cause: error,
    });
  }
}

function tellFolderError({ code }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
      return 'it does not exist';
    case 'ENOTDIR':
      return 'a part of it is not a folder';
    case 'EACCES':
      return 'it may not be entered';
    default:
      return code ?? 'it cannot be looked at';
  }
}
