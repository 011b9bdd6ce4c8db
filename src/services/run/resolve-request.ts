import { type WireWord, type Word, writeWord } from '../../protocol/word.ts';
import { readHostWord } from './environment.ts';
import type { RunRequest } from './messages.ts';
import { findSubsystem } from './subsystems.ts';

/** What the host has to say about a run, beside the client's request. */
export interface RunRights {
  /** A line of the login shell that runs, in the home folder, in place of whatever was asked for. */
  readonly forcedCommand: string | null;
  /** Set last of all: by the key's line, and about the connection and the request that was replaced. */
  readonly environment: Readonly<Record<string, Word>>;
}

/** A request of which every word is the host's own or allowed: a subsystem is its program, offers are decided on. */
export type ResolvedRequest = Omit<RunRequest, 'command' | 'offeredEnv'> & {
  readonly command: Exclude<RunRequest['command'], { subsystem: string }>;
};

/**
 * What is run of a request.
 * @param offered the variables of `offeredEnv` that this client may set
 * @throws RexaError SUBSYSTEM_MISSING
 */
export function resolveRequest(
  asked: RunRequest,
  { forcedCommand }: RunRights,
  offered: Readonly<Record<string, WireWord>>,
): ResolvedRequest {
  const { offeredEnv: _offeredEnv, ...request } = asked;
  const env = { ...offered, ...request.env };
  if (forcedCommand === null) return { ...request, env, command: resolveCommand(request.command) };
  // A forced command takes the place of the whole command: neither folder nor program is the client's
  const { cwd: _cwd, argv0: _name, localPrograms: _programs, stdio: _stdio, ...rest } = request;
  return {
    ...rest,
    env,
    command: { line: writeWord(readHostWord(Buffer.from(findInternal(forcedCommand)))) },
  };
}

function resolveCommand(command: RunRequest['command']): ResolvedRequest['command'] {
  return 'subsystem' in command ? { argv: [findSubsystem(command.subsystem)] } : command;
}

/** sshd's name for its own sftp server, which may stand in a forced command; here it is the host's program. */
const INTERNAL_SFTP = /^internal-sftp(?=$|[ \t])/;

function findInternal(line: string): string {
  if (!INTERNAL_SFTP.test(line)) return line;
  return line.replace(INTERNAL_SFTP, () => `'${findSubsystem('sftp').replaceAll("'", "'\\''")}'`);
}
