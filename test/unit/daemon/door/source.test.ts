import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../../../src/daemon/door/source.ts';

describe('where a connection comes from', () => {
  it.each([
    ['203.0.113.5', '203.0.113.5', false],
    ['::ffff:203.0.113.5', '203.0.113.5', false],
    ['2001:db8:1:2:aaaa:bbbb:cccc:dddd', '2001:db8:1:2::/64', false],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64', false],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64', false],
    ['fe80::1%eth0', 'fe80:0:0:0::/64', false],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.9.9.9', '127.9.9.9', true],
    ['::ffff:127.0.0.1', '127.0.0.1', true],
    ['::1', '::1', true],
    ['', '', false],
  ])('%s counts as %s (loopback: %s)', (address, name, isLoopback) => {
    expect(sourceOf(address)).toEqual({ name, isLoopback });
  });
});
