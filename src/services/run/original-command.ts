import { wordBinary } from '../../process/runner/words.ts';
import { readWord, type WireWord, type Word } from '../../protocol/word.ts';
import { readHostWord } from './environment.ts';
import type { RunRequest } from './messages.ts';
import { findSubsystem } from './subsystems.ts';

/** Characters that no POSIX shell treats as anything but themselves, wherever in a word they stand. */
const PLAIN_WORD = /^[A-Za-z0-9_@%+:,./-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
const BEYOND_ASCII = /[^\x00-\x7f]/g;

/**
 * What a forced command finds of the request that it stands in for. `SSH_ORIGINAL_COMMAND` is the line that was asked
 * for, as under sshd, or the arguments as a line of which a POSIX shell makes just these; `REXA_ORIGINAL_ARGV` is the
 * JSON of what would have been run, argument by argument, as a request has it. Whoever asked for a shell asked for no
 * command: then neither is set, as under sshd.
 * @param shell the user's shell, which would have run a line
 */
export function originalCommand(command: RunRequest['command'], shell: string): Record<string, Word> {
  if ('line' in command) return describe(readWord(command.line), [shell, '-c', command.line]);
  if ('argv' in command) return describe(writeLine(command.argv.map(readWord)), command.argv);
  if ('subsystem' in command) return describeSubsystem(command.subsystem);
  return {};
}

/** As under sshd: its program. */
function describeSubsystem(name: string): Record<string, Word> {
  try {
    const program = findSubsystem(name);
    return describe(program, [program]);
  } catch {
    return describe(name, [name]);
  }
}

function describe(line: Word, argv: readonly WireWord[]): Record<string, Word> {
  // In ASCII, so that it is the same JSON in every encoding
  const json = JSON.stringify(argv).replaceAll(BEYOND_ASCII, escapeUnit);
  // A forced command is the host's: text is UTF-8 there, whatever the client's programs write
  const text = typeof line === 'string' ? readHostWord(Buffer.from(line)) : line;
  return { SSH_ORIGINAL_COMMAND: text, REXA_ORIGINAL_ARGV: json };
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Text stays text, to be encoded as such; with bytes among the words, text is UTF-8 there. */
function writeLine(words: readonly Word[]): Word {
  if (words.every((word) => typeof word === 'string')) return words.map(quoteWord).join(' ');
  const binary = words.map((word) => quoteWord(wordBinary(word)));
  return Buffer.from(binary.join(' '), 'latin1');
}

function quoteWord(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
