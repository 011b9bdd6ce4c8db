import { describe, expect, it } from 'vitest';
import {
  type CancelCause,
  type Ended,
  EXIT_STATUSES,
  exitStatusOf,
  exitStatusOfDropIn,
  exitStatusOfRun,
} from '../../../src/cli/exit-status.ts';
import type { OutcomeName } from '../../../src/protocol/outcome.ts';

const ended = (outcome: OutcomeName, fields: Partial<Ended> = {}): Ended => ({
  outcome,
  exitCode: null,
  signal: null,
  code: null,
  ...fields,
});

/** Every outcome of the contract; a new one does not compile before it stands here. */
const OUTCOMES: Readonly<Record<OutcomeName, true>> = {
  exited: true,
  signaled: true,
  'timed-out': true,
  canceled: true,
  'not-started': true,
  denied: true,
  unreachable: true,
  lost: true,
};

type Row = readonly [Ended, CancelCause | null, run: number, dropIn: number];

const ROWS: readonly Row[] = [
  [ended('exited', { exitCode: 0 }), null, 0, 0],
  [ended('exited', { exitCode: 1 }), null, 1, 1],
  [ended('exited', { exitCode: 124 }), null, 124, 124],
  [ended('exited', { exitCode: 125 }), null, 125, 125],
  [ended('exited', { exitCode: 127 }), null, 127, 127],
  [ended('exited', { exitCode: 255 }), null, 255, 255],
  [ended('exited', { exitCode: 256 }), null, 255, 255],
  [ended('exited', { exitCode: 0xc0000005 }), null, 255, 255],
  [ended('exited', { exitCode: -1 }), null, 255, 255],
  [ended('exited'), null, 0, 0],
  [ended('signaled', { signal: 'SIGHUP' }), null, 129, 129],
  [ended('signaled', { signal: 'SIGINT' }), null, 130, 130],
  [ended('signaled', { signal: 'SIGKILL' }), null, 137, 137],
  [ended('signaled', { signal: 'SIGTERM' }), null, 143, 143],
  [ended('signaled', { signal: 'SIG37' }), null, 165, 165],
  [ended('signaled', { signal: 'SIGNOBODYKNOWS' }), null, 255, 255],
  [ended('timed-out', { code: 'TIMED_OUT', signal: 'SIGTERM' }), null, 124, 255],
  [ended('canceled', { code: 'CANCELED' }), null, 125, 255],
  [ended('canceled', { code: 'CANCELED', signal: 'SIGTERM' }), 'SIGINT', 130, 130],
  [ended('canceled', { code: 'CANCELED', signal: 'SIGTERM' }), 'SIGTERM', 143, 143],
  [ended('canceled', { code: 'CANCELED', exitCode: 0 }), 'SIGHUP', 129, 129],
  [ended('canceled', { code: 'CANCELED' }), 'stdout-closed', 141, 141],
  [ended('canceled', { code: 'CANCELED' }), 'stdout-failed', 125, 255],
  [ended('exited', { exitCode: 0 }), 'stdout-closed', 141, 141],
  [ended('exited', { exitCode: 0 }), 'stdout-failed', 125, 255],
  [ended('exited', { exitCode: 3 }), 'SIGTERM', 3, 3],
  [ended('lost', { code: 'LINK_LOST' }), 'stdout-closed', 141, 141],
  [ended('lost', { code: 'LINK_LOST' }), 'SIGTERM', 125, 255],
  [ended('not-started', { code: 'FILE_NOT_FOUND' }), null, 127, 255],
  [ended('not-started', { code: 'FILE_NOT_EXECUTABLE' }), null, 126, 255],
  [ended('not-started', { code: 'CWD_UNUSABLE' }), null, 125, 255],
  [ended('not-started', { code: 'toString' }), null, 125, 255],
  [ended('denied', { code: 'USER_REFUSED' }), null, 125, 255],
  [ended('unreachable', { code: 'CONNECT_FAILED' }), null, 125, 255],
  [ended('lost', { code: 'LINK_LOST' }), null, 125, 255],
];

describe('the exit status', () => {
  it.each(ROWS)('of %o, canceled by %s, is %d, and %d in the drop-in', (what, cause, run, dropIn) => {
    expect(exitStatusOf(what, cause)).toBe(run);
    expect(exitStatusOfDropIn({ result: what, cause })).toBe(dropIn);
  });

  const succeeded = ended('exited', { exitCode: 0 });
  const failed = ended('exited', { exitCode: 3 });
  it.each([
    [{ result: succeeded, cause: null, cut: 'closed' }, 141, 141],
    [{ result: succeeded, cause: null, cut: 'failed' }, 125, 255],
    [{ result: succeeded, cause: 'SIGTERM', cut: 'given-up' }, 143, 143],
    [{ result: succeeded, cause: null, cut: null }, 0, 0],
    [{ result: failed, cause: null, cut: 'failed' }, 3, 3],
  ] as const)('is never 0 when output was thrown away: %o', (conducted, run, dropIn) => {
    expect([exitStatusOfRun(conducted), exitStatusOfDropIn(conducted)]).toEqual([run, dropIn]);
  });

  it('is tested for every outcome', () => {
    expect(new Set(ROWS.map(([{ outcome }]) => outcome))).toEqual(new Set(Object.keys(OUTCOMES)));
  });

  it('is 0 only where the command exited with 0, or gave a whole reply without a code', () => {
    for (const [what, cause, run, dropIn] of ROWS) {
      const mayBeZero = what.outcome === 'exited' && !what.exitCode && cause === null;
      expect([run === 0, dropIn === 0]).toEqual([mayBeZero, mayBeZero]);
    }
  });

  it('has a row with a meaning in the page for every outcome and every cause', () => {
    const causes: readonly CancelCause[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'stdout-closed', 'stdout-failed'];
    const names = [...Object.keys(OUTCOMES), ...causes.map((cause) => `canceled by ${cause}`)];
    for (const name of names) expect(EXIT_STATUSES[name]?.meaning).toMatch(/\w/);
  });
});
