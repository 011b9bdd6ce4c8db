import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createConnectionLine,
  isConnectionLost,
  showConnecting,
} from '../../../src/cli/host/connection-line.ts';
import { eraseDrawn } from '../../../src/cli/output/drawn-lines.ts';
import { RexaError } from '../../../src/protocol/errors.ts';
import { showText } from '../../../src/protocol/show-text.ts';

const ERASE = '\r\x1b[K';
const waiting = (retryInMs: number) =>
  ({ kind: 'waiting', retryInMs, error: new RexaError('CLOSED', ['connection']) }) as const;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function createLine(isTTY: boolean, isQuiet = false, columns = 80) {
  const written: string[] = [];
  const terminal = isTTY ? { write: (text: string) => written.push(text), columns } : null;
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

  it('gives way to a message, and is back a second later', () => {
    const { line, written } = createLine(true);
    line.handleStatus(waiting(2000));
    void eraseDrawn();
    written.push('a message');
    vi.advanceTimersByTime(1000);
    line.handleStatus({ kind: 'resumed' });
    void eraseDrawn();
    expect(written).toEqual([
      `${ERASE}rexa: connection lost, retrying (2 s)`,
      ERASE,
      'a message',
      `${ERASE}rexa: connection lost, retrying (1 s)`,
      ERASE,
    ]);
  });

  it.each([40, 20, 0])('fits on one row of %d columns, of which it is taken back', (columns) => {
    const { line, written } = createLine(true, false, columns);
    line.handleStatus(waiting(59_000));
    const whole = 'rexa: connection lost, retrying (59 s)';
    expect(written).toEqual([`${ERASE}${columns === 0 ? whole : whole.slice(0, columns - 1)}`]);
    line.handleStatus({ kind: 'given-up' });
  });

  it('says whether the connection is lost', () => {
    const { line } = createLine(false);
    line.handleStatus(waiting(2000));
    expect(isConnectionLost()).toBe(true);
    line.handleStatus({ kind: 'resumed' });
    expect(isConnectionLost()).toBe(false);
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

describe('the line that a slow connection is shown by', () => {
  it.each(['opens', 'fails'])('is shown after a second, and taken back when it %s', async (end) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const written: string[] = [];
    const shown = showConnecting(
      'b\x1b1',
      { write: (text) => written.push(text), columns: 80 },
      () => promise,
    );
    vi.advanceTimersByTime(999);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(written).toEqual([`${ERASE}rexa: connecting to ${showText('b\x1b1')} ...`]);
    if (end === 'opens') resolve('host');
    else reject(new Error('no'));
    await shown.catch(() => {});
    expect(written.at(-1)).toBe(ERASE);
  });

  it('is shown after a second whatever was reported in the first one', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const written: string[] = [];
    const shown = showConnecting('h', { write: (text) => written.push(text), columns: 80 }, ({ hide }) => {
      hide();
      return promise;
    });
    vi.advanceTimersByTime(1000);
    expect(written).toEqual([`${ERASE}rexa: connecting to h ...`]);
    resolve('host');
    await shown;
  });

  it('is not shown for a quick one', async () => {
    const written: string[] = [];
    expect(
      await showConnecting('h', { write: (text) => written.push(text), columns: 80 }, async () => 'host'),
    ).toBe('host');
    vi.advanceTimersByTime(5000);
    expect(written).toEqual([]);
  });
});
