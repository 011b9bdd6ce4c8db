import { describe, expect, it, vi } from 'vitest';
import type { HumanOutput } from '../../../../src/cli/smoke/human-output.ts';
import { createLiveLine } from '../../../../src/cli/smoke/live-line.ts';
import { writeLiveText } from '../../../../src/cli/smoke/report/live-text.ts';

const NAMES = ['[web1] echo hello', '[web2] 漢字', '[web3] a very long title'];
const running = (count: number, sinceMs = 0) => NAMES.slice(0, count).map((name) => ({ name, sinceMs }));

describe('the text of what runs', () => {
  it.each([
    ['nothing', [], 40, '3/9'],
    ['one test', running(1), 40, '3/9  [web1] echo hello'],
    ['its seconds', running(1, -12_345), 40, '3/9  [web1] echo hello 12 s'],
    ['two hosts', running(2), 40, '3/9  [web1] echo hello  [web2] 漢字'],
    ['as many as have room', running(3), 50, '3/9  [web1] echo hello  [web2] 漢字  and 1 more'],
    ['one of three', running(3), 40, '3/9  [web1] echo hello  and 2 more'],
    ['a cut title', running(3), 20, '3/9  [web1] echo he…'],
    ['wide characters that are not halved', [{ name: '漢字漢字', sinceMs: 0 }], 9, '3/9  漢…'],
    ['control characters as escapes', [{ name: 'a\x1b[31m\nb', sinceMs: 0 }], 40, '3/9  a\\x1b[31m\\x0ab'],
  ])('shows %s', (_what, tests, columns, text) => {
    expect(writeLiveText({ done: 3, total: 9, running: tests }, 0, columns)).toBe(text);
  });
});

describe('the line of what runs', () => {
  const ERASE = '\r\x1b[K';

  function makeLine() {
    vi.useFakeTimers();
    const written: string[] = [];
    const human: HumanOutput = {
      paint: (_style, text) => text,
      write: (text) => void written.push(text),
      flush: async () => true,
    };
    return { written, line: createLiveLine({ ...human, columns: () => 80 }, human, 2), human };
  }

  it('is not drawn for what is over at once', () => {
    const { written, line } = makeLine();
    line.begin('web1', 'true')();
    vi.advanceTimersByTime(1000);
    line.write('done\n', 1);
    line.close();
    expect(written).toEqual(['done\n']);
    vi.useRealTimers();
  });

  it('stays below other lines, counts seconds and is erased at the end', () => {
    const { written, line } = makeLine();
    const end = line.begin('web1', 'first');
    line.begin('web2', 'second');
    vi.advanceTimersByTime(100);
    end();
    line.write('✓ first\n', 1);
    vi.advanceTimersByTime(1000);
    line.close();
    line.write('later\n', 0);
    expect(written).toEqual([
      '0/2  [web1] first  [web2] second',
      `${ERASE}✓ first\n1/2  [web2] second`,
      `${ERASE}1/2  [web2] second 1 s`,
      ERASE,
      'later\n',
    ]);
    vi.useRealTimers();
  });

  it('is never drawn without a terminal', () => {
    const { written, human } = makeLine();
    const line = createLiveLine(null, human, 2);
    line.begin('web1', 'first');
    vi.advanceTimersByTime(5000);
    line.write('✓ first\n', 1);
    line.close();
    expect(written).toEqual(['✓ first\n']);
    vi.useRealTimers();
  });
});
