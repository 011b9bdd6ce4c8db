import { describe, expect, it } from 'vitest';
import { createStatusLine } from '../../../../src/client/terminal/status-line.ts';
import { createModeTracker } from '../../../../src/client/terminal/terminal-modes.ts';
import { RexaError } from '../../../../src/protocol/errors.ts';

const WAITING = { kind: 'waiting', retryInMs: 3000, error: new RexaError('CLOSED', ['connection']) } as const;

/** A line on a terminal of 40×10 that has shown this so far. */
function createStage(shown: string, columns = 60) {
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
    redraw: () => {
      redraws += 1;
    },
    text: 'the connection is lost',
    hint: '; ~. leaves',
  });
  return {
    line,
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

describe('the line that says that the connection is lost', () => {
  it("lets a shell's screen stand aside, which comes back as it was", () => {
    const { line, written, redraws } = createStage('ready$ ');
    line.handleStatus(WAITING);
    expect(written()).toBe(`\x1b[?1049h\x1b[0m\x1b[2J\x1b[H\x1b[2K${TEXT}`);
    line.handleStatus(WAITING);
    expect(written()).toBe(`\x1b[H\x1b[2K${TEXT}`);
    line.handleStatus({ kind: 'resumed' });
    expect([written(), redraws()]).toEqual(['\x1b[?1049l', 0]);
  });

  it('takes the last row of a full-screen program, which draws it anew', () => {
    const { line, written, redraws } = createStage('\x1b[?1049hvim');
    line.handleStatus(WAITING);
    expect(written()).toBe(`\x1b7\x1b[10;1H\x1b[0;7m\x1b[2K${TEXT}\x1b[0m\x1b8`);
    line.handleStatus({ kind: 'resumed' });
    expect([written(), redraws()]).toEqual(['\x1b7\x1b[10;1H\x1b[0m\x1b[2K\x1b8', 1]);
  });

  it('is taken back once, by whoever comes first, and when it is given up', () => {
    const { line, written } = createStage('ready$ ');
    line.hide();
    expect(written()).toBe('');
    line.handleStatus(WAITING);
    written();
    line.hide();
    line.handleStatus({ kind: 'given-up' });
    expect(written()).toBe('\x1b[?1049l');
  });

  it('fits the terminal', () => {
    const { line, written } = createStage('', 10);
    line.handleStatus(WAITING);
    expect(written().endsWith('the conne')).toBe(true);
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
