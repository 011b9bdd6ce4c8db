import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createReconnect, type LinkStatus, type Try } from '../../../src/link/reconnect.ts';
import { RexaError } from '../../../src/protocol/errors.ts';

const again = (): Try => ({ kind: 'again', error: new RexaError('CLOSED', ['connection']) });

// No time passes by itself
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('looking for another connection', () => {
  it('does not wait for the next try when somebody is in a hurry, and tries once', async () => {
    const results: Try[] = [again(), { kind: 'done' }];
    let tries = 0;
    const waiting = Promise.withResolvers<void>();
    const resumed = Promise.withResolvers<void>();
    const handleStatus = vi.fn<(status: LinkStatus) => void>((status) => {
      if (status.kind === 'waiting') waiting.resolve();
      if (status.kind === 'resumed') resumed.resolve();
    });
    const reconnect = createReconnect(
      { reconnectForMs: 2 ** 31 - 1, handleStatus },
      async () => {
        tries += 1;
        return results.shift() ?? again();
      },
      () => undefined,
    );
    reconnect.hurry();
    expect(tries).toBe(0);
    reconnect.start(null);
    await waiting.promise;
    reconnect.hurry();
    reconnect.hurry();
    await resumed.promise;
    expect(tries).toBe(2);
    reconnect.hurry();
    expect(tries).toBe(2);
    reconnect.stop();
  });
});
