import type { CommandSpec } from '../../command-line/command-spec.ts';
import { duration, flag, value } from '../../command-line/option-kinds.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { COMMON_OPTIONS, CONNECT_OPTIONS, HOST_CHOICES, LOGIN_OPTIONS } from './common.ts';
import { ENCODING_ERRORS_OPTION, ENCODING_OPTION, STDIN_ENCODING_OPTION } from './encodings.ts';

const SHARED_OPTIONS = {
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

const SINCE = duration('Only output of the last DURATION (10m, 2h). Default: all that is kept');

const JOBS_OPTIONS = {
  json: flag('Print one line of JSON'),
  older: duration('With prune: only jobs that ended at least this long ago (1d, 12h)'),
  ...SHARED_OPTIONS,
} as const satisfies OptionTable;

/** `rexa jobs`. */
export const JOBS_COMMAND: CommandSpec<typeof JOBS_OPTIONS> = {
  name: 'rexa jobs',
  summary: 'List the jobs of a host, or remove ended ones',
  usage: ['rexa jobs [OPTIONS] HOST', 'rexa jobs prune [OPTIONS] HOST [OPTIONS] [JOB...]'],
  about:
    'Lists your jobs on HOST, newest first. prune removes ended jobs, the named ones or all, with their output and ids, ' +
    'and prints the ids.',
  operands: ['HOST', 'JOB'],
  takesRest: true,
  operandChoices: { HOST: ['local', 'prune'] },
  options: JOBS_OPTIONS,
  examples: [
    { line: 'rexa jobs local', about: 'running and ended jobs' },
    { line: 'rexa jobs --json local', about: 'for scripts' },
    { line: 'rexa jobs prune local --older 1d', about: 'remove jobs that ended a day ago or earlier' },
  ],
};

const LOGS_OPTIONS = {
  follow: flag('Follow the output until the job ends', { letter: 'f' }),
  since: SINCE,
  encoding: ENCODING_OPTION,
  ...SHARED_OPTIONS,
} as const satisfies OptionTable;

/** `rexa logs`. */
export const LOGS_COMMAND: CommandSpec<typeof LOGS_OPTIONS> = {
  name: 'rexa logs',
  summary: 'Print the output of a job',
  usage: ['rexa logs [OPTIONS] HOST JOB'],
  about:
    'Prints the output that the job has written so far: its stdout on stdout, its stderr on stderr. Output is stored as ' +
    'bytes, so it can be decoded from another encoding than at first. The job is not affected.',
  operands: ['HOST', 'JOB'],
  operandChoices: HOST_CHOICES,
  options: LOGS_OPTIONS,
  examples: [
    { line: 'rexa logs local backup-7', about: 'the whole output' },
    { line: 'rexa logs -f --since 10m local backup-7', about: 'the last ten minutes, then new output' },
    { line: 'rexa logs --encoding gbk local report', about: 'decode the output from GBK' },
  ],
};

const ATTACH_OPTIONS = {
  n: flag("Send no stdin: the job's stdin does not change"),
  'forward-signals': flag(
    'Send SIGINT to the job on the first Ctrl-C, and detach on the second. Default: detach on the first',
  ),
  since: SINCE,
  encoding: ENCODING_OPTION,
  'stdin-encoding': STDIN_ENCODING_OPTION,
  'encoding-errors': ENCODING_ERRORS_OPTION,
  ...SHARED_OPTIONS,
} as const satisfies OptionTable;

/** `rexa attach`. */
export const ATTACH_COMMAND: CommandSpec<typeof ATTACH_OPTIONS> = {
  name: 'rexa attach',
  summary: 'Attach to a job: output, stdin, exit status',
  usage: ['rexa attach [OPTIONS] HOST JOB'],
  about:
    "Prints the job's output from its beginning, sends stdin to the job after the input that it received before, and " +
    'exits with its exit status. Ctrl-C, SIGTERM and SIGHUP detach from the job; rexa kill -s INT sends it a signal.',
  operands: ['HOST', 'JOB'],
  operandChoices: HOST_CHOICES,
  options: ATTACH_OPTIONS,
  examples: [
    { line: 'rexa attach local backup-7', about: 'output and stdin; Ctrl-C detaches' },
    { line: 'rexa attach -n --since 0 local backup-7', about: 'new output only' },
    { line: 'echo yes | rexa attach local setup', about: 'answer a question, then close stdin' },
  ],
};

const WAIT_OPTIONS = { ...SHARED_OPTIONS } as const satisfies OptionTable;

/** `rexa wait`. */
export const WAIT_COMMAND: CommandSpec<typeof WAIT_OPTIONS> = {
  name: 'rexa wait',
  summary: 'Wait for a job and exit with its exit status',
  usage: ['rexa wait [OPTIONS] HOST JOB'],
  about:
    'Exits as rexa run would have. Ctrl-C stops waiting and does not affect the job. If the daemon restarts, rexa asks the new one.',
  operands: ['HOST', 'JOB'],
  operandChoices: HOST_CHOICES,
  options: WAIT_OPTIONS,
  examples: [{ line: 'rexa wait local backup-7 && echo saved', about: 'only if the job exited with 0' }],
};

const KILL_OPTIONS = {
  signal: value(
    'SIGNAL',
    readSignal,
    "Send this signal to the job's process group, and do not wait. Default: end the whole process tree and wait",
    { choices: ['INT', 'TERM', 'HUP', 'KILL', 'STOP', 'CONT', 'USR1', 'USR2'], letter: 's' },
  ),
  ...SHARED_OPTIONS,
} as const satisfies OptionTable;

/** `rexa kill`. */
export const KILL_COMMAND: CommandSpec<typeof KILL_OPTIONS> = {
  name: 'rexa kill',
  summary: 'End a job, or send it a signal',
  usage: ['rexa kill [OPTIONS] HOST JOB'],
  about:
    'Ends all processes of the job: SIGTERM, then SIGKILL for those that still run after its --kill-after. The outcome ' +
    'is canceled.',
  operands: ['HOST', 'JOB'],
  operandChoices: HOST_CHOICES,
  options: KILL_OPTIONS,
  examples: [
    { line: 'rexa kill local backup-7', about: 'end all its processes' },
    { line: 'rexa kill -s HUP local server', about: 'only send a signal' },
  ],
};

/** @throws RexaError USAGE */
function readSignal(text: string): string {
  const name = text.toUpperCase().replace(/^(?!SIG)/, 'SIG');
  if (/^SIG[A-Z][A-Z0-9]{1,14}$/.test(name)) return name;
  throw usageError(`${quoteWord(text)} is not a signal name such as TERM`);
}
