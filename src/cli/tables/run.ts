import type { CommandSpec } from '../../command-line/command-spec.ts';
import { readDuration } from '../../command-line/duration.ts';
import { duration, flag, list, numberFrom, readText, value } from '../../command-line/option-kinds.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { readAssignment } from '../../config/ssh/values.ts';
import type { Lifetime } from '../../protocol/job.ts';
import { DEFAULT_KILL_AFTER_MS, MAX_RUN_ID_CHARACTERS } from '../../protocol/limits.ts';
import { RUN_ID } from '../../protocol/run-id.ts';
import {
  COMMON_OPTIONS,
  CONNECT_OPTIONS,
  HOST_CHOICES,
  LOGIN_OPTIONS,
  RECONNECT_OPTIONS,
  TERMINAL_OPTIONS,
} from './common.ts';
import { ENCODING_ERRORS_OPTION, ENCODING_OPTION, STDIN_ENCODING_OPTION } from './encodings.ts';

const MAX_RETRIES = 1_000;

const RUN_OPTIONS = {
  c: value(
    'LINE',
    readText,
    "Run a line in the host's shell ($SHELL -c), instead of FILE and its arguments",
    { takesBytes: true, verbatim: true },
  ),
  t: flag('Allocate a terminal on the host; 80×24 if there is none here. All output is on stdout'),
  n: flag('Send no stdin: the command reads an empty file'),
  cwd: value(
    'DIR',
    readText,
    'Working directory. Default, and base of relative paths: the home folder; on local the current folder',
    { takesBytes: true },
  ),
  env: list('K=V', readAssignment, 'Set an environment variable of the command; may be repeated', {
    takesBytes: true,
  }),
  timeout: duration(
    'End the command and all its processes after this time (30s, 5m, 1h30m); exit status 124',
  ),
  'kill-after': duration(
    `Time between SIGTERM and SIGKILL when the command is ended. Default: ${DEFAULT_KILL_AFTER_MS / 1000}s`,
  ),
  encoding: ENCODING_OPTION,
  'stdin-encoding': STDIN_ENCODING_OPTION,
  'encoding-errors': ENCODING_ERRORS_OPTION,
  json: {
    kind: 'optional',
    placeholder: 'FILE',
    about:
      'Print one line of JSON with outcome and output; with FILE, write the outcome there and stream the output',
  },
  retry: value(
    'N',
    numberFrom(0, MAX_RETRIES),
    'Retry up to N times if nothing was run and a retry may succeed; with --id also if the run was lost',
  ),
  id: value(
    'ID',
    readRunId,
    'Idempotency key (1 to 128 of A-Z a-z 0-9 . _ : -): run once; a repeated call returns output and outcome of that run',
  ),
  detach: flag('Start a job, print its id, and exit; its stdin stays open for rexa attach'),
  lifetime: value(
    'LIFETIME',
    readLifetime,
    'Lifetime without a client: with-client (default: end at once), linger:DURATION (end after it), detached (run to the end)',
    { choices: ['with-client', 'linger:60s', 'detached'] },
  ),
  ...TERMINAL_OPTIONS,
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** `rexa run`. */
export const RUN_COMMAND: CommandSpec<typeof RUN_OPTIONS> = {
  name: 'rexa run',
  summary: 'Run one command and report its outcome',
  usage: [
    'rexa run [OPTIONS] HOST [OPTIONS] [--] FILE [ARG...]',
    'rexa run [OPTIONS] HOST [OPTIONS] -c LINE',
  ],
  about:
    'Runs FILE with exactly these arguments, without a shell. Options end at -- or at FILE; everything after that ' +
    "belongs to the command. The exit status is the command's; 125 if rexa itself failed, 124 timed out, " +
    '126 not executable, 127 not found, 128+n ended by signal n.',
  operands: ['HOST'],
  takesRest: true,
  restTakesBytes: true,
  operandChoices: HOST_CHOICES,
  options: RUN_OPTIONS,
  examples: [
    { line: 'rexa run local -- uname -a', about: 'exact arguments' },
    { line: "rexa run local -c 'ls *.log | wc -l'", about: 'a shell line' },
    { line: 'rexa run local --cwd /srv make', about: 'in another directory' },
    { line: 'rexa run -t local -- vim notes', about: 'on a terminal' },
    { line: 'rexa run local --timeout 5m ./check', about: 'with a time limit' },
    { line: 'rexa run -n --json local -- id', about: 'for scripts' },
    { line: 'rexa run local --encoding gbk ./report', about: 'from GBK to UTF-8' },
    { line: 'tar c . | rexa run local -- tar t', about: 'stdin is streamed' },
    { line: 'rexa run local --id deploy-41 ./deploy', about: 'safe to retry: runs once' },
    { line: 'job=$(rexa run --detach local ./backup)', about: 'in the background; rexa wait local "$job"' },
  ],
};

function readRunId(text: string): string {
  if (RUN_ID.test(text)) return text;
  throw usageError(
    `${quoteWord(text)} is not a valid id: use 1 to ${MAX_RUN_ID_CHARACTERS} of A-Z a-z 0-9 . _ : -`,
  );
}

/** @throws RexaError USAGE */
function readLifetime(text: string): Lifetime {
  if (text === 'with-client' || text === 'detached') return text;
  const [, linger] = /^linger:(.*)$/s.exec(text) ?? [];
  if (linger === undefined)
    throw usageError(`${quoteWord(text)} is not a lifetime; use with-client, linger:60s or detached`);
  return { lingerMs: readDuration(linger) };
}
