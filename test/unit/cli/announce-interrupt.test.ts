import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { announceInterrupts } from '../../../src/cli/run/announce-interrupt.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const FORWARD = { kind: 'forward', signal: 'SIGINT' } as const;
const CANCEL = { kind: 'cancel', cause: 'SIGINT' } as const;

describe('another Ctrl-C', () => {
  it('is announced when the command did not end by the last one', () => {
    const said: string[] = [];
    const announcer = announceInterrupts(
      (sentence) => said.push(sentence),
      true,
      () => false,
    );
    announcer.handleInterrupt(FORWARD);
    vi.advanceTimersByTime(999);
    expect(said).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(said).toEqual([expect.stringMatching(/^press Ctrl-C again to end the command/)]);
    announcer.handleInterrupt(CANCEL);
    vi.advanceTimersByTime(1000);
    expect(said[1]).toMatch(/^press Ctrl-C again to exit at once/);
    announcer.handleInterrupt({ kind: 'abandon', cause: 'SIGINT' });
    vi.advanceTimersByTime(5000);
    expect(said).toHaveLength(2);
  });

  it('is not announced once the command has ended, or where it would do something else', () => {
    const said: string[] = [];
    const [ended, watched] = [true, false].map((escalates) =>
      announceInterrupts(
        (sentence) => said.push(sentence),
        escalates,
        () => false,
      ),
    );
    ended?.handleInterrupt(FORWARD);
    ended?.stop();
    watched?.handleInterrupt(FORWARD);
    vi.advanceTimersByTime(5000);
    expect(said).toEqual([]);
  });

  it('is announced without a claim about the command while the connection is lost', () => {
    const said: string[] = [];
    let isLost = false;
    const announcer = announceInterrupts(
      (sentence) => said.push(sentence),
      true,
      () => isLost,
    );
    for (const asked of [FORWARD, CANCEL]) {
      announcer.handleInterrupt(asked);
      isLost = true;
      vi.advanceTimersByTime(1000);
    }
    expect(said).toEqual([
      'press Ctrl-C again to end the command: the connection is lost, and SIGINT is sent once it is back',
      'press Ctrl-C again to exit at once: the connection is lost, and the command is ended once it is back',
    ]);
  });
});
