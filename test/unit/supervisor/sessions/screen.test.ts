import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { MAX_UNPAINTED_PIECES } from '../../../../src/supervisor/limits.ts';
import { createScreen } from '../../../../src/supervisor/sessions/screen.ts';

/** A screen, and what its terminal has answered. */
async function openScreen() {
  const replies: string[] = [];
  const screen = await createScreen(
    { columns: 20, rows: 4 },
    { handleReply: (text) => replies.push(text), handlePainted: () => undefined },
  );
  onTestFinished(() => screen.close());
  return { screen, replies };
}

it('a screen answers a question wherever it is cut, without being looked at', async () => {
  for (const question of ['\x1b[5n', '\u009b5n', '\u00e9\u009b5n', '\u00e9\x1b[5n']) {
    const bytes = Buffer.from(question);
    for (let at = 1; at < bytes.length; at++) {
      const { screen, replies } = await openScreen();
      for (const part of [bytes.subarray(0, at), bytes.subarray(at)]) {
        screen.write(part);
        await nextTurn();
        await nextTurn();
      }
      expect({ question, at, replies }).toEqual({ question, at, replies: ['\x1b[0n'] });
    }
  }
});

it('a screen keeps few pieces of output unpainted, however small they are', async () => {
  const { screen } = await openScreen();
  for (let count = 1; count < MAX_UNPAINTED_PIECES; count++) screen.write(Buffer.from('x'));
  await nextTurn();
  await nextTurn();
  expect(screen.waitingBytes).toBe(MAX_UNPAINTED_PIECES - 1);
  screen.write(Buffer.from('x'));
  await nextTurn();
  await nextTurn();
  expect(screen.waitingBytes).toBe(0);
});
