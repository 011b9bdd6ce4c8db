/** A part of a shell line that has no ASCII, as long as it goes. */
const NON_ASCII_RUN = /[^\0-\x7F]+/g;

/**
 * ASCII that some charset has as the last byte of a character, and that a shell may treat as more than a letter. Letters and
 * digits are left out: behind a byte that is not ASCII they are part of a word and nothing else.
 */
export const SHELL_SYNTAX = ':;<=>?@[\\]^`{|}~';

/** Returns the parts of a line that have no ASCII, each once, in their order. */
export function listNonAsciiRuns(line: string): readonly string[] {
  return [...new Set(line.match(NON_ASCII_RUN))];
}

/**
 * Lines of POSIX sh, bash and zsh included, that test whether a shell reads characters as such in its locale: `$1` has runs of
 * them, each with a backslash, an apostrophe and a space behind it, `$2` the same with the apostrophes alone. A shell that goes
 * by bytes, or by another charset, finds signs of its syntax in them, or takes the backslash for the last byte of one. What
 * would be a command or a redirection is looked for before anything is evaluated. bash finds a backslash in some characters
 * by `case`, though its parser does not: that one is left to the evaluation.
 */
export const READING_TEST = `
  case $2 in *[\\:\\;\\<\\=\\>\\?\\@\\[\\^\\\`\\{\\|\\}\\~]* | *\\]*) return 1 ;; esac
  [ "$(eval "printf %s $1" 2>/dev/null)" = "$2" ]
`;

/** Returns what `READING_TEST` takes for some runs. */
export function writeReadingTest(runs: readonly string[]): {
  readonly quoted: string;
  readonly plain: string;
} {
  return { quoted: runs.map((run) => `${run}\\' `).join(''), plain: runs.map((run) => `${run}'`).join('') };
}
