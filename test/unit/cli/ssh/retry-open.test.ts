import { describe, expect, it } from 'vitest';
import { createMessages, PLAIN_MESSAGES } from '../../../../src/cli/output/messages.ts';
import { retryOpen } from '../../../../src/cli/ssh/retry-open.ts';
import type { OpenHost } from '../../../../src/client/host.ts';
import { type ErrorCode, RexaError } from '../../../../src/protocol/errors.ts';

const host = { address: 'h' } as OpenHost;
const messages = createMessages(PLAIN_MESSAGES, () => {});

/** Opens a host that fails in these ways before it is there. */
function failing(...codes: readonly ErrorCode[]) {
  const asked: string[] = [];
  return {
    asked,
    open: async (address: string) => {
      const code = codes[asked.length];
      asked.push(address);
      if (code !== undefined) throw new RexaError(code);
      return host;
    },
  };
}

describe('ConnectionAttempts', () => {
  it.each<[number, readonly ErrorCode[], number]>([
    [1, [], 1],
    [3, ['CONNECT_FAILED'], 2],
    [3, ['CONNECT_FAILED', 'CONNECT_TIMEOUT'], 3],
  ])('of %d reach a host that fails by %j, in %d', async (attempts, codes, asked) => {
    const there = failing(...codes);
    expect(await retryOpen(there.open, attempts, messages, 0)('h', {})).toBe(host);
    expect(there.asked.length).toBe(asked);
  });

  it.each<[number, readonly ErrorCode[], string, number]>([
    [1, ['CONNECT_FAILED'], 'CONNECT_FAILED', 1],
    [2, ['CONNECT_FAILED', 'CONNECT_TIMEOUT'], 'CONNECT_TIMEOUT', 2],
    [3, ['SOCKET_NOT_OURS'], 'SOCKET_NOT_OURS', 1],
  ])('of %d end at a host that fails by %j with %s, after %d', async (attempts, codes, code, asked) => {
    const there = failing(...codes);
    await expect(retryOpen(there.open, attempts, messages, 0)('h', {})).rejects.toMatchObject({ code });
    expect(there.asked.length).toBe(asked);
  });
});
