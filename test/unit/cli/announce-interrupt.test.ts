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
    const announcer = announceInterrupts((sentence) => said.push(sentence), true);
    announcer.handleInterrupt(FORWARD);
    vi.advanceTimersByTime(999);
    expect(said).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(said).toEqual([expect.stringMatching(/press Ctrl-C again to end it$/)]);
    announcer.handleInterrupt(CANCEL);
    vi.advanceTimersByTime(1000);
    expect(said[1]).toMatch(/press Ctrl-C again to exit at once$/);
    announcer.handleInterrupt({ kind: 'abandon', cause: 'SIGINT' });
    vi.advanceTimersByTime(5000);
    expect(said).toHaveLength(2);
  });

  it('is not announced once the command has ended, or where it would do something else', () => {
    const said: string[] = [];
    const [ended, watched] = [true, false].map((escalates) =>
      announceInterrupts((sentence) => said.push(sentence), escalates),
    );
    ended?.handleInterrupt(FORWARD);
    ended?.stop();
    watched?.handleInterrupt(FORWARD);
    vi.advanceTimersByTime(5000);
    expect(said).toEqual([]);
  });
});
