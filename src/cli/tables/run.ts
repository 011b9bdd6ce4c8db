import type { CommandSpec } from '../../command-line/command-spec.ts';
import { readDuration } from '../../command-line/duration.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import type { Lifetime } from '../../protocol/job.ts';
import { DEFAULT_KILL_AFTER_MS, MAX_RUN_ID_CHARACTERS } from '../../protocol/limits.ts';
import { readAssignment } from '../ssh/values.ts';
import {
  COMMON_OPTIONS,
  CONNECT_OPTIONS,
  HOST_CHOICES,
  LOGIN_OPTIONS,
  RECONNECT_OPTIONS,
  TERMINAL_OPTIONS,
} from './common.ts';
import { ENCODING_ERRORS_OPTION, ENCODING_OPTION, STDIN_ENCODING_OPTION } from './encodings.ts';

const RUN_ID = new RegExp(`^[A-Za-z0-9._:-]{1,${MAX_RUN_ID_CHARACTERS}}$`);

const RUN_OPTIONS = {
  c: {
    kind: 'value',
    placeholder: 'LINE',
    read: readText,
    takesBytes: true,
    verbatim: true,
    about: "A line for the host's shell ($SHELL -c), instead of FILE and its arguments",
  },
  t: {
    kind: 'flag',
    about: 'On a terminal of the host; 80×24 where there is none here. Its output is all stdout',
  },
  n: { kind: 'flag', about: 'Send no stdin: the command reads an empty file' },
  cwd: {
    kind: 'value',
    placeholder: 'DIR',
    read: readText,
    takesBytes: true,
    about: 'Run there; relative to the home folder, which is the default; on local to the current folder',
  },
  env: {
    kind: 'list',
    placeholder: 'K=V',
    read: readAssignment,
    takesBytes: true,
    about: "Add a variable to the command's environment; may be repeated",
  },
  timeout: {
    kind: 'value',
    placeholder: 'DURATION',
    read: readDuration,
    about: 'End the command and all its processes after so long (30s, 5m, 1h30m); exit status 124',
  },
  'kill-after': {
    kind: 'value',
    placeholder: 'DURATION',
    read: readDuration,
    about: `From SIGTERM to SIGKILL when it is ended. Default: ${DEFAULT_KILL_AFTER_MS / 1000}s`,
  },
  encoding: ENCODING_OPTION,
  'stdin-encoding': STDIN_ENCODING_OPTION,
  'encoding-errors': ENCODING_ERRORS_OPTION,
  json: {
    kind: 'optional',
    placeholder: 'FILE',
    about:
      'One line of JSON that says what became of it, on stdout with the output, or in FILE beside live output',
  },
  retry: {
    kind: 'value',
    placeholder: 'N',
    read: readRetries,
    about:
      'Try up to N times more while nothing was run and a later attempt may succeed; with --id also when it was lost',
  },
  id: {
    kind: 'value',
    placeholder: 'ID',
    read: readRunId,
    about:
      'Never run this twice under this id (1 to 128 of A-Z a-z 0-9 . _ : -): a repeated one is answered with what became of it',
  },
  detach: {
    kind: 'flag',
    about: 'Start a job, print its id and nothing else, and leave; its stdin waits for rexa attach',
  },
  lifetime: {
    kind: 'value',
    placeholder: 'LIFETIME',
    read: readLifetime,
    choices: ['with-client', 'linger:60s', 'detached'],
    about:
      'How long it goes on when rexa is gone: with-client (default: not at all), linger:DURATION, or detached (until it ends)',
  },
  ...TERMINAL_OPTIONS,
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** `rexa run`. */
export const RUN_COMMAND: CommandSpec<typeof RUN_OPTIONS> = {
  name: 'rexa run',
  summary: 'Run one command and tell what became of it',
  usage: [
    'rexa run [OPTIONS] HOST [OPTIONS] [--] FILE [ARG...]',
    'rexa run [OPTIONS] HOST [OPTIONS] -c LINE',
  ],
  about:
    'Runs FILE with exactly these arguments: no shell takes them apart. Options end at -- or at FILE; all that ' +
    'follows belongs to the command. The exit status is its own; 125 when rexa itself failed, 124 timed out, ' +
    '126 not executable, 127 not found, 128+n ended by signal n.',
  operands: ['HOST'],
  takesRest: true,
  restTakesBytes: true,
  operandChoices: HOST_CHOICES,
  options: RUN_OPTIONS,
  examples: [
    { line: 'rexa run local -- uname -a', about: 'exact arguments' },
    { line: "rexa run local -c 'ls *.log | wc -l'", about: 'a shell line' },
    { line: 'rexa run local --cwd /srv make', about: 'somewhere else' },
    { line: 'rexa run -t local -- vim notes', about: 'on a terminal' },
    { line: 'rexa run local --timeout 5m ./check', about: 'not for ever' },
    { line: 'rexa run -n --json local -- id', about: 'for a program to read' },
    { line: 'rexa run local --encoding gbk ./report', about: 'from GBK to UTF-8' },
    { line: 'tar c . | rexa run local -- tar t', about: 'stdin is streamed' },
    { line: 'rexa run local --id deploy-41 ./deploy', about: 'safe to retry: runs once' },
    { line: 'job=$(rexa run --detach local ./backup)', about: 'goes on without us; rexa wait local "$job"' },
  ],
};

const MAX_RETRIES = 1_000;

function readRetries(text: string): number {
  const retries = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (retries <= MAX_RETRIES) return retries;
  throw usageError(`${quoteWord(text)} is not a number from 0 to ${MAX_RETRIES}`);
}

function readText(text: string): string {
  return text;
}

function readRunId(text: string): string {
  if (RUN_ID.test(text)) return text;
  throw usageError(
    `${quoteWord(text)} is no id; it has 1 to ${MAX_RUN_ID_CHARACTERS} of A-Z a-z 0-9 . _ : -`,
  );
}

/** @throws RexaError USAGE */
function readLifetime(text: string): Lifetime {
  if (text === 'with-client' || text === 'detached') return text;
  const [, duration] = /^linger:(.*)$/s.exec(text) ?? [];
  if (duration === undefined)
    throw usageError(`${quoteWord(text)} is not a lifetime; it is with-client, linger:60s or detached`);
  return { lingerMs: readDuration(duration) };
}
