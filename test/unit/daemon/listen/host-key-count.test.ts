import { describe, expect, it } from 'vitest';
import { checkHostKeyCount } from '../../../../src/daemon/listen/host-identity.ts';
import { MAX_HOST_KEYS } from '../../../../src/protocol/limits.ts';

describe('the keys of a host', () => {
  it('may be as many as clients take, and no more', () => {
    expect(() => checkHostKeyCount(MAX_HOST_KEYS)).not.toThrow();
    expect(() => checkHostKeyCount(MAX_HOST_KEYS + 1)).toThrow(/too many host keys: 17/);
  });
});
