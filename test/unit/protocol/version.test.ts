import { describe, expect, it } from 'vitest';
import { chooseVersion } from '../../../src/protocol/version.ts';

describe('the version that two ends choose', () => {
  it.each([
    ['the only one', [1, 1], [1, 1], 1],
    ['the highest that both know', [1, 3], [2, 5], 3],
    ['the same, seen from the other side', [2, 5], [1, 3], 3],
    ['one that touches', [1, 2], [2, 9], 2],
    ['none, the peer being older', [2, 3], [1, 1], null],
    ['none, the peer being newer', [1, 1], [2, 3], null],
    ['none, a range being upside down', [1, 1], [3, 1], null],
  ] as const)('is %s', (_name, own, peer, version) => {
    expect(chooseVersion(own, peer)).toBe(version);
  });
});
