import { statSync } from 'node:fs';
import { describeCause } from '../../protocol/caused-by.ts';
import { RexaError } from '../../protocol/errors.ts';
import { describeWord } from '../../protocol/word.ts';
import { checkFolder, describeFile } from './check-request.ts';
import { findProgram, type Program, readInterpreter } from './find-program.ts';
import type { StartRequest } from './runner.ts';
import { findVariable, wordBinary } from './words.ts';

/** What the host is short of, by errno. */
const SHORTAGES: Readonly<Record<string, string>> = {
  EMFILE: 'too many files are open on this host',
  ENFILE: 'too many files are open on this host',
  EAGAIN: 'the limit of processes is reached on this host',
  ENOMEM: 'this host has no memory left',
};

/** Why nothing was run, in the catalogue's words. @param cause what the start failed with; its `code` decides */
export function toSpawnError(request: StartRequest, cause: unknown): RexaError {
  if (cause instanceof RexaError) return cause;
  const code = (cause as Partial<NodeJS.ErrnoException> | undefined)?.code;
  const file = describeFile(request);
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
    case 'ELOOP':
      return describeMissing(request, cause);
    case 'EACCES':
      // One folder of the PATH that may not be searched is enough for this answer, with or without a program
      if (!wordBinary(request.file).includes('/') && lookUp(request) === null)
        return describeMissing(request, cause);
      return new RexaError('FILE_NOT_EXECUTABLE', [file, describeRefusal(request, code)], { cause });
    case 'EPERM':
    case 'ENOEXEC':
    case 'ETXTBSY':
    case 'EISDIR':
      return new RexaError('FILE_NOT_EXECUTABLE', [file, describeRefusal(request, code)], { cause });
    case 'E2BIG':
      return new RexaError('ARGUMENTS_TOO_LONG', [], { cause });
    default:
      return new RexaError('SPAWN_FAILED', [file, SHORTAGES[code ?? ''] ?? describeCause(cause)], { cause });
  }
}

function describeMissing(request: StartRequest, cause: unknown): RexaError {
  const file = describeFile(request);
  try {
    // It may have gone since it was looked at
    checkFolder(request);
  } catch (error) {
    if (error instanceof RexaError) return error;
  }
  const program = lookUp(request);
  const hint = program === null ? describePlace(request) : describeInterpreter(program.path);
  return new RexaError('FILE_NOT_FOUND', [file, hint], { cause });
}

/** Null also on Windows, where other rules hold than those of execvp. */
function lookUp({ file, cwd, environment }: StartRequest): Program | null {
  return process.platform === 'win32' ? null : findProgram(file, cwd, findVariable(environment, 'PATH'));
}

/** Where the program was searched; nowhere else for an absolute path. */
function describePlace({ file, cwd, environment }: StartRequest): string {
  const name = wordBinary(file);
  if (name.startsWith('/') || process.platform === 'win32') return '';
  if (name.includes('/')) return ` in ${describeWord(cwd)}`;
  const path = findVariable(environment, 'PATH');
  return ` in the PATH of the host${path === undefined ? '' : `, ${describeWord(path)}`}`;
}

function describeInterpreter(path: Buffer): string {
  const script = describeWord(path);
  const line = readInterpreter(path);
  if (line === null) return `: ${script} needs a loader that is not on this host`;
  const interpreter = describeWord(line);
  const lineEnds = interpreter.endsWith('\r') ? '; its lines end as on Windows' : '';
  return `: ${script} needs the interpreter ${interpreter}, which is not on this host${lineEnds}`;
}

function describeRefusal(request: StartRequest, code: string): string {
  const path = lookUp(request)?.path;
  if (code === 'ENOEXEC') return 'this host does not know its format';
  if (code === 'ETXTBSY') return 'it is open for writing';
  if (path === undefined) return 'permission denied';
  const interpreter = readInterpreter(path);
  if (interpreter !== null && !findProgram(interpreter, '/')?.isExecutable) {
    return `its interpreter ${describeWord(interpreter)} may not be executed`;
  }
  return isFolder(path) ? 'it is a folder' : 'permission denied';
}

function isFolder(path: Buffer): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
