import { randomBytes } from 'node:crypto';
import { readOwnWord } from '../../../client/own-charset.ts';
import { listNonAsciiRuns, writeReadingTest } from '../../../protocol/shell-reading.ts';
import type { Word } from '../../../protocol/word.ts';
import { SHELL_LINE_PIECE_CHARACTERS } from '../../limits.ts';
import type { SubmittedLine } from '../backend.ts';
import type { HostShell } from './host-shell.ts';

/** What a run is asked for. */
export interface ShellRun {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, Word>>;
}

/** The run of a line, and the token of its records. */
export interface LineRequest extends ShellRun {
  readonly token: string;
}

const TOKEN_BYTES = 16;

/**
 * The run of one line. Program and line are in its environment: other users of the host can read the arguments of
 * processes, and `pkill -f` looks at them.
 * @param folder the private folder of the state
 * @param lastStatus what `$?` is in front of the line
 * @param hasState whether one was saved: then the line is not run without it
 */
export function makeLineRequest(
  shell: HostShell,
  folder: string,
  line: SubmittedLine,
  lastStatus: number,
  hasState: boolean,
): LineRequest {
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  return {
    token,
    file: shell.path,
    args: shell.kind.lineWords,
    env: {
      ...makeEnvironment(shell.kind.program, folder, token, line.text),
      ...describeTerminal(line.terminal),
      _rexa_last_status: String(lastStatus),
      _rexa_check: line.isLast ? '' : 'yes',
      _rexa_expects: hasState ? 'yes' : '',
    },
  };
}

/** The run that saves what the start files make of a login shell; null where that can't be. */
export function makeStartRequest(shell: HostShell, folder: string): LineRequest | null {
  const { startWords, program } = shell.kind;
  if (startWords === null || folder === '') return null;
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  return { token, file: shell.path, args: startWords, env: makeEnvironment(program, folder, token, '') };
}

/** What every program of a shell is given. The token comes in halves, so that no list of variables shows it. */
export function makeEnvironment(
  program: string,
  folder: string,
  token: string,
  text: string,
): Record<string, Word> {
  const word = readOwnWord(text);
  const pieces = cutWord(word);
  return {
    _rexa_program: program,
    _rexa_folder: folder,
    _rexa_scratch: 'scratch',
    _rexa_token: `${token.slice(0, TOKEN_BYTES)}:${token.slice(TOKEN_BYTES)}`,
    _rexa_columns: '',
    _rexa_rows: '',
    _rexa_check: '',
    _rexa_expects: '',
    _rexa_last_status: '0',
    _rexa_parts: String(pieces.length),
    ...Object.fromEntries(pieces.map((piece, index) => [`_rexa_part${index}`, piece])),
    ...writeSamples(word),
  };
}

function describeTerminal(terminal: SubmittedLine['terminal']): Record<string, string> {
  if (terminal === null) return {};
  return {
    TERM: terminal.type,
    _rexa_columns: String(terminal.columns),
    _rexa_rows: String(terminal.rows),
  };
}

/** The characters of the line, by which the shell finds out whether it reads them as such (READING_PROGRAM). */
function writeSamples(word: Word): Record<string, string> {
  // Bytes are not encoded, so they gain no meaning by that
  const runs = typeof word === 'string' ? listNonAsciiRuns(word) : [];
  const samples = groupRuns(runs).map(writeReadingTest);
  return {
    _rexa_samples: String(samples.length),
    ...Object.fromEntries(
      samples.flatMap(({ quoted, plain }, index) => [
        [`_rexa_quoted${index}`, quoted],
        [`_rexa_plain${index}`, plain],
      ]),
    ),
  };
}

/** Each group fits into one environment string. */
function groupRuns(runs: readonly string[]): string[][] {
  const groups: string[][] = [];
  let room = 0;
  for (const run of runs.flatMap(cutText)) {
    const needed = run.length + 3;
    if (needed > room) {
      groups.push([]);
      room = SHELL_LINE_PIECE_CHARACTERS;
    }
    groups.at(-1)?.push(run);
    room -= needed;
  }
  return groups;
}

/** One environment string has a limit of its own. The shell puts the pieces together: bytes may be cut anywhere. */
function cutWord(word: Word): Word[] {
  if (typeof word === 'string') return cutText(word);
  const count = Math.ceil(word.length / SHELL_LINE_PIECE_CHARACTERS);
  return Array.from({ length: count }, (_, index) =>
    word.subarray(index * SHELL_LINE_PIECE_CHARACTERS, (index + 1) * SHELL_LINE_PIECE_CHARACTERS),
  );
}

/** A character is never cut. */
function cutText(text: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  while (from < text.length) {
    let to = Math.min(from + SHELL_LINE_PIECE_CHARACTERS, text.length);
    if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to -= 1;
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
