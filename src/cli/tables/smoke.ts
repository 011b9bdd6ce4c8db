import type { CommandSpec } from '../../command-line/command-spec.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { MAX_PARALLEL_TESTS, MAX_REPETITIONS, MAX_TRIES } from '../smoke/limits.ts';
import { COMMON_OPTIONS, CONNECT_OPTIONS, LOGIN_OPTIONS, RECONNECT_OPTIONS } from './common.ts';

/** What `rexa smoke` can do beside running files. */
export const SMOKE_ACTIONS = ['check', 'list', 'explain', 'record'] as const;

export type SmokeAction = (typeof SMOKE_ACTIONS)[number];

/** Kinds of reports. */
export const REPORT_KINDS = ['junit', 'tap', 'json', 'github', 'markdown'] as const;

export type ReportKind = (typeof REPORT_KINDS)[number];

/** A report that is asked for. */
export interface ReportWish {
  readonly kind: ReportKind;
  /** Null: stdout. */
  readonly file: string | null;
}

const SHOW_CHOICES = ['failed', 'all'] as const;

const SMOKE_OPTIONS = {
  host: {
    kind: 'list',
    placeholder: 'HOST',
    read: readText,
    choices: ['local'],
    about: 'Run on this host, or group of the configuration, in place of what the files say; may be repeated',
  },
  'hosts-file': {
    kind: 'list',
    placeholder: 'FILE',
    read: readText,
    choices: 'files',
    about: 'The same for each line of FILE; # begins a comment',
  },
  filter: {
    kind: 'list',
    placeholder: 'TEXT',
    read: readText,
    about:
      'Only tests whose title contains TEXT, or is matched by it as a regular expression; may be repeated, one is enough',
  },
  tag: {
    kind: 'list',
    placeholder: 'TAG',
    read: readText,
    about: 'Only tests with this tag; may be repeated, one is enough',
  },
  'skip-tag': {
    kind: 'list',
    placeholder: 'TAG',
    read: readText,
    about: 'No tests with this tag; may be repeated',
  },
  'rerun-failed': { kind: 'flag', about: 'Only tests that failed the last time' },
  shard: {
    kind: 'value',
    placeholder: 'I/N',
    read: readShard,
    about: 'Only part I of N equal parts, for N jobs beside each other',
  },
  repeat: {
    kind: 'value',
    placeholder: 'N',
    read: (text) => readNumber(text, 1, MAX_REPETITIONS),
    about: 'Run each test N times',
  },
  parallel: {
    kind: 'value',
    placeholder: 'N',
    read: (text) => readNumber(text, 1, MAX_PARALLEL_TESTS),
    about:
      'Run N tests at once on each host. Default: as the file says, else 1; hosts are always beside each other',
  },
  'retry-failed': {
    kind: 'value',
    placeholder: 'N',
    read: (text) => readNumber(text, 0, MAX_TRIES),
    about: 'Try a test that failed up to N times more; one that passes then is flaky',
  },
  'fail-on-flaky': { kind: 'flag', about: 'Exit with 1 when a test is flaky' },
  'fail-fast': { kind: 'flag', about: 'Begin no more tests when one has failed' },
  report: {
    kind: 'list',
    placeholder: 'KIND[=FILE]',
    read: readReport,
    choices: REPORT_KINDS,
    about: 'Write a report, to stdout without FILE: junit, tap, json, github or markdown; may be repeated',
  },
  show: {
    kind: 'value',
    placeholder: 'WHICH',
    read: readShow,
    choices: SHOW_CHOICES,
    about: 'Whose output is shown: failed (default, long ones cut), or all',
  },
  'update-snapshots': {
    kind: 'flag',
    about: 'Write the snapshots of the tests that run, and compare nothing',
  },
  o: {
    kind: 'value',
    placeholder: 'FILE',
    read: readText,
    choices: 'files',
    about: 'record: add the test to this file. Default: stdout',
  },
  terminal: {
    kind: 'flag',
    about: 'record: run CMD on this terminal, and write down what is typed and shown there',
  },
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** `rexa smoke`. */
export const SMOKE_COMMAND: CommandSpec<typeof SMOKE_OPTIONS> = {
  name: 'rexa smoke',
  summary: 'Run the smoke tests of a file on hosts',
  usage: [
    'rexa smoke [OPTIONS] FILE...',
    'rexa smoke check|list|explain FILE...',
    'rexa smoke record [--terminal] [-o FILE] HOST -- CMD...',
  ],
  about:
    'Runs the tests of FILE (YAML in the format of commander, with more; - is stdin) on the hosts that it names, and ' +
    'checks exit status, output and outcome of each command. check says what is wrong with a file, list which tests ' +
    'there are, explain what they do; record writes a test from a real run. The exit status is 0 when all passed, 1 ' +
    'when one failed, 2 when a file is wrong, 3 when a host was unreachable, denied or lost, 4 when nothing ran.',
  operands: ['FILE'],
  repeatsLast: true,
  takesRest: true,
  operandChoices: { FILE: SMOKE_ACTIONS },
  options: SMOKE_OPTIONS,
  examples: [
    { line: 'rexa smoke smoke.yaml', about: 'on the hosts of the file, else on local' },
    { line: 'rexa smoke smoke.yaml --host web1 --host web2', about: 'on these hosts' },
    { line: 'rexa smoke smoke.yaml --report junit=smoke.xml --report github', about: 'in CI' },
    { line: "rexa smoke smoke.yaml --filter 'login' --show all", about: 'some of them, with their output' },
    { line: 'rexa smoke check smoke.yaml', about: 'is the file right?' },
    { line: 'rexa smoke record -o smoke.yaml web1 -- systemctl is-active nginx', about: 'a test from a run' },
    {
      line: 'rexa smoke record --terminal -o smoke.yaml web1 -- less /etc/services',
      about: 'from what you do there',
    },
  ],
};

function readText(text: string): string {
  if (text === '') throw usageError('a text is needed');
  return text;
}

function readNumber(text: string, least: number, most: number): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw usageError(`${quoteWord(text)} is not a number from ${least} to ${most}`);
}

function readShard(text: string): { readonly index: number; readonly count: number } {
  const [, index, count] = (/^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (index !== undefined && count !== undefined && index >= 1 && index <= count) return { index, count };
  throw usageError(`${quoteWord(text)} is no part; write it as 1/4, up to 4/4`);
}

function readShow(text: string): (typeof SHOW_CHOICES)[number] {
  const found = SHOW_CHOICES.find((choice) => choice === text);
  if (found === undefined) throw usageError(`${quoteWord(text)} is not one of ${SHOW_CHOICES.join(', ')}`);
  return found;
}

function readReport(text: string): ReportWish {
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  const kind = REPORT_KINDS.find((known) => known === name);
  if (kind === undefined) throw usageError(`${quoteWord(name)} is not one of ${REPORT_KINDS.join(', ')}`);
  const file = equals === -1 ? null : text.slice(equals + 1);
  if (file === '') throw usageError(`the name of a file is needed behind ${name}=`);
  return { kind, file };
}
