import { describe, expect, it } from 'vitest';
import type { CancelCause } from '../../../src/cli/exit-status.ts';
import { type AskedRun, describeOutcome } from '../../../src/cli/run/describe-outcome.ts';
import type { RunResult } from '../../../src/client/run-types.ts';
import { makeRunResult } from '../../fixtures/run-result.ts';

const ASKED: AskedRun = {
  file: 'ls',
  args: [],
  shell: false,
  timeoutMs: null,
  takenBytes: 0,
  saysOfInput: true,
  isOwn: false,
  hasEncodingOption: true,
};

const failures = (
  fields: Partial<RunResult>,
  asked: Partial<AskedRun> = {},
  cause: CancelCause | null = null,
) => describeOutcome(makeRunResult(fields), { ...ASKED, ...asked }, cause).failures;
const warnings = (fields: Partial<RunResult>, asked: Partial<AskedRun> = {}) =>
  describeOutcome(makeRunResult(fields), { ...ASKED, ...asked }, null).warnings;

const REPLACED = { name: 'gbk', source: 'option', replaced: 3 } as const;
const NOT_FOUND = {
  outcome: 'not-started',
  code: 'FILE_NOT_FOUND',
  reason: "no program named 'ls' was found in the PATH of the host, /bin",
} as const;
const CLEAN = { name: 'gbk', source: 'option', replaced: 0 } as const;

describe('an outcome in words', () => {
  it('is nothing for a command that exited, whatever its code', () => {
    expect(describeOutcome(makeRunResult({ exitCode: 3 }), ASKED, null)).toEqual({
      failures: [],
      warnings: [],
    });
  });

  it.each([
    ['no such program', NOT_FOUND, {}, NOT_FOUND.reason],
    [
      'a line that was taken for a program',
      NOT_FOUND,
      { file: 'ls -l' },
      `for a shell line use -c; ${NOT_FOUND.reason}`,
    ],
    [
      'a line of which an older daemon said so',
      { ...NOT_FOUND, reason: `${NOT_FOUND.reason}; for a shell line use -c` },
      { file: 'ls -l' },
      `${NOT_FOUND.reason}; for a shell line use -c`,
    ],
    ['a program with a space and arguments', NOT_FOUND, { file: 'my ls', args: ['-l'] }, NOT_FOUND.reason],
    [
      'a pipeline without spaces',
      NOT_FOUND,
      { file: 'ls|wc' },
      `for a shell line use -c; ${NOT_FOUND.reason}`,
    ],
    [
      'a shell that is not there',
      NOT_FOUND,
      { file: 'ls', shell: true },
      `the shell of the host was not found: ${NOT_FOUND.reason}`,
    ],
    [
      'another reason',
      { outcome: 'not-started', code: 'CWD_UNUSABLE', reason: 'it is a file' },
      {},
      'not started: it is a file',
    ],
    ['a denial', { outcome: 'denied', code: 'USER_REFUSED', reason: 'not you' }, {}, 'denied: not you'],
    ['no daemon', { outcome: 'unreachable', reason: 'cannot reach x' }, {}, 'unreachable: cannot reach x'],
    [
      'a loss',
      { outcome: 'lost', reason: 'the connection was lost' },
      {},
      'lost: the connection was lost; the command may or may not have run',
    ],
    [
      'a run that was left',
      { outcome: 'lost', code: 'ABANDONED', reason: 'left; the command may still have run' },
      {},
      'lost: left; the command may still have run',
    ],
    [
      'a timeout',
      { outcome: 'timed-out', signal: 'SIGTERM', reason: 'late' },
      { timeoutMs: 30_000 },
      'timed out after 30 s; the command was ended (by SIGTERM)',
    ],
    [
      'a timeout that the command answered with an exit code',
      { outcome: 'timed-out', exitCode: 7, reason: 'late' },
      { timeoutMs: 90_000 },
      'timed out after 1 min 30 s; the command was ended (it exited with code 7)',
    ],
    [
      'a timeout of the host',
      { outcome: 'timed-out', reason: 'the host allows 1 h' },
      {},
      'timed out: the host allows 1 h',
    ],
    [
      'a cancel by the daemon',
      { outcome: 'canceled', reason: 'it shuts down' },
      {},
      'canceled by the daemon: it shuts down',
    ],
    [
      'survivors',
      { outcome: 'timed-out', signal: 'SIGKILL', survivors: [12, 13] },
      { timeoutMs: 1_000 },
      'timed out after 1 s; the command was ended (by SIGKILL); still running: pid 12, 13',
    ],
  ] as const)('names %s', (_, fields, asked, text) => {
    expect(failures(fields, asked)).toEqual([text]);
  });

  it.each([
    ['SIGINT', 'canceled by SIGINT (by SIGTERM)'],
    ['SIGTERM', 'canceled by SIGTERM (by SIGTERM)'],
    ['SIGHUP', 'canceled by SIGHUP (by SIGTERM)'],
    ['stdout-failed', 'canceled (by SIGTERM)'],
  ] as const)('names who canceled it: %s', (cause, text) => {
    expect(failures({ outcome: 'canceled', signal: 'SIGTERM', reason: 'x' }, {}, cause)).toEqual([text]);
  });

  it('says nothing when our reader had enough', () => {
    expect(failures({ outcome: 'canceled', reason: 'x' }, {}, 'stdout-closed')).toEqual([]);
  });

  it('warns of a signal, but not of Ctrl-C and of a pipe that was closed', () => {
    expect(warnings({ outcome: 'signaled', signal: 'SIGSEGV' })).toEqual([
      'the command was ended by SIGSEGV',
    ]);
    expect(warnings({ outcome: 'signaled', signal: 'SIGINT' })).toEqual([]);
    expect(warnings({ outcome: 'signaled', signal: 'SIGPIPE' })).toEqual([]);
  });

  it('warns once of replaced characters, and names the option that prevents it where there is one', () => {
    const encoding = { stdin: CLEAN, stdout: REPLACED, stderr: REPLACED };
    expect(warnings({ encoding })).toEqual([
      '6 characters are not valid gbk and were replaced with U+FFFD; --encoding binary passes bytes unchanged',
    ]);
    const one = { stdin: CLEAN, stdout: CLEAN, stderr: { ...REPLACED, replaced: 1 } };
    expect(warnings({ encoding: one }, { hasEncodingOption: false })).toEqual([
      '1 character is not valid gbk and was replaced with U+FFFD',
    ]);
  });

  it('warns of processes that hold the pipe', () => {
    expect(warnings({ complete: false })).toEqual([
      'stdout or stderr is still held open by a process that cannot be inspected; further output is discarded',
    ]);
    expect(warnings({ pipeHeldBy: [42], complete: false })).toEqual([
      'stdout or stderr is still held open by pid 42; further output is discarded',
    ]);
  });
});

