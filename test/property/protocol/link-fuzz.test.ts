import { describe, expect, it } from 'vitest';
import { fuzzLink } from '../../fixtures/protocol/fuzz-link.ts';
import { findFailingSeed } from '../../fixtures/protocol/fuzz-seeds.ts';

const INPUTS = 10_000;

describe('whatever frames a peer sends', () => {
  it("a link's machine never throws, ends once, says why, and lets nothing pile up", () => {
    expect(findFailingSeed(fuzzLink, INPUTS)).toBe(null);
  });
});
