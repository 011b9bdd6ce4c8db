import { describe, expect, it } from 'vitest';
import {
  isInRanges,
  matchesPatterns,
  parseAddressPatterns,
  parseAddressRanges,
} from '../../../src/auth/address-list.ts';
import { parseIpAddress } from '../../../src/auth/ip-address.ts';
import { matchesWildcards } from '../../../src/auth/wildcards.ts';
import { codeOf } from '../../fixtures/auth/fixtures.ts';

function matches(from: string, address: string): boolean {
  const ip = parseIpAddress(address);
  if (ip === null) throw new Error(`${address} is no address`);
  return matchesPatterns(parseAddressPatterns(from), ip);
}

describe('IP addresses', () => {
  it.each([
    ['127.0.0.1', 4, '127.0.0.1'],
    ['::ffff:127.0.0.1', 4, '127.0.0.1'],
    ['::FFFF:7f00:1', 4, '127.0.0.1'],
    ['0:0:0:0:0:ffff:7f00:0001', 4, '127.0.0.1'],
    ['2001:DB8:0:0:0:0:0:1', 6, '2001:db8::1'],
    ['::', 6, '::'],
    ['::1', 6, '::1'],
    ['::127.0.0.1', 6, '::127.0.0.1'],
    ['fe80::1%eth0', 6, 'fe80::1'],
  ])('%s is read as IPv%s %s', (text, family, shown) => {
    expect(parseIpAddress(text)).toMatchObject({ family, text: shown });
  });

  it.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1',
    '0x7f.1',
    ':::',
    '1::2::3',
    'g::',
    '[::1]',
    '10.0.0.0/8',
    ' 1.2.3.4',
  ])('%j is none', (text) => {
    expect(parseIpAddress(text)).toBeNull();
  });
});

describe('from=', () => {
  it.each([
    // networks
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '203.0.113.9', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::1/128', '2001:DB8:0::1', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    // IPv4 that comes as IPv6
    ['192.0.2.0/24', '::ffff:192.0.2.7', true],
    ['::ffff:192.0.2.0/120', '192.0.2.7', true],
    ['::ffff:192.0.2.7', '192.0.2.7', true],
    ['::ffff:192.0.2.0/120', '192.0.3.7', false],
    ['!192.0.2.0/24,*', '::ffff:192.0.2.7', false],
    ['!::ffff:192.0.2.7,*', '192.0.2.7', false],
    // wildcards
    ['*', '203.0.113.9', true],
    ['192.0.2.*', '192.0.2.77', true],
    ['192.0.2.*', '192.0.20.7', false],
    ['192.0.2.?', '192.0.2.77', false],
    ['2001:DB8:*', '2001:db8::9', true],
    // several, and exclusion wherever it stands
    ['203.0.113.1,192.0.2.7', '192.0.2.7', true],
    ['192.0.2.0/24,!192.0.2.7', '192.0.2.7', false],
    ['!192.0.2.7,192.0.2.0/24', '192.0.2.7', false],
    ['!192.0.2.7,192.0.2.0/24', '192.0.2.8', true],
    ['!192.0.2.7', '192.0.2.8', false],
    ['!192.0.2.*,*', '192.0.2.8', false],
    // names are not looked up
    ['localhost', '127.0.0.1', false],
    ['*.example.com', '192.0.2.7', false],
    ['*.example.com,192.0.2.7', '192.0.2.7', true],
  ])('"%s" from %s: %s', (from, address, expected) => {
    expect(matches(from, address)).toBe(expected);
  });

  it.each([
    [''],
    ['192.0.2.7,'],
    [',192.0.2.7'],
    ['!'],
    ['192.0.2.7, 192.0.2.8'],
    ['192.0.2.7/24'],
    ['192.0.2.0/33'],
    ['2001:db8::/129'],
    ['2001:db8::1/64'],
    ['::ffff:0:0/80'],
    ['*,!evil.example.com'],
    ['*,!localhost'],
    ['*,!fe80::1%eth0'],
    ['*,!192.0.2.0/24/25'],
    ['*,!192.0.2.0/x'],
  ])('%j is refused whole', (from) => {
    expect(codeOf(() => parseAddressPatterns(from))).toBe('KEY_OPTION_INVALID');
  });
});

describe('source-address of a certificate', () => {
  it.each([
    ['192.0.2.0/24,2001:db8::/32', '192.0.2.1', true],
    ['192.0.2.0/24,2001:db8::/32', '2001:db8::1', true],
    ['192.0.2.0/24,2001:db8::/32', '203.0.113.9', false],
    ['192.0.2.1', '::ffff:192.0.2.1', true],
  ])('%s from %s: %s', (list, address, expected) => {
    const ip = parseIpAddress(address);
    expect(ip !== null && isInRanges(parseAddressRanges(list), ip)).toBe(expected);
  });

  it.each([[''], ['192.0.2.*'], ['!192.0.2.1'], ['localhost'], ['192.0.2.1,'], ['192.0.2.1/24']])(
    '%j is refused',
    (list) => {
      expect(codeOf(() => parseAddressRanges(list))).toBe('KEY_OPTION_INVALID');
    },
  );
});

describe('wildcards', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['?', '', false],
    ['**', 'abc', true],
    ['a*c', 'abc', true],
    ['a*c', 'ab', false],
    ['a*b*c', 'aXbXbXc', true],
    ['*b', 'aab', true],
    ['?b', 'aab', false],
    ['a*', '*', false],
  ])('%j fits %j: %s', (pattern, text, expected) => {
    expect(matchesWildcards(pattern, text)).toBe(expected);
  });

  it('does not take forever over many stars', () => {
    expect(matchesWildcards(`${'*a'.repeat(2000)}b`, 'a'.repeat(4000))).toBe(false);
  });
});
