import type { CommandSpec } from '../../../command-line/command-spec.ts';
import { readDuration } from '../../../command-line/duration.ts';
import type { OptionTable } from '../../../command-line/option-table.ts';
import { quoteWord, usageError } from '../../../command-line/usage-error.ts';
import { DEFAULT_KILL_AFTER_MS, MAX_RUN_ID_CHARACTERS } from '../../../protocol/limits.ts';
import {
  COMMON_OPTIONS,
  CONNECT_OPTIONS,
  HOST_CHOICES,
  LOGIN_OPTIONS,
  RECONNECT_OPTIONS,
  TERMINAL_OPTIONS,
} from './common.ts';

const RUN_ID = new RegExp(`^[A-Za-z0-9._:-]{1,${MAX_RUN_ID_CHARACTERS}}$`);

const JOBS = 'is not in this version of rexa: a command runs as long as its client is there';

const RUN_OPTIONS = {
  c: {
    kind: 'value',
    placeholder: 'LINE',
    read: readText,
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
    about: 'Run there; relative to the home folder, which is the default',
  },
  env: {
    kind: 'list',
    placeholder: 'K=V',
    read: readAssignment,
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
  encoding: {
    kind: 'value',
    placeholder: 'NAME',
    read: readEncodingName,
    choices: [
      'host',
      'auto',
      'binary',
      'utf8',
      'gbk',
      'gb18030',
      'big5',
      'shiftjis',
      'eucjp',
      'euckr',
      'utf16le',
    ],
    about: "What the command writes: host (default: the host's own), auto, binary (bytes as they are), gbk …",
  },
  'stdin-encoding': {
    kind: 'value',
    placeholder: 'NAME',
    read: readEncodingName,
    choices: ['host', 'binary', 'utf8', 'gbk', 'gb18030', 'big5', 'shiftjis', 'eucjp', 'euckr', 'utf16le'],
    about: 'What the command reads, on stdin and as arguments. Default: as --encoding',
  },
  json: { kind: 'flag', about: 'One line of JSON on stdout that says what became of it, with its output' },
  id: {
    kind: 'value',
    placeholder: 'ID',
    read: readRunId,
    about: "The run's name: 1 to 128 of A-Z a-z 0-9 . _ : -. Default: a random one",
  },
  ...TERMINAL_OPTIONS,
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...COMMON_OPTIONS,
  detach: { kind: 'refused', takesValue: false, because: JOBS },
  lifetime: { kind: 'refused', takesValue: true, because: JOBS },
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
  ],
};

function readText(text: string): string {
  return text;
}

/** @throws RexaError USAGE */
export function readEncodingName(text: string): string {
  if (text === '') throw usageError('the name of an encoding is needed');
  return text;
}

function readAssignment(text: string): readonly [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw usageError(`${quoteWord(text)} is not of the form NAME=VALUE`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function readRunId(text: string): string {
  if (RUN_ID.test(text)) return text;
  throw usageError(
    `${quoteWord(text)} is no id; it has 1 to ${MAX_RUN_ID_CHARACTERS} of A-Z a-z 0-9 . _ : -`,
  );
}
