import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createConnectionLine } from '../../../../src/cli/host/connection-line.ts';
import {
  eraseDrawn,
  holdTerminal,
  leaveRow,
  mayDraw,
  takeRow,
} from '../../../../src/cli/output/drawn-lines.ts';
import { createLiveLine } from '../../../../src/cli/smoke/live-line.ts';
import { RexaError } from '../../../../src/protocol/errors.ts';

const ERASE = '\r\x1b[K';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A live line on a terminal whose writes arrive later, in order. */
function makeLiveLine() {
  const seen: string[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const human = {
    paint: (_style: unknown, text: string) => text,
    write(text: string) {
      last = last.then(() => {}).then(() => seen.push(text));
    },
    flush: async () => last.then(() => true),
  };
  const line = createLiveLine({ ...human, columns: () => 80 }, human, 2);
  line.begin('web1', 'first');
  return { seen, line, human };
}

describe('a question on the terminal', () => {
  it('is written once the erase of the live line has arrived, and the line returns after the answer', async () => {
    const { seen, line, human } = makeLiveLine();
    await vi.advanceTimersByTimeAsync(100);
    const { promise: answered, resolve: answer } = Promise.withResolvers<string>();
    const asked = holdTerminal(async () => {
      seen.push('question? ');
      return answered;
    });
    await vi.advanceTimersByTimeAsync(5000);
    expect(seen).toEqual(['0/2  [web1] first', ERASE, 'question? ']);
    answer('yes');
    expect(await asked).toBe('yes');
    await vi.advanceTimersByTimeAsync(100);
    expect(seen.at(-1)).toContain('0/2  [web1] first');
    line.close();
    await human.flush();
  });

  it('waits for the answer to the one before, and nothing is drawn until the last is answered', async () => {
    const { seen, line, human } = makeLiveLine();
    const answers = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const asked = answers.map(({ promise }, index) =>
      holdTerminal(async () => {
        seen.push(`question ${index}`);
        await promise;
      }),
    );
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen).toEqual(['question 0']);
    answers[0]?.reject(new Error('the terminal is gone'));
    await expect(asked[0]).rejects.toThrow('the terminal is gone');
    await vi.advanceTimersByTimeAsync(1000);
    expect([seen, mayDraw()]).toEqual([['question 0', 'question 1'], false]);
    answers[1]?.resolve();
    await asked[1];
    await vi.advanceTimersByTimeAsync(100);
    expect(seen.at(-1)).toContain('0/2  [web1] first');
    line.close();
    await human.flush();
  });

  it('is not overwritten by the line of a lost connection, which counts on and comes back', async () => {
    const written: string[] = [];
    const line = createConnectionLine({ write: (text) => written.push(text), columns: 80 }, false);
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const asked = holdTerminal(() => answered);
    const error = new RexaError('CLOSED', ['connection']);
    line.handleStatus({ kind: 'waiting', retryInMs: 5000, error });
    await vi.advanceTimersByTimeAsync(2000);
    expect(written).toEqual([]);
    answer();
    await asked;
    await vi.advanceTimersByTimeAsync(1000);
    expect(written).toEqual([`${ERASE}rexa: connection lost, retrying (2 s)`]);
    line.handleStatus({ kind: 'resumed' });
  });
});

describe('lines on one row of the terminal', () => {
  it('erase the line of another owner once, before their own is drawn', () => {
    const erased: string[] = [];
    const first = () => {
      erased.push('first');
      leaveRow(first);
    };
    const second = () => {
      erased.push('second');
      leaveRow(second);
    };
    takeRow(first);
    takeRow(first);
    takeRow(second);
    leaveRow(first);
    expect(erased).toEqual(['first']);
    void eraseDrawn();
    expect(erased).toEqual(['first', 'second']);
  });
});
