import { describe, expect, it } from 'vitest';
import { readReconnection } from '../../../src/client/reconnection.ts';

describe('what becomes of a connection', () => {
  it.each([
    [{}, undefined],
    [{ keepalive: 7 }, 7],
    [{ keepalive: Number.POSITIVE_INFINITY }, Number.POSITIVE_INFINITY],
  ])('with %j it is looked after every %s ms', (options, keepaliveMs) => {
    expect(readReconnection(options, false).keepaliveMs).toBe(keepaliveMs);
  });

  it.each([[{ keepalive: 0 }], [{ keepalive: -1 }], [{ keepalive: Number.NaN }], [{ reconnectFor: -1 }]])(
    'cannot be %j',
    (options) => {
      expect(() => readReconnection(options, false)).toThrow(/is a number of milliseconds/);
    },
  );
});
