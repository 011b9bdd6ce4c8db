import type { CommandSpec } from '../../command-line/command-spec.ts';
import {
  choice,
  file,
  flag,
  list,
  numberFrom,
  readChoice,
  readFilledText,
  value,
} from '../../command-line/option-kinds.ts';
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

const SMOKE_OPTIONS = {
  host: list(
    'HOST',
    readFilledText,
    'Run on this host or group of the configuration, instead of those in the files; may be repeated',
    { choices: ['local'] },
  ),
  'hosts-file': list(
    'FILE',
    readFilledText,
    'Run on the hosts listed in FILE, one per line; # starts a comment; may be repeated',
    { choices: 'files' },
  ),
  filter: list(
    'TEXT',
    readFilledText,
    'Only tests whose title contains or matches TEXT (a regular expression); may be repeated: any of them',
  ),
  tag: list('TAG', readFilledText, 'Only tests with this tag; may be repeated: any of them'),
  'skip-tag': list('TAG', readFilledText, 'Skip tests with this tag; may be repeated'),
  'rerun-failed': flag('Only tests that failed in the last run'),
  shard: value('I/N', readShard, 'Only part I of N equal parts, for N parallel CI jobs'),
  repeat: value('N', numberFrom(1, MAX_REPETITIONS), 'Run each test N times'),
  parallel: value(
    'N',
    numberFrom(1, MAX_PARALLEL_TESTS),
    'Run N tests in parallel on each host. Default: parallel of the file, else 1; hosts always run in parallel',
  ),
  'retry-failed': value(
    'N',
    numberFrom(0, MAX_TRIES),
    'Retry a failed test up to N times; a test that then passes is flaky',
  ),
  'fail-on-flaky': flag('Exit with status 1 if a test is flaky'),
  'fail-fast': flag('Start no more tests after the first failure'),
  report: list(
    'KIND[=FILE]',
    readReport,
    'Write a report to FILE (default: stdout): junit, tap, json, github or markdown; may be repeated',
    { choices: REPORT_KINDS },
  ),
  show: choice(
    'WHICH',
    ['failed', 'all'],
    'Tests whose output is shown: failed (default, long output is cut) or all',
  ),
  'update-snapshots': flag('Write the snapshots of the tests that run instead of comparing them'),
  o: file('record: add the test to this file. Default: stdout', 'FILE', readFilledText),
  terminal: flag('record: run CMD on this terminal, and record the typed keys and the screen'),
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** `rexa smoke`. */
export const SMOKE_COMMAND: CommandSpec<typeof SMOKE_OPTIONS> = {
  name: 'rexa smoke',
  summary: 'Run smoke tests on hosts',
  usage: [
    'rexa smoke [OPTIONS] FILE...',
    'rexa smoke check|list|explain FILE...',
    'rexa smoke record [--terminal] [-o FILE] HOST -- CMD...',
  ],
  about:
    'Runs the tests in FILE (YAML in an extended commander format; - is stdin) on the hosts that it names, and ' +
    'checks the exit status, output and outcome of each command. check validates files, list lists the tests, explain ' +
    'describes them; record writes a test from a real run. The exit status is 0 if all tests passed, 1 ' +
    'if one failed, 2 if a file is invalid, 3 if a host was unreachable, denied or lost, 4 if nothing ran.',
  operands: ['FILE'],
  repeatsLast: true,
  takesRest: true,
  operandChoices: { FILE: SMOKE_ACTIONS },
  options: SMOKE_OPTIONS,
  examples: [
    { line: 'rexa smoke smoke.yaml', about: 'on the hosts of the file, else on local' },
    { line: 'rexa smoke smoke.yaml --host web1 --host web2', about: 'on these hosts' },
    { line: 'rexa smoke smoke.yaml --report junit=smoke.xml --report github', about: 'in CI' },
    { line: "rexa smoke smoke.yaml --filter 'login' --show all", about: 'some tests, with their output' },
    { line: 'rexa smoke check smoke.yaml', about: 'validate the file' },
    {
      line: 'rexa smoke record -o smoke.yaml web1 -- systemctl is-active nginx',
      about: 'write a test from a run',
    },
    {
      line: 'rexa smoke record --terminal -o smoke.yaml web1 -- less /etc/services',
      about: 'write a test from a session',
    },
  ],
};

function readShard(text: string): { readonly index: number; readonly count: number } {
  const [, index, count] = (/^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (index !== undefined && count !== undefined && index >= 1 && index <= count) return { index, count };
  throw usageError(`${quoteWord(text)} is not a shard; write it as 1/4, up to 4/4`);
}

function readReport(text: string): ReportWish {
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  const kind = readChoice(REPORT_KINDS, name);
  const target = equals === -1 ? null : text.slice(equals + 1);
  if (target === '') throw usageError(`a file name is required after ${name}=`);
  return { kind, file: target };
}