describe('a warning about stdin', () => {
  const bytes = { stdin: 12, stdout: 0, stderr: 0 };

  it.each<[string, Partial<RunResult>, Partial<AskedRun>, boolean]>([
    ['a command that read none of it', { bytes, unreadInputBytes: 12 }, { takenBytes: 12 }, true],
    ['a command that ended before it came', { unreadInputBytes: 0 }, { takenBytes: 12 }, true],
    ['one that read a part', { bytes, unreadInputBytes: 11 }, { takenBytes: 12 }, false],
    ['an empty stdin', { unreadInputBytes: 0 }, {}, false],
    ['a host that does not know', { bytes, unreadInputBytes: null }, { takenBytes: 12 }, false],
    [
      'a program that reads stderr',
      { bytes, unreadInputBytes: 12 },
      { takenBytes: 12, saysOfInput: false },
      false,
    ],
    [
      'a person who uses it as ssh',
      { bytes, unreadInputBytes: 12 },
      { takenBytes: 12, hasEncodingOption: false },
      true,
    ],
    ['a run that was ended', { outcome: 'canceled', unreadInputBytes: 0 }, { takenBytes: 12 }, false],
  ])('names -n for %s: %j', (_what, fields, asked, isNamed) => {
    expect(warnings(fields, asked).some((text) => text.includes('use -n'))).toBe(isNamed);
  });
});

describe('a run whose id was used before', () => {
  it.each([
    [
      'by somebody else',
      false,
      'the id j was used before: this is the result of that run; nothing was run now',
    ],
    ['by an attempt of ours', true, 'the host still knows the run j: this is its result, and it ran once'],
  ])('says so: %s', (_who, isOwn, expected) => {
    expect(warnings({ repeated: true, jobId: 'j' }, { isOwn })).toEqual([expected]);
  });
});
