import { describe, expect, it } from 'vitest';
import { createProbeLimits } from '../../../../src/daemon/probe/probe-limits.ts';

const count = (times: number, take: (index: number) => boolean): number =>
  Array.from({ length: times }, (_, index) => take(index)).filter(Boolean).length;

describe('the limits of probes', () => {
  it('give a source 20 answers at once and 10 each second, and leave the others theirs', () => {
    const limits = createProbeLimits();
    expect(count(50, () => limits.take('a', 0, 1))).toBe(20);
    expect(count(50, () => limits.take('b', 0, 1))).toBe(20);
    expect(count(50, () => limits.take('a', 1_000, 1))).toBe(10);
    expect(count(50, () => limits.take('a', 1_000_000, 1))).toBe(20);
  });

  it('give all sources together 100 answers at once and 100 each second, however many there are', () => {
    const limits = createProbeLimits();
    expect(count(10_000, (index) => limits.take(`source ${index}`, 0, 1))).toBe(100);
    expect(count(10_000, (index) => limits.take(`other ${index}`, 500, 1))).toBe(50);
  });

  it('give fewer of a key whose signatures take longer', () => {
    const limits = createProbeLimits();
    expect(count(1_000, (index) => limits.take(`source ${index}`, 0, 40))).toBe(2);
    expect(count(1_000, (index) => limits.take(`other ${index}`, 10_000, 100))).toBe(1);
    expect(count(1_000, (index) => limits.take(`another ${index}`, 10_500, 5))).toBe(10);
  });

  it('forget the source that asked longest ago beyond 4,096', () => {
    const limits = createProbeLimits();
    count(20, () => limits.take('a', 0, 1));
    expect(limits.take('a', 0, 1)).toBe(false);
    for (let index = 0; index < 4_096; index++) limits.take(`source ${index}`, 0, 1);
    expect(limits.take('a', 100, 1)).toBe(true);
  });

  it('are not widened by a clock that goes back', () => {
    const limits = createProbeLimits();
    count(20, () => limits.take('a', 5_000, 1));
    expect([limits.take('a', 0, 1), limits.take('a', 1, 1)]).toEqual([false, false]);
  });
});
