/** A maximal run of non-ASCII characters in a shell line. */
const NON_ASCII_RUN = /[^\0-\x7F]+/g;

/**
 * ASCII characters that are the last byte of a character in some encoding and have a meaning in shell syntax. Letters and
 * digits are left out: after a non-ASCII byte they are part of a word and nothing else.
 */
export const SHELL_SYNTAX = ':;<=>?@[\\]^`{|}~';

/** Returns the distinct runs of non-ASCII characters in a line, in order. */
export function listNonAsciiRuns(line: string): readonly string[] {
  return [...new Set(line.match(NON_ASCII_RUN))];
}

/**
 * A test in POSIX sh (also for bash and zsh) of whether a shell parses characters correctly in its locale. `$1` has runs of
 * characters, each followed by a backslash, an apostrophe and a space, `$2` the same with the apostrophes only. A shell that
 * parses bytes, or uses another encoding, finds shell syntax in them, or takes the backslash for the last byte of a character.
 * Commands and redirections are searched for before anything is evaluated. For some characters `case` of bash finds a
 * backslash although its parser does not, so the evaluation decides about these.
 */
export const READING_TEST = `
  case $2 in *[\\:\\;\\<\\=\\>\\?\\@\\[\\^\\\`\\{\\|\\}\\~]* | *\\]*) return 1 ;; esac
  [ "$(eval "printf %s $1" 2>/dev/null)" = "$2" ]
`;

/** Returns the arguments of `READING_TEST` for some runs. */
export function writeReadingTest(runs: readonly string[]): {
  readonly quoted: string;
  readonly plain: string;
} {
  return { quoted: runs.map((run) => `${run}\\' `).join(''), plain: runs.map((run) => `${run}'`).join('') };
}
