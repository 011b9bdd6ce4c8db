import { describe, expect, it } from 'vitest';
import { markGaps } from '../../../../src/services/jobs/mark-gaps.ts';

const AS_IT_IS = {
  write: (bytes: Uint8Array) => bytes,
  end: () => new Uint8Array(0),
  holdMs: null,
  flush: () => new Uint8Array(0),
  receipt: () => ({ name: 'utf8', source: 'host', replaced: 0 }) as const,
};
const LINE = '\n[rexa: 7 bytes are missing here]\n';

describe('missing output', () => {
  it.each([
    ['at its beginning', 0, `${LINE}headtail`],
    ['in the middle of a piece', 2, `he${LINE}adtail`],
    ['between two pieces', 4, `head${LINE}tail`],
    ['at its end', 8, `headtail${LINE}`],
  ])('is marked %s by a line', (_where, at, expected) => {
    const filter = markGaps(AS_IT_IS, true);
    filter.addGap(at, 7);
    const parts = [filter.write(Buffer.from('head')), filter.write(Buffer.from('tail')), filter.end()];
    expect(Buffer.concat(parts).toString()).toBe(expected);
  });

  it('is not marked where bytes were asked for as they are', () => {
    const filter = markGaps(AS_IT_IS, false);
    filter.addGap(2, 7);
    expect(Buffer.from(filter.write(Buffer.from('head'))).toString()).toBe('head');
    expect(filter.end().length).toBe(0);
  });
});
