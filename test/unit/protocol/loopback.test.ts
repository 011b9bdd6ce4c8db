import { describe, expect, it } from 'vitest';
import { isLoopbackAddress, loopbackAddresses } from '../../../src/protocol/loopback.ts';

describe('loopback', () => {
  it.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])('is %s', (address) => {
    expect(isLoopbackAddress(address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    '::ffff:10.0.0.1',
    '127.0.0.1.example.org',
    '',
    '127.1',
  ])('is not %j', (address) => {
    expect(isLoopbackAddress(address)).toBe(false);
    expect(loopbackAddresses(address)).toEqual([]);
  });

  it('is localhost, whatever a resolver would say', () => {
    expect(loopbackAddresses('LocalHost')).toEqual(['127.0.0.1', '::1']);
    expect(loopbackAddresses('localhost.example.org')).toEqual([]);
    expect(loopbackAddresses('::1')).toEqual(['::1']);
  });
});
