import { describe, expect, it } from 'vitest';
import { fuzzLink } from '../fixtures/protocol/fuzz-link.ts';
import { findFailingSeed } from '../fixtures/protocol/fuzz-seeds.ts';
import { shareOf } from './share.ts';

const INPUTS = shareOf(500_000);
/** What the process may grow by, garbage included, however many links there were. */
const MAX_GROWTH_BYTES = 256 * 1024 * 1024;

describe('whatever frames a peer sends', () => {
  it(`a link's machine stands ${INPUTS} of its kind, and leaves no memory behind`, () => {
    const before = process.memoryUsage.rss();
    expect(findFailingSeed(fuzzLink, INPUTS)).toBe(null);
    expect(process.memoryUsage.rss() - before).toBeLessThan(MAX_GROWTH_BYTES);
  });
});
