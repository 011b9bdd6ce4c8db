import { BASH_COMPLETION_PROGRAM, BASH_MAIN, BASH_PROGRAM, BASH_START_MAIN } from './bash-program.ts';
import { POSIX_COMPLETION_PROGRAM, POSIX_MAIN, POSIX_PROGRAM } from './posix-program.ts';
import { ZSH_COMPLETION_PROGRAM, ZSH_MAIN, ZSH_PROGRAM, ZSH_START_MAIN } from './zsh-program.ts';

/** A shell of the host that lines can be run by. */
export interface HostShell {
  /** Its path on the host. */
  readonly path: string;
  readonly kind: ShellKind;
}

/** How a kind of shell is made to run a line. */
export interface ShellKind {
  /** Words behind the shell that run a line by `program`. */
  readonly lineWords: readonly string[];
  readonly program: string;
  /** Words that save what the user's start files make of an interactive login shell; null where that can't be saved. */
  readonly startWords: readonly string[] | null;
  /** Words that run `completionProgram`. */
  readonly completionWords: readonly string[];
  readonly completionProgram: string;
  /** What does not stay from line to line; null: nothing that a user would expect to. */
  readonly lacks: string | null;
}

const RUN_PROGRAM = 'eval "$_rexa_program"';

/** `--norc`: bash takes a stdin that is a socket for rshd's, and reads the start files for every line. */
export const BASH: ShellKind = {
  lineWords: ['--norc', '-c', BASH_MAIN, 'bash'],
  program: BASH_PROGRAM,
  startWords: ['-l', '-i', '-c', BASH_START_MAIN, 'bash'],
  completionWords: ['--norc', '-c', RUN_PROGRAM, 'bash'],
  completionProgram: BASH_COMPLETION_PROGRAM,
  lacks: null,
};

export const ZSH: ShellKind = {
  lineWords: ['-f', '-c', ZSH_MAIN, 'zsh'],
  program: ZSH_PROGRAM,
  startWords: ['-l', '-i', '-c', ZSH_START_MAIN, 'zsh'],
  completionWords: ['-f', '-c', RUN_PROGRAM, 'zsh'],
  completionProgram: ZSH_COMPLETION_PROGRAM,
  lacks: null,
};

export const POSIX_SH: ShellKind = {
  lineWords: ['-c', POSIX_MAIN, 'sh'],
  program: POSIX_PROGRAM,
  startWords: null,
  completionWords: ['-c', RUN_PROGRAM, 'sh'],
  completionProgram: POSIX_COMPLETION_PROGRAM,
  lacks: 'the host has neither bash nor zsh: functions do not persist between lines',
};
