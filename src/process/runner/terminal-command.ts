import { basename } from 'node:path';
import { findProgram, readInterpreter } from './find-program.ts';
import type { StartRequest } from './runner.ts';
import { tellSpawnError } from './spawn-error.ts';

type NamedCommand = Pick<StartRequest, 'file' | 'args'>;

/** A session leader that opens a terminal gets it as its own (credentials(7)): that is how it gets job control. */
const ON_TERMINAL = '<>"$0" >&0 2>&0';

/**
 * The command as a program that a shell becomes once it has taken the terminal: pid, arguments and exit status are
 * the command's own. Node can't do it, and setsid(1) only where nobody has made a session before.
 * @param path of the terminal
 */
export function putOnTerminal({ file, args, argv0, environment }: StartRequest, path: string): NamedCommand {
  if (argv0 !== undefined) return putNamed({ file, args, argv0, environment }, path);
  // What the shell has added of itself is not for the command
  const unset = ['PWD', 'OLDPWD', 'SHLVL'].filter((name) => !Object.hasOwn(environment, name)).join(' ');
  const command = [...addOddNames(environment), file, ...args];
  return { file: '/bin/sh', args: ['-c', `unset ${unset}; exec "$@" ${ON_TERMINAL}`, path, ...command] };
}

/** Variables whose names are none to a shell, which may drop them. */
function addOddNames(environment: StartRequest['environment']): string[] {
  const odd = Object.entries(environment).filter(([name]) => !/^[A-Za-z_]\w*$/.test(name));
  return odd.length === 0 ? [] : ['/usr/bin/env', ...odd.map(([name, value]) => `${name}=${value}`)];
}

/** Only bash can give a program another name; without it a shell is told by an option that it is for a login. */
function putNamed(
  { file, args, argv0, environment }: Pick<StartRequest, 'file' | 'args' | 'environment'> & { argv0: string },
  path: string,
): NamedCommand {
  const bash = findProgram('bash', '/', environment['PATH']);
  if (bash?.isExecutable) {
    const line = `exec -a "$1" "\${@:2}" ${ON_TERMINAL}`;
    return { file: bash.path, args: ['-c', line, path, argv0, file, ...args] };
  }
  const login = argv0 === `-${basename(file)}` ? ['-l'] : [];
  return { file: '/bin/sh', args: ['-c', `exec "$@" ${ON_TERMINAL}`, path, file, ...login, ...args] };
}

/**
 * Looks at the program first: a shell that becomes it could only tell an exit code.
 * @throws RexaError FILE_NOT_FOUND, FILE_NOT_EXECUTABLE
 */
export function checkProgram(request: StartRequest): void {
  const program = findProgram(request.file, request.cwd, request.environment['PATH']);
  if (program === null) throw tellSpawnError(request, { code: 'ENOENT' });
  if (!program.isExecutable) throw tellSpawnError(request, { code: 'EACCES' });
  const interpreter = readInterpreter(program.path);
  if (interpreter === null) return;
  const found = findProgram(interpreter, request.cwd);
  if (found === null) throw tellSpawnError(request, { code: 'ENOENT' });
  if (!found.isExecutable) throw tellSpawnError(request, { code: 'EACCES' });
}
