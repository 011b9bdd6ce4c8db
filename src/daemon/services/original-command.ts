import type { RunRequest } from '../../protocol/run-messages.ts';
import { findSubsystem } from './subsystems.ts';

/** Characters that no POSIX shell treats as anything but themselves, wherever in a word they stand. */
const PLAIN_WORD = /^[A-Za-z0-9_@%+:,./-]+$/;

/**
 * What a forced command finds of the request that it stands in for. `SSH_ORIGINAL_COMMAND` is the line that was asked
 * for, as under sshd, or the arguments as a line of which a POSIX shell makes just these; `REXA_ORIGINAL_ARGV` is the
 * JSON of what would have been run, argument by argument. Whoever asked for a shell asked for no command: then neither
 * is set, as under sshd.
 * @param shell the user's shell, which would have run a line
 */
export function originalCommand(command: RunRequest['command'], shell: string): Record<string, string> {
  if ('line' in command) return describe(command.line, [shell, '-c', command.line]);
  if ('argv' in command) return describe(command.argv.map(quoteWord).join(' '), command.argv);
  if ('subsystem' in command) return describeSubsystem(command.subsystem);
  return {};
}

/** As under sshd: its program. */
function describeSubsystem(name: string): Record<string, string> {
  try {
    const program = findSubsystem(name);
    return describe(program, [program]);
  } catch {
    return describe(name, [name]);
  }
}

function describe(line: string, argv: readonly string[]): Record<string, string> {
  return { SSH_ORIGINAL_COMMAND: line, REXA_ORIGINAL_ARGV: JSON.stringify(argv) };
}

function quoteWord(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
