import { describe, expect, it } from 'vitest';
import { drawChart } from '../../../scripts/bench/chart.ts';
import { type Table, tabulate } from '../../../scripts/bench/figures.ts';
import { describeBusyMachine, findWorse } from '../../../scripts/bench/page.ts';

const OPTIONS = { title: 'a thing', unit: 'ms', better: 'less' } as const;
const upTo = (most: number): number[] => Array.from({ length: most }, (_, index) => index + 1);

describe('a table of figures', () => {
  it('has medians, what four of five lie between, and ratios to the last row', () => {
    const { rows } = tabulate(['rexa', 'ssh'], [upTo(100), upTo(10)], OPTIONS);
    expect(rows).toEqual([
      { name: 'rexa', median: 51, low: 11, high: 91, ratio: 8.5 },
      { name: 'ssh', median: 6, low: 2, high: 10, ratio: 1 },
    ]);
  });

  it('turns times into rates before it sorts them', () => {
    const { rows } = tabulate(['rexa', 'ssh'], [[1, 2, 4], [8]], {
      ...OPTIONS,
      better: 'more',
      figure: (ms) => 8 / ms,
    });
    expect(rows.map(({ median, ratio }) => [median, ratio])).toEqual([
      [4, 4],
      [1, 1],
    ]);
  });

  it('has no spread around another quantile than the median', () => {
    const { rows } = tabulate(['rexa', 'ssh'], [upTo(100), upTo(100)], { ...OPTIONS, quantile: 0.99 });
    expect(rows[0]).toEqual({ name: 'rexa', median: 100, low: 100, high: 100, ratio: 1 });
  });
});

describe('the comparison with recorded ratios', () => {
  const recorded = (better: Table['better']) => ({ 'a thing': { better, ratios: { rexa: 1 } } });

  it.each([
    ['less', 1.29, 0],
    ['less', 1.31, 1],
    ['less', 0.1, 0],
    ['more', 0.78, 0],
    ['more', 0.76, 1],
    ['more', 9, 0],
  ] as const)('takes, where %s is better, a ratio of %s that was 1 for worse: %s', (better, ratio, count) => {
    const table = tabulate(['rexa', 'ssh'], [[ratio], [1]], { ...OPTIONS, better });
    expect(findWorse([table], recorded(better))).toHaveLength(count);
  });

  it('looks at our rows alone, and names those that were not recorded', () => {
    const table = tabulate(['rexa, new', 'another', 'ssh'], [[9], [9], [1]], OPTIONS);
    const other = tabulate(['rexa', 'ssh'], [[9], [1]], { ...OPTIONS, title: 'another thing' });
    expect(findWorse([table, other], recorded('less'))).toEqual([
      'a thing: rexa, new: not recorded; npm run bench records it',
      'another thing: rexa: not recorded; npm run bench records it',
    ]);
  });
});

describe('a machine with other work', () => {
  it.each([
    [1.9, 2, true],
    [2, 2, true],
    [2.1, 2, false],
    [8, 16, true],
  ])('of load %s on %s CPUs may record figures: %s', (load, cpus, may) => {
    expect(describeBusyMachine(load, cpus) === null).toBe(may);
  });
});

describe('a chart', () => {
  it('is one bar for each row, with names escaped', () => {
    const chart = drawChart(tabulate(['rexa <a> & b', 'ssh'], [[1], [2]], OPTIONS));
    expect(chart).toContain('rexa &lt;a&gt; &amp; b');
    expect(chart.match(/<line /g)).toHaveLength(2);
  });
});
