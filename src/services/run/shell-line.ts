import { randomUUID } from 'node:crypto';
import type { Runner, StartRequest, Variable } from '../../process/runner/runner.ts';
import { RexaError } from '../../protocol/errors.ts';
import {
  listNonAsciiRuns,
  READING_TEST,
  SHELL_SYNTAX,
  writeReadingTest,
} from '../../protocol/shell-reading.ts';
import type { Word } from '../../protocol/word.ts';
import { describeCharacter, encodeText, findForm } from '../../transcode/encode-text.ts';
import type { Encoding } from '../../transcode/encoding.ts';
import { MAX_READ_RUN_CHARACTERS, MAX_READ_RUNS, SHELL_READING_MS } from '../limits.ts';

/** A command line, and the shell that is to run it. */
export interface ShellLine {
  readonly text: string;
  /** What the line is written in; UTF-8 where it goes as it is. */
  readonly encoding: Encoding;
  readonly shell: Pick<StartRequest, 'file' | 'environment' | 'shown'>;
}

/** Refuses lines that a shell would read otherwise than they were written. */
export interface LineGuard {
  /** @throws RexaError LINE_MISREAD */
  check(line: ShellLine): Promise<void>;
}

const TEST_PROGRAM = `_rexa_reads() {${READING_TEST}}\n_rexa_reads "$1" "$2"`;
/** By these, and by what stands in the folder, a shell takes its charset. */
const LOCALE_VARIABLES = ['LC_ALL', 'LC_CTYPE', 'LANG', 'LOCPATH', 'HOME', 'ZDOTDIR'];
/** Locales in which no character has ASCII in it; where they aren't installed, a shell goes by bytes. */
const PLAIN_LOCALE = /^(C|POSIX|.*utf-?8)?(@.*)?$/i;
const SYNTAX = new Set(Buffer.from(SHELL_SYNTAX));

/**
 * A line may gain or lose syntax by the charset that it is written in: the last byte of a character may be that of a pipe, or a
 * shell of another charset may take a backslash for the last byte of a character. So the characters of which that is possible
 * are given to the very shell, in the very environment, to be read; a shell that can't read them is not given the line.
 */
export function createLineGuard(runner: Runner): LineGuard {
  /** What was read before, by shell, environment and bytes: with the oldest in front. */
  const readBefore = new Set<string>();

  function remember(key: string): void {
    readBefore.add(key);
    for (const oldest of readBefore) {
      if (readBefore.size <= MAX_READ_RUNS) return;
      readBefore.delete(oldest);
    }
  }

  return {
    async check(line) {
      const found = listFragile(line);
      if (found.length === 0) return;
      const place = describePlace(line);
      const fragile = found
        .map((run) => ({ run, key: `${place}\0${run}` }))
        .filter(({ key }) => !readBefore.has(key));
      if (fragile.length === 0) return;
      const runs = fragile.map(({ run }) => run);
      if (!(await reads(runner, line, runs))) throw refuse(line, runs);
      for (const { run, key } of fragile) if (run.length <= MAX_READ_RUN_CHARACTERS) remember(key);
    },
  };
}

/** The parts of a line without ASCII that a shell may read otherwise than they were written. */
function listFragile({ text, encoding, shell }: ShellLine): readonly string[] {
  const isText = encoding.kind !== 'utf8' && encoding.kind !== 'binary';
  const form = isText ? (findForm(text, encoding) ?? text) : text;
  const mayTakeMore = !PLAIN_LOCALE.test(findLocale(shell.environment));
  return listNonAsciiRuns(form).filter(
    (run) => hasSyntax(run, encoding) || (mayTakeMore && isBeforeSyntax(run, form)),
  );
}

function isBeforeSyntax(run: string, text: string): boolean {
  return Array.from(SHELL_SYNTAX).some((sign) => text.includes(run + sign));
}

/** The locale that setlocale(3) takes for LC_CTYPE. */
function findLocale(environment: readonly Variable[]): string {
  const values = new Map(environment.map(([name, value]) => [asText(name), asText(value)]));
  return values.get('LC_ALL') || values.get('LC_CTYPE') || values.get('LANG') || '';
}

/** Whether the bytes of a part without ASCII have those of syntax. */
function hasSyntax(text: string, encoding: Encoding): boolean {
  if (encoding.kind === 'utf8' || encoding.kind === 'binary') return false;
  return encodeText(text, encoding, 'it').some((byte) => SYNTAX.has(byte));
}

function describePlace({ encoding, shell }: ShellLine): string {
  const locale = shell.environment.filter(([name]) => LOCALE_VARIABLES.includes(asText(name)));
  return [asText(shell.file), encoding.name, ...locale.flat().map(asText)].join('\0');
}

async function reads(
  runner: Runner,
  { shell, encoding }: ShellLine,
  runs: readonly string[],
): Promise<boolean> {
  const { quoted, plain } = writeReadingTest(runs);
  const running = await runner.start({
    runId: randomUUID(),
    file: shell.file,
    args: ['-c', TEST_PROGRAM, 'sh', ...[quoted, plain].map((text) => encodeText(text, encoding, 'it'))],
    cwd: '/',
    environment: shell.environment,
    stdin: 'none',
    ...(shell.shown === undefined ? {} : { shown: shell.shown }),
  });
  running.stdout.resume();
  running.stderr.resume();
  const timer = setTimeout(() => void running.endTree(0), SHELL_READING_MS);
  const { exitCode } = await running.exit;
  clearTimeout(timer);
  return exitCode === 0;
}

/** Names the character that has syntax in it, or failing that the last one, behind which syntax may be taken for a part of it. */
function refuse({ encoding, shell }: ShellLine, runs: readonly string[]): RexaError {
  const characters = runs.flatMap((run) => Array.from(run));
  const named =
    characters.find((character) => hasSyntax(character, encoding)) ?? Array.from(runs[0] ?? '').at(-1) ?? '';
  return new RexaError('LINE_MISREAD', [
    describeCharacter(named),
    encoding.kind === 'binary' ? 'utf8' : encoding.name,
    shell.shown?.file ?? asText(shell.file),
  ]);
}

function asText(word: Word): string {
  return typeof word === 'string' ? word : Buffer.from(word).toString('latin1');
}
