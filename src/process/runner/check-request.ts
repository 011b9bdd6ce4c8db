import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { RexaError } from '../../protocol/errors.ts';
import { describeWord, type Word } from '../../protocol/word.ts';
import { findProgram, isForeignProgram, type Program } from './find-program.ts';
import type { StartRequest } from './runner.ts';
import { findVariable, wordBinary, wordBytes } from './words.ts';

/** Why a folder cannot be worked in, by errno. */
const FOLDER_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of it is not a folder',
  EACCES: 'it may not be entered',
};

/**
 * What can be known to fail before anything is spawned, or would fail in a way that tells less.
 * @returns the program; null where there is none of that name, or where the platform looks it up (Windows)
 * @throws RexaError ARGUMENT_INVALID, CWD_UNUSABLE, FILE_NOT_FOUND or FILE_NOT_EXECUTABLE
 */
export function checkRequest(request: StartRequest): Program | null {
  const { file, args, cwd, environment, runId } = request;
  refuseNul('the program', file);
  refuseNul('the working directory', cwd);
  refuseNul("the run's id", runId);
  for (const [index, argument] of args.entries()) refuseNul(`argument ${index + 1}`, argument);
  for (const [name, value] of environment) {
    refuseNul('the environment', name);
    refuseNul('the environment', value);
  }
  if (file.length === 0)
    throw new RexaError('FILE_NOT_FOUND', ['', ': a program needs a name'], { cause: { code: 'ENOENT' } });
  checkFolder(request);
  if (process.platform === 'win32') return null;
  return findProgram(file, cwd, findVariable(environment, 'PATH'));
}

/**
 * Refuses a program for another machine or system, before sh is given it as a script.
 * @throws RexaError FILE_NOT_EXECUTABLE
 */
export function refuseForeignProgram(request: StartRequest, program: Program | null): void {
  if (!program?.isExecutable || !isForeignProgram(program.path)) return;
  throw new RexaError('FILE_NOT_EXECUTABLE', [
    describeFile(request),
    'it is a program for another machine or system',
  ]);
}

/** How messages name the program. */
export function describeFile({ file, shown }: Pick<StartRequest, 'file' | 'shown'>): string {
  return shown?.file ?? describeWord(file);
}

function refuseNul(what: string, word: Word): void {
  if (typeof word === 'string' ? word.includes('\0') : word.includes(0))
    throw new RexaError('ARGUMENT_INVALID', [what]);
}

/** @throws RexaError CWD_UNUSABLE unless it is a folder that may be entered */
export function checkFolder({ cwd, shown }: Pick<StartRequest, 'cwd' | 'shown'>): void {
  const refuse = (why: string, cause?: unknown): RexaError =>
    new RexaError('CWD_UNUSABLE', [shown?.cwd ?? describeWord(cwd), why], { cause });
  if (!isAbsolute(wordBinary(cwd))) throw refuse('it is not an absolute path');
  const folder = wordBytes(cwd);
  try {
    if (!statSync(folder).isDirectory()) throw refuse('it is not a folder', { code: 'ENOTDIR' });
    accessSync(folder, constants.X_OK);
  } catch (error) {
    if (error instanceof RexaError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'it cannot be looked at';
    throw refuse(FOLDER_ERRORS[code] ?? code, error);
  }
}
