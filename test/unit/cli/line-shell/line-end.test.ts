import { describe, expect, it } from 'vitest';
import { isContinued } from '../../../../src/cli/line-shell/continued-line.ts';
import { decideEnd, decideReport } from '../../../../src/cli/line-shell/host/line-end.ts';
import type { LineReport } from '../../../../src/cli/line-shell/host/line-report.ts';
import type { RunResult } from '../../../../src/client/run-types.ts';
import { makeRunResult } from '../../../fixtures/run-result.ts';

const report: LineReport = {
  how: 'ended',
  status: 0,
  isSaved: true,
  exitsOnError: false,
  jobs: [],
  folder: '/',
};
const result: RunResult = makeRunResult();
const nothing = { isCanceled: false, isInterrupted: false };

describe('how a line ended', () => {
  it.each<[Partial<LineReport>, boolean, string | null, number, number]>([
    [{}, false, null, 0, 0],
    [{ status: 2 }, false, '2', 2, 0],
    [{ status: 137 }, false, '137', 137, 0],
    [{ status: 130, how: 'early' }, true, 'SIGINT', 130, 0],
    [{ status: 130 }, false, '130', 130, 0],
    [{ status: 1, how: 'early', exitsOnError: true }, false, '1', 1, 1],
    [{ status: 1, how: 'ended', exitsOnError: true }, false, '1', 1, 0],
  ])('by %j (interrupted: %j) is %j', (changed, isInterrupted, label, exitStatus, notes) => {
    const verdict = decideReport({ ...report, ...changed }, isInterrupted);
    expect(verdict).toMatchObject({ kind: 'ended', label, exitStatus });
    expect(verdict.notes).toHaveLength(notes);
  });

  it.each<[Partial<RunResult>, Partial<LineReport> | null, string, string | null, number]>([
    [{}, {}, 'ended', null, 0],
    [{ exitCode: 3 }, { how: 'left', status: 3 }, 'leave', null, 3],
    [{ exitCode: 4 }, null, 'leave', null, 4],
    [{}, { how: 'incomplete' }, 'incomplete', null, 0],
    [{}, { how: 'displaced' }, 'refused', null, 0],
    [{}, { how: 'forgotten', status: 1 }, 'refused', '1', 1],
    [{ outcome: 'signaled', exitCode: null, signal: 'SIGKILL' }, null, 'ended', 'SIGKILL', 137],
    [{ outcome: 'signaled', exitCode: null, signal: 'SIGINT' }, { how: 'early' }, 'ended', 'SIGINT', 130],
    [
      { outcome: 'timed-out', exitCode: null, code: 'TIMED_OUT', reason: 'r' },
      null,
      'ended',
      'timed out',
      124,
    ],
    [{ outcome: 'lost', exitCode: null, code: 'LINK_LOST', reason: 'r' }, null, 'ended', 'lost', 125],
    [{ outcome: 'denied', exitCode: null, code: 'USER_REFUSED', reason: 'r' }, null, 'ended', 'denied', 125],
    [{ outcome: 'not-started', exitCode: null, code: 'X', reason: 'r' }, null, 'refused', 'not started', 125],
  ])('by %j and %j: %s', (changed, told, kind, label, exitStatus) => {
    const verdict = decideEnd(
      { ...result, ...changed },
      told && { ...report, ...told },
      '/bin/bash',
      nothing,
    );
    expect(verdict).toMatchObject({ kind, label, exitStatus });
  });

  it('is told in words where it is more than a status', () => {
    const killed = { ...result, outcome: 'signaled', exitCode: null, signal: 'SIGKILL' } as const;
    expect(decideEnd(killed, null, 'bash', nothing).notes).toEqual([
      'the line was ended by SIGKILL; the state of the shell is as before',
    ]);
    expect(
      decideEnd({ ...result, pipeHeldBy: [7, 8], complete: false }, { ...report, jobs: [7] }, 'bash', nothing)
        .notes,
    ).toEqual(['stdout or stderr is still held open by pid 8; further output is discarded']);
  });

  it('was canceled by us', () => {
    const canceled = { ...result, outcome: 'canceled', exitCode: null, signal: 'SIGTERM' } as const;
    const verdict = decideEnd(canceled, null, 'bash', { isCanceled: true, isInterrupted: true });
    expect(verdict).toMatchObject({ kind: 'ended', label: 'canceled', exitStatus: 130 });
  });
});

describe('a line that goes on', () => {
  it.each([
    ['a \\', true],
    ['a \\\\', false],
    ['a \\\\\\', true],
    ['\\', true],
    ['a', false],
    ['a \\ ', false],
    ['', false],
  ])('%j: %j', (text, goesOn) => {
    expect(isContinued(text)).toBe(goesOn);
  });
});
