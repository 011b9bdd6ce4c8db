import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { CursorPlace } from '../../../../../src/cli/terminal/cursor-question.ts';
import { loadClientScreens } from '../../../../../src/cli/terminal/prediction/client-screen.ts';
import { createTerminalPredictions } from '../../../../../src/cli/terminal/prediction/terminal-predictions.ts';

const PROMPT = '\x1b[?2004h$ ';
const ANSWER: CursorPlace = { row: 1, column: 1 };

/** Predictions over a host that answers pings, on a terminal that gives these answers, then always the first place. */
async function start(answers: readonly (CursorPlace | null)[] = []) {
  const written: string[] = [];
  const later: (() => void)[] = [];
  let asked = 0;
  let nowMs = 0;
  const predictions = createTerminalPredictions({
    choice: 'always',
    clock: {
      now: () => (nowMs += 1000),
      after(_, act) {
        later.push(act);
        return () => undefined;
      },
    },
    size: () => ({ columns: 80, rows: 24 }),
    modes: { isSettled: true, isPlain: true, writeModes: () => '' },
    write: (text) => written.push(text),
    askCursor: () => {
      const answer = answers[asked++];
      return Promise.resolve(answer === undefined ? ANSWER : answer);
    },
    ping: () => Promise.resolve(100),
    loadScreens: loadClientScreens,
  });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      await setImmediate();
      for (const act of later.splice(0)) act();
    }
  };
  predictions.start();
  await loadClientScreens();
  await settle();
  /** Types with an echo, so that the next key is shown early. */
  const begin = async (): Promise<void> => {
    predictions.handleWritten(PROMPT);
    for (const key of 'abc') {
      predictions.handleTyped(Buffer.from(key));
      await setImmediate();
      predictions.handleWritten(key);
    }
  };
  return { predictions, written, begin, settle, asked: () => asked };
}

describe('what is drawn over the screen', () => {
  it.each(['handleResize', 'handleReturned'] as const)('is taken back by %s, once', async (event) => {
    const { predictions, written, begin } = await start();
    await begin();
    written.length = 0;
    predictions.handleTyped(Buffer.from('d'));
    expect(written.join('')).toContain('\x1b[4md');
    written.length = 0;
    predictions[event]();
    // Erased, and the cursor and the pen are as the host has them
    expect(written).toEqual([expect.stringMatching(/^.\[1;6H.*.\[X.\[1;6H.\[0m/)]);
    expect(predictions.close()).toBe('');
  });
});

describe('a terminal that is asked for its cursor', () => {
  it('and answers late once is asked again', async () => {
    const { predictions, written, begin } = await start([null, null]);
    await begin();
    predictions.handleTyped(Buffer.from('d'));
    expect(written.join('')).toContain('\x1b[4md');
  });

  it('and never answers is left in peace', async () => {
    const { predictions, written, begin, asked } = await start(Array.from({ length: 9 }, () => null));
    await begin();
    predictions.handleTyped(Buffer.from('d'));
    expect(written.join('')).not.toContain('\x1b[4m');
    expect(asked()).toBe(3);
  });
});

describe('predictions that begin in the middle of a line', () => {
  it('draw nothing over what was written there before, and draw in the next line', async () => {
    const { predictions, written, settle } = await start([{ row: 1, column: 9 }]);
    const type = async (keys: string, echo: (key: string) => string): Promise<void> => {
      for (const key of keys) {
        predictions.handleTyped(Buffer.from(key));
        await setImmediate();
        predictions.handleWritten(echo(key));
      }
    };
    // Readline makes room in text that the client has never seen
    await type('abcd', (key) => `\x1b[1@${key}`);
    expect(written.join('')).not.toContain('\x1b[4m');
    await type('\r', () => `\r\n${PROMPT}`);
    await settle();
    await type('abc', (key) => key);
    predictions.handleTyped(Buffer.from('d'));
    expect(written.join('')).toContain('\x1b[4md');
  });
});
