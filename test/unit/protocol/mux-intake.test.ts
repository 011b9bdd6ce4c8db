import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../src/framing/frame.ts';
import { createBudget } from '../../../src/protocol/budget.ts';
import { MAX_CONTROL_BYTES } from '../../../src/protocol/limits.ts';
import { frame } from '../../fixtures/framing/frames.ts';
import { codeOf } from '../../fixtures/protocol/error-code.ts';
import { createMuxEnd, deliver, kindsOf, takeFrames } from '../../fixtures/protocol/mux-pair.ts';

const OPEN = 0x10;
const MESSAGE = 0x11;
const CLOSE = 0x12;
const MORE = 0x13;

const BUDGET_BYTES = 4000;

function createDaemonEnd() {
  const budget = createBudget(BUDGET_BYTES);
  const end = createMuxEnd('daemon', undefined, {
    maxRequestBytes: 1000,
    maxRequestItems: 20,
    maxMessageBytes: 100,
    maxMessageItems: 5,
    budget,
  });
  return { end, budget };
}

/** What the closes among these frames say: the code of an error, or nothing. */
function codesOf(frames: readonly Frame[]): string[] {
  return frames
    .filter(({ type }) => type === CLOSE)
    .map(
      ({ payload }) =>
        (JSON.parse(Buffer.from(payload).toString()) as { error?: { code: string } }).error?.code ?? '',
    );
}

const text = (length: number): string => `{"a":"${'x'.repeat(length - 8)}"}`;
const list = (items: number): string => `{"a":[${Array(items).fill('{}').join()}]}`;

describe('what a peer may send in control messages', () => {
  it.each<[string, Frame[], string]>([
    ['of too many bytes in one frame', [frame(OPEN, 1, text(1001))], 'REQUEST_TOO_LARGE'],
    [
      'of too many bytes in pieces',
      [frame(MORE, 1, text(1001)), frame(MORE, 1, 'x'), frame(OPEN, 1)],
      'REQUEST_TOO_LARGE',
    ],
    [
      'whose last frame is too much',
      [frame(MORE, 1, ' '.repeat(999)), frame(OPEN, 1, '{}')],
      'REQUEST_TOO_LARGE',
    ],
    ['of too many values', [frame(OPEN, 1, list(20))], 'REQUEST_TOO_LARGE'],
  ])('refuses a request %s, and the link goes on', (_name, frames, code) => {
    const { end, budget } = createDaemonEnd();
    deliver(end, frames);
    expect([codesOf(takeFrames(end)), kindsOf(end)]).toEqual([[code], []]);
    deliver(end, [frame(CLOSE, 1, '{}'), frame(OPEN, 3, '{}')]);
    expect(kindsOf(end)).toContain('opened');
    expect(budget.freeBytes).toBeGreaterThan(BUDGET_BYTES / 2);
  });

  it('refuses a request for which its principal has no memory left, until others are released', () => {
    const { end, budget } = createDaemonEnd();
    const open = (channel: number): void => deliver(end, [frame(OPEN, channel, text(900))]);
    for (const channel of [1, 3, 5, 7]) open(channel);
    expect(codesOf(takeFrames(end))).toEqual(['REQUESTS_EXHAUSTED']);
    const [first] = end.events;
    if (first?.kind === 'opened') end.mux.releaseRequest(first.channel);
    open(9);
    expect(kindsOf(end)).toEqual(['opened', 'opened', 'opened', 'opened']);
    end.mux.handleLinkEnd();
    expect(budget.freeBytes).toBe(BUDGET_BYTES);
  });

  it('throws away the pieces of a request that has no room, and gives all back at the end of the link', () => {
    const { end, budget } = createDaemonEnd();
    for (const channel of [1, 3, 5, 7, 9]) deliver(end, [frame(MORE, channel, ' '.repeat(900))]);
    deliver(end, [frame(MORE, 9, ' '.repeat(900)), frame(OPEN, 9, '{}')]);
    expect(codesOf(takeFrames(end))).toEqual(['REQUESTS_EXHAUSTED']);
    end.mux.handleLinkEnd();
    expect(budget.freeBytes).toBe(BUDGET_BYTES);
  });

  it.each<[string, Frame[]]>([
    ['a message of too many bytes', [frame(MESSAGE, 1, text(101))]],
    ['a message of too many values', [frame(MESSAGE, 1, list(5))]],
    ['a close of too many values', [frame(CLOSE, 1, list(5))]],
    [
      'a request that goes on for ever',
      Array(20).fill(frame(MORE, 3, new Uint8Array(MAX_CONTROL_BYTES / 19))),
    ],
  ])('ends the link for %s', (_name, frames) => {
    const { end } = createDaemonEnd();
    deliver(end, [frame(OPEN, 1, '{}')]);
    expect(codeOf(() => deliver(end, frames))).toBe('CONTROL_TOO_LARGE');
  });
});
