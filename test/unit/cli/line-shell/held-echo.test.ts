import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ECHO_AFTER_MS } from '../../../../src/cli/limits.ts';
import { createHeldEcho } from '../../../../src/cli/line-shell/terminal/held-echo.ts';

describe('the echo of what is typed while a line runs', () => {
  let shown = '';
  beforeEach(() => {
    vi.useFakeTimers();
    shown = '';
  });
  afterEach(() => vi.useRealTimers());
  const show = (text: string): void => {
    shown += text;
  };

  it('waits for a moment, and not longer', () => {
    const echo = createHeldEcho(show);
    echo.write('a');
    vi.advanceTimersByTime(ECHO_AFTER_MS - 1);
    expect(shown).toBe('');
    vi.advanceTimersByTime(1);
    expect(shown).toBe('a');
    echo.write('b');
    expect(shown).toBe('ab');
  });

  it('comes at once when the line does something', () => {
    const echo = createHeldEcho(show);
    echo.write('a');
    echo.release();
    echo.write('b');
    expect(shown).toBe('ab');
  });

  it('does not come when it will be seen at the prompt', () => {
    const echo = createHeldEcho(show);
    echo.write('a');
    echo.discard();
    vi.advanceTimersByTime(ECHO_AFTER_MS);
    expect(shown).toBe('');
  });
});
