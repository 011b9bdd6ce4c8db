import { describe, expect, it } from 'vitest';
import { cutPauses, readCast } from '../../../src/cli/session/read-cast.ts';

const V3 = '{"version":3,"term":{"cols":80,"rows":24}}';
const V2 = '{"version":2,"width":80,"height":24}';

describe('a recording', () => {
  it.each([
    { what: 'v3, whose times count from the event before', header: V3, at: [500, 1500] },
    { what: 'v2, whose times count from the beginning', header: V2, at: [500, 1000] },
  ])('is read in $what', ({ header, at }) => {
    const { steps } = readCast(`${header}\n[0.5,"o","a"]\n# a comment\n[1,"o","b"]\n`, 'x.cast');
    expect(steps.map(({ atMs }) => atMs)).toEqual(at);
  });

  it('tells the exit status, and is read though its last line was cut off', () => {
    const { steps, status } = readCast(`${V3}\n[0.1,"o","a"]\n[0.1,"x","3"]\n[0.1,"o","b`, 'x.cast');
    expect({ count: steps.length, status }).toEqual({ count: 2, status: 3 });
  });

  it.each([
    { what: 'no header', text: '[0.5,"o","a"]\n' },
    { what: 'another version', text: '{"version":1}\n' },
    { what: 'a line that is no event', text: `${V3}\n{"a":1}\n[0.1,"o","a"]\n` },
    { what: 'a time before the one before', text: `${V3}\n[-1,"o","a"]\n[0.1,"o","a"]\n` },
  ])('is refused with $what', ({ text }) => {
    expect(() => readCast(text, 'x.cast')).toThrow('cannot play x.cast');
  });

  it('is played with pauses that are cut', () => {
    const steps = [100, 10_000, 10_100].map((atMs) => ({ atMs, code: 'o', data: '' }));
    expect(cutPauses(steps, 1_000).map(({ atMs }) => atMs)).toEqual([100, 1_100, 1_200]);
    expect(cutPauses(steps, null)).toEqual(steps);
  });
});
