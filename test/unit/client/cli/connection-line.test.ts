import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createConnectionLine } from '../../../../src/client/cli/connection-line.ts';
import { RexaError } from '../../../../src/protocol/errors.ts';

const ERASE = '\r\x1b[K';
const waiting = (retryInMs: number) =>
  ({ kind: 'waiting', retryInMs, error: new RexaError('CLOSED', ['connection']) }) as const;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function createLine(isTTY: boolean, isQuiet = false) {
  const written: string[] = [];
  const terminal = { isTTY, write: (text: string) => written.push(text) };
  return { written, line: createConnectionLine(terminal, isQuiet) };
}

describe('the line that a lost connection is shown by', () => {
  it.each(['resumed', 'given-up'] as const)('counts down on a terminal, and is taken back: %s', (kind) => {
    const { line, written } = createLine(true);
    line.handleStatus(waiting(2000));
    vi.advanceTimersByTime(1000);
    line.handleStatus({ kind });
    vi.advanceTimersByTime(10_000);
    expect(written).toEqual([
      `${ERASE}rexa: connection lost, retrying (2 s)`,
      `${ERASE}rexa: connection lost, retrying (1 s)`,
      ERASE,
    ]);
  });

  it.each([
    ['elsewhere', false, false],
    ['with -q', true, true],
  ])('is not shown %s', (_where, isTTY, isQuiet) => {
    const { line, written } = createLine(isTTY, isQuiet);
    line.handleStatus(waiting(2000));
    line.handleStatus({ kind: 'resumed' });
    expect(written).toEqual([]);
  });
});
