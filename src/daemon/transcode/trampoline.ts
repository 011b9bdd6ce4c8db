import { isUtf8 } from 'node:buffer';
import { RUN_ID_VARIABLE } from '../../process/system/process-table.ts';
import { RexaError } from '../../protocol/errors.ts';
import { MAX_ARGUMENT_BYTES } from '../../protocol/limits.ts';
import type { EncodedCommand, NodeCommand } from './encode-command.ts';
import { asBuffer } from './utf8.ts';

/**
 * Runs the script that its arguments spell in octal escapes. One command substitution for all of it, however many
 * arguments there are; the script never ends in a newline, which the substitution would drop.
 */
const PROGRAM = 'eval "$(printf %b "$@")"';

/** The shell alone sees this: bytes are bytes to it, whatever the locale of the command is. */
const SHELL_ENVIRONMENT = { LC_ALL: 'C' };

/** Bytes that stand for themselves: printable ASCII but the backslash. */
const isPlain = (byte: number): boolean => byte >= 0x20 && byte < 0x7f && byte !== 0x5c;

/**
 * A command whose bytes are not UTF-8, as an ASCII program for `/bin/sh`, since Node writes every argument as UTF-8.
 * The shell changes to the folder and becomes the program by way of env(1), so pid, signals and exit status are the
 * program's own, and its environment is exactly the one given, with the run's id as the runner adds it. A program that
 * isn't there ends with 127, one that can't be executed, or a folder that can't be entered, with 126: whoever wants to
 * say so before anything runs looks first.
 *
 * Unix alone. The bytes hold no NUL.
 *
 * @throws RexaError ARGUMENTS_TOO_LONG when a part is longer than the system takes (MAX_ARG_STRLEN of execve(2)),
 * ENVIRONMENT_REFUSED for a name that can't be one
 */
export function writeTrampoline(command: EncodedCommand): NodeCommand {
  const isCwdPlain = isUtf8(command.cwd);
  const script = Buffer.concat([
    ...(isCwdPlain ? [] : [ascii('cd -- '), quote(command.cwd), ascii(' || exit 126\n')]),
    ascii(`exec /usr/bin/env -i -- \${${RUN_ID_VARIABLE}+"${RUN_ID_VARIABLE}=$${RUN_ID_VARIABLE}"}`),
    ...listWords(command).flatMap((word) => [ascii(' '), quote(word)]),
  ]);
  return {
    file: '/bin/sh',
    args: ['-c', PROGRAM, 'rexa', ...spell(script)],
    cwd: isCwdPlain ? asBuffer(command.cwd).toString() : '/',
    environment: SHELL_ENVIRONMENT,
  };
}

/** env's arguments: the variables, the program, its arguments. */
function listWords({ file, args, environment }: EncodedCommand): Uint8Array[] {
  const variables = environment.map(([name, value]) => {
    if (name.length === 0 || name.includes(0x3d)) {
      throw new RexaError('ENVIRONMENT_REFUSED', [
        asBuffer(name).toString(),
        'a name holds no =, and is not empty',
      ]);
    }
    return Buffer.concat([name, ascii('='), value]);
  });
  // env would take a program with a = in its path for one more variable.
  const launcher = file.includes(0x3d) ? ['/bin/sh', '-c', 'exec "$0" "$@"'].map(ascii) : [];
  const words = [...variables, ...launcher, file, ...args];
  if (words.some((word) => word.length >= MAX_ARGUMENT_BYTES)) throw new RexaError('ARGUMENTS_TOO_LONG');
  return words;
}

function ascii(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** One word of the shell language that is exactly these bytes. */
function quote(bytes: Uint8Array): Buffer {
  return ascii(`'${asBuffer(bytes).toString('latin1').replaceAll("'", "'\\''")}'`);
}

/** The bytes as printf's %b reads them, in pieces that are no longer than an argument may be. */
function spell(bytes: Uint8Array): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const byte of bytes) {
    const letter = isPlain(byte) ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`;
    if (piece.length + letter.length >= MAX_ARGUMENT_BYTES) {
      pieces.push(piece);
      piece = '';
    }
    piece += letter;
  }
  return [...pieces, piece];
}
