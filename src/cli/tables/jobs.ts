import type { CommandSpec } from '../../command-line/command-spec.ts';
import { readDuration } from '../../command-line/duration.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { COMMON_OPTIONS, CONNECT_OPTIONS, HOST_CHOICES, LOGIN_OPTIONS } from './common.ts';
import { ENCODING_ERRORS_OPTION, ENCODING_OPTION, STDIN_ENCODING_OPTION } from './encodings.ts';

const SHARED_OPTIONS = {
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

const SINCE = {
  kind: 'value',
  placeholder: 'DURATION',
  read: readDuration,
  about: 'Only what was written in the last so long (10m, 2h). Default: all that is kept',
} as const;

const JOBS_OPTIONS = {
  json: { kind: 'flag', about: 'One line of JSON on stdout' },
  older: {
    kind: 'value',
    placeholder: 'DURATION',
    read: readDuration,
    about: 'With prune: only jobs that ended so long ago (1d, 12h)',
  },
  ...SHARED_OPTIONS,
} as const satisfies OptionTable;

/** `rexa jobs`. */
export const JOBS_COMMAND: CommandSpec<typeof JOBS_OPTIONS> = {
  name: 'rexa jobs',
  summary: 'List the jobs of a host, or forget those that have ended',
  usage: ['rexa jobs [OPTIONS] HOST', 'rexa jobs prune [OPTIONS] HOST [OPTIONS] [JOB...]'],
  about:
    'Lists your jobs there, the newest first. prune forgets jobs that have ended, with their output and their ids, and ' +
    'prints the ids: those that are named, or all of them.',
  operands: ['HOST', 'JOB'],
  takesRest: true,
  operandChoices: { HOST: ['local', 'prune'] },
  options: JOBS_OPTIONS,
  examples: [
    { line: 'rexa jobs local', about: 'what runs, and what became of the rest' },
    { line: 'rexa jobs --json local', about: 'for a program to read' },
    { line: 'rexa jobs prune local --older 1d', about: 'forget what ended a day ago' },
  ],
};

const LOGS_OPTIONS = {
  follow: { kind: 'flag', letter: 'f', about: 'Go on until the job ends' },
  since: SINCE,
  encoding: ENCODING_OPTION,
  ...SHARED_OPTIONS,
} as const satisfies OptionTable;

/** `rexa logs`. */
export const LOGS_COMMAND: CommandSpec<typeof LOGS_OPTIONS> = {
  name: 'rexa logs',
  summary: 'Read the output of a job',
  usage: ['rexa logs [OPTIONS] HOST JOB'],
  about:
    'Prints what the job has written so far: its stdout on stdout, its stderr on stderr. It is kept as bytes, so it can ' +
    'be read in another encoding than at first. The job takes no notice.',
  operands: ['HOST', 'JOB'],
  takesRest: false,
  operandChoices: HOST_CHOICES,
  options: LOGS_OPTIONS,
  examples: [
    { line: 'rexa logs local backup-7', about: 'all of it' },
    { line: 'rexa logs -f --since 10m local backup-7', about: 'the last ten minutes, and what still comes' },
    { line: 'rexa logs --encoding gbk local report', about: 'read again, from GBK' },
  ],
};

const ATTACH_OPTIONS = {
  n: { kind: 'flag', about: "Send no stdin: the job's stays as it is" },
  'forward-signals': {
    kind: 'flag',
    about: 'The first Ctrl-C sends SIGINT to the job, the second leaves it. Default: the first leaves it',
  },
  since: SINCE,
  encoding: ENCODING_OPTION,
  'stdin-encoding': STDIN_ENCODING_OPTION,
  'encoding-errors': ENCODING_ERRORS_OPTION,
  ...SHARED_OPTIONS,
} as const satisfies OptionTable;

/** `rexa attach`. */
export const ATTACH_COMMAND: CommandSpec<typeof ATTACH_OPTIONS> = {
  name: 'rexa attach',
  summary: 'Take up a job as if it had been started here',
  usage: ['rexa attach [OPTIONS] HOST JOB'],
  about:
    "Prints the job's output from its beginning, sends it our stdin behind what it got before, and exits with its exit " +
    'status. Ctrl-C leaves the job, and so do SIGTERM and SIGHUP; rexa kill -s INT sends it a signal.',
  operands: ['HOST', 'JOB'],
  takesRest: false,
  operandChoices: HOST_CHOICES,
  options: ATTACH_OPTIONS,
  examples: [
    { line: 'rexa attach local backup-7', about: 'output and stdin; Ctrl-C leaves' },
    { line: 'rexa attach -n --since 0 local backup-7', about: 'only what comes from now on' },
    { line: 'echo yes | rexa attach local setup', about: 'answers a question, and ends its stdin' },
  ],
};

const WAIT_OPTIONS = { ...SHARED_OPTIONS } as const satisfies OptionTable;

/** `rexa wait`. */
export const WAIT_COMMAND: CommandSpec<typeof WAIT_OPTIONS> = {
  name: 'rexa wait',
  summary: 'Wait for a job, and exit with its exit status',
  usage: ['rexa wait [OPTIONS] HOST JOB'],
  about:
    'Exits as rexa run would have. Ctrl-C leaves the job alone, and a daemon that is restarted is asked again.',
  operands: ['HOST', 'JOB'],
  takesRest: false,
  operandChoices: HOST_CHOICES,
  options: WAIT_OPTIONS,
  examples: [{ line: 'rexa wait local backup-7 && echo saved', about: 'goes by what became of it' }],
};

const KILL_OPTIONS = {
  signal: {
    kind: 'value',
    letter: 's',
    placeholder: 'SIGNAL',
    read: readSignal,
    choices: ['INT', 'TERM', 'HUP', 'KILL', 'STOP', 'CONT', 'USR1', 'USR2'],
    about: "Only send this signal to the job's process group. Default: end the whole tree, and wait for that",
  },
  ...SHARED_OPTIONS,
} as const satisfies OptionTable;

/** `rexa kill`. */
export const KILL_COMMAND: CommandSpec<typeof KILL_OPTIONS> = {
  name: 'rexa kill',
  summary: 'End a job, or send it a signal',
  usage: ['rexa kill [OPTIONS] HOST JOB'],
  about:
    'Ends all processes of the job: SIGTERM, and SIGKILL for those that are still there after its --kill-after. Its ' +
    'outcome is canceled then.',
  operands: ['HOST', 'JOB'],
  takesRest: false,
  operandChoices: HOST_CHOICES,
  options: KILL_OPTIONS,
  examples: [
    { line: 'rexa kill local backup-7', about: 'nothing of it is left' },
    { line: 'rexa kill -s HUP local server', about: 'a signal, no more' },
  ],
};

/** @throws RexaError USAGE */
function readSignal(text: string): string {
  const name = text.toUpperCase().replace(/^(?!SIG)/, 'SIG');
  if (/^SIG[A-Z][A-Z0-9]{1,14}$/.test(name)) return name;
  throw usageError(`${quoteWord(text)} is not the name of a signal, such as TERM`);
}
