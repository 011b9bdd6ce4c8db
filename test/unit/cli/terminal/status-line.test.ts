import { describe, expect, it } from 'vitest';
import { createStatusLine } from '../../../../src/cli/terminal/status-line.ts';
import { createModeTracker } from '../../../../src/cli/terminal/terminal-modes.ts';
import { RexaError } from '../../../../src/protocol/errors.ts';

const WAITING = { kind: 'waiting', retryInMs: 3000, error: new RexaError('CLOSED', ['connection']) } as const;

/** How a terminal answers where its cursor is: behind a prompt, at the top since it has no other screen, or not at all. */
const ANSWERS = { other: { row: 3, column: 8 }, none: { row: 1, column: 1 }, silent: null } as const;

/** A line on a terminal of 60×10 that has shown this so far. */
function createStage(shown: string, columns = 60, answer: keyof typeof ANSWERS = 'other') {
  const modes = createModeTracker();
  modes.take(Buffer.from(shown));
  let written = '';
  let redraws = 0;
  const line = createStatusLine({
    write: (text) => {
      written += text;
    },
    size: () => ({ columns, rows: 10 }),
    modes,
    askCursor: () => Promise.resolve(ANSWERS[answer]),
    redraw: () => {
      redraws += 1;
    },
    describe: (seconds) => [
      `the connection is lost, retrying (${seconds} s); ~. leaves`,
      `lost, ${seconds} s; ~. leaves`,
      'lost; ~. leaves',
    ],
  });
  return {
    line,
    /** Tells that it is lost, and waits until that is shown. */
    async lose() {
      line.handleStatus(WAITING);
      await new Promise(setImmediate);
    },
    /** What was written since this was last called. */
    written() {
      const now = written;
      written = '';
      return now;
    },
    redraws: () => redraws,
  };
}

const TEXT = 'the connection is lost, retrying (3 s); ~. leaves';
const TRIED = '\x1b7\x1b[?1049h\x1b[H\x1b[?1049l\x1b[6n\x1b8';

describe('the line that says that the connection is lost', () => {
  it("lets a shell's screen stand aside, which comes back as it was", async () => {
    const { line, lose, written, redraws } = createStage('ready$ ');
    await lose();
    expect(written()).toBe(`${TRIED}\x1b[?1049h\x1b[0m\x1b[H\x1b[2K${TEXT}`);
    await lose();
    expect(written()).toBe(`\x1b[H\x1b[2K${TEXT}`);
    line.handleStatus({ kind: 'resumed' });
    expect([written(), redraws()]).toEqual(['\x1b[?1049l', 0]);
  });

  it.each(['none', 'silent'] as const)(
    'is inserted, and taken out again, on a terminal without another screen (%s)',
    async (answer) => {
      const { line, lose, written, redraws } = createStage('ready$ ', 60, answer);
      await lose();
      const shown = `\x1b7\x1b[B\r\x1b[0;7m\x1b[2K${TEXT}\x1b[0m\x1b8`;
      expect(written()).toBe(`${TRIED}\x1bD\x1bM\x1b7\x1b[B\r\x1b[L\x1b8${shown}`);
      await lose();
      expect(written()).toBe(shown);
      line.handleStatus({ kind: 'resumed' });
      expect([written(), redraws()]).toEqual(['\x1b7\x1b[B\r\x1b[M\x1b8', 0]);
    },
  );

  it('takes the last row of a full-screen program, which draws it anew', async () => {
    const { line, lose, written, redraws } = createStage('\x1b[?1049hvim');
    await lose();
    expect(written()).toBe(`\x1b7\x1b[10;1H\x1b[0;7m\x1b[2K${TEXT}\x1b[0m\x1b8`);
    line.handleStatus({ kind: 'resumed' });
    expect([written(), redraws()]).toEqual(['\x1b7\x1b[10;1H\x1b[0m\x1b[2K\x1b8', 1]);
  });

  it('is taken back once, by whoever comes first, and when it is given up', async () => {
    const { line, lose, written } = createStage('ready$ ');
    line.hide();
    expect(written()).toBe('');
    await lose();
    written();
    line.hide();
    line.handleStatus({ kind: 'given-up' });
    expect(written()).toBe('\x1b[?1049l');
  });

  it('is not drawn where the connection is back before the terminal has answered', async () => {
    const { line, written } = createStage('ready$ ');
    line.handleStatus(WAITING);
    line.handleStatus({ kind: 'resumed' });
    await new Promise(setImmediate);
    expect(written()).toBe(TRIED);
  });

  it('fits the terminal', async () => {
    for (const [columns, shown] of [
      [60, TEXT],
      [40, 'lost, 3 s; ~. leaves'],
      [20, 'lost; ~. leaves'],
      [10, 'lost; ~. '],
    ] as const) {
      const { lose, written } = createStage('', columns);
      await lose();
      expect(written().endsWith(`\x1b[2K${shown}`)).toBe(true);
    }
  });

  it.each([
    ['a sequence', '\x1b[3'],
    ['a character', '\xe4\xbd'],
  ])('is not shown in the middle of %s', (_what, shown) => {
    const modes = createModeTracker();
    modes.take(Buffer.from(shown, 'latin1'));
    expect(modes.isSettled).toBe(false);
    modes.take(Buffer.from(shown.startsWith('\x1b') ? 'm' : '\xa0', 'latin1'));
    expect(modes.isSettled).toBe(true);
  });
});
