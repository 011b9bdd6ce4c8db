import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesPatterns, parseAddressPatterns } from '../../../src/auth/address-list.ts';
import { parseExpiryTime } from '../../../src/auth/expiry-time.ts';
import { parseIpAddress } from '../../../src/auth/ip-address.ts';
import { readRevocations } from '../../../src/auth/read-revocations.ts';
import { findRevocation } from '../../../src/auth/revocations.ts';
import { matchesWildcards } from '../../../src/auth/wildcards.ts';
import { wireMpint, wireString, wireU32 } from '../../../src/auth/wire-writer.ts';
import { fixtureCertificate, fixtureKey } from '../../fixtures/auth/fixtures.ts';
import { wireU64 } from '../../fixtures/auth/make-certificate.ts';

/** An address as a text of bits, the naive way. */
function toBits(address: readonly number[], bitsEach: number): string {
  return address.map((part) => part.toString(2).padStart(bitsEach, '0')).join('');
}

const small = fc.constantFrom(0, 1, 2, 127, 128, 254, 255);
const ipv4 = fc.array(small, { minLength: 4, maxLength: 4 });
const ipv6 = fc.array(fc.constantFrom(0, 1, 0xff, 0x2001, 0xffff), { minLength: 8, maxLength: 8 });

describe('a simple twin agrees', () => {
  it('on which IPv4 addresses are in a network, in whatever form they come', () => {
    fc.assert(
      fc.property(
        ipv4,
        ipv4,
        fc.integer({ min: 0, max: 32 }),
        fc.boolean(),
        fc.boolean(),
        (address, network, bits, mapped, mappedNetwork) => {
          const prefix = toBits(network, 8).slice(0, bits);
          const padded = prefix.padEnd(32, '0');
          const base = [0, 8, 16, 24].map((at) => Number.parseInt(padded.slice(at, at + 8), 2)).join('.');
          const pattern = mappedNetwork ? `::ffff:${base}/${bits + 96}` : `${base}/${bits}`;
          const ip = parseIpAddress(mapped ? `::ffff:${address.join('.')}` : address.join('.'));
          expect(ip !== null && matchesPatterns(parseAddressPatterns(pattern), ip)).toBe(
            toBits(address, 8).startsWith(prefix),
          );
        },
      ),
    );
  });

  it('on which IPv6 addresses are in a network', () => {
    fc.assert(
      fc.property(ipv6, ipv6, fc.integer({ min: 0, max: 128 }), (address, network, bits) => {
        const prefix = toBits(network, 16).slice(0, bits);
        const padded = prefix.padEnd(128, '0');
        const base = Array.from({ length: 8 }, (_, at) =>
          Number.parseInt(padded.slice(at * 16, at * 16 + 16), 2).toString(16),
        );
        const ip = parseIpAddress(address.map((part) => part.toString(16)).join(':'));
        const isIpv4 = ip?.family === 4 || parseIpAddress(base.join(':'))?.family === 4;
        fc.pre(!isIpv4);
        const patterns = parseAddressPatterns(`${base.join(':')}/${bits}`);
        expect(ip !== null && matchesPatterns(patterns, ip)).toBe(toBits(address, 16).startsWith(prefix));
      }),
    );
  });

  it('on what an address is, from any of its spellings', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const ip = parseIpAddress(text);
        expect(parseIpAddress(ip?.text ?? '')).toEqual(ip);
        expect(parseIpAddress(text.toUpperCase())).toEqual(ip);
      }),
    );
  });

  it('on wildcards', () => {
    const pattern = fc
      .array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 8 })
      .map((parts) => parts.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, text, (glob, subject) => {
        const twin = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(matchesWildcards(glob, subject)).toBe(twin.test(subject));
      }),
      { numRuns: 2000 },
    );
  });

  it('on exclusion: an address is in a list if some entry takes it and no `!` entry does', () => {
    const entry = fc.tuple(
      fc.boolean(),
      fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.0/30', '10.*', '*', '2001:db8::/32'),
    );
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('10.0.0.1', '10.0.0.3', '10.0.0.9', '2001:db8::1'),
        (entries, address) => {
          const ip = parseIpAddress(address);
          if (ip === null) throw new Error('no address');
          const takes = ([, pattern]: readonly [boolean, string]) =>
            matchesPatterns(parseAddressPatterns(pattern), ip);
          const expected = entries.some(takes) && !entries.some((each) => each[0] && takes(each));
          const list = entries.map(([negated, pattern]) => `${negated ? '!' : ''}${pattern}`).join(',');
          expect(matchesPatterns(parseAddressPatterns(list), ip)).toBe(expected);
        },
      ),
    );
  });

  it('on times in UTC', () => {
    const time = fc.date({
      min: new Date('1970-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(time, (date) => {
        const digits = date.toISOString().replaceAll(/\D/g, '').slice(0, 14);
        expect(parseExpiryTime(`${digits}Z`)).toBe(Math.floor(date.getTime() / 1000));
        expect(parseExpiryTime(`${digits.slice(0, 12)}Z`)).toBe(Math.floor(date.getTime() / 60_000) * 60);
        expect(parseExpiryTime(`${digits.slice(0, 8)}UTC`)).toBe(
          Math.floor(date.getTime() / 86_400_000) * 86_400,
        );
      }),
    );
  });

  it('on which serial numbers a list of revoked certificates holds', () => {
    const header = Buffer.concat([
      Buffer.from('SSHKRL\n\0'),
      wireU32(1),
      Buffer.alloc(24),
      wireString(''),
      wireString(''),
    ]);
    const part = (type: number, content: Buffer) => Buffer.concat([Buffer.of(type), wireString(content)]);
    const serial = fc.integer({ min: 1, max: 40 });
    const { certificate, ...offered } = fixtureCertificate('ed25519');
    fc.assert(
      fc.property(
        fc.array(serial),
        fc.tuple(serial, serial),
        fc.tuple(serial, fc.array(fc.nat(15))),
        (list, [one, other], [offset, bits]) => {
          const [low, high] = [Math.min(one, other), Math.max(one, other)];
          const bitmap = bits.reduce((value, bit) => value | (1n << BigInt(bit)), 0n);
          const bitmapBytes = Buffer.from(bitmap.toString(16).padStart(4, '0'), 'hex');
          const content = Buffer.concat([
            wireString(fixtureKey('authority').blob),
            wireString(''),
            part(0x20, Buffer.concat(list.map((each) => wireU64(BigInt(each))))),
            part(0x21, Buffer.concat([wireU64(BigInt(low)), wireU64(BigInt(high))])),
            part(0x22, Buffer.concat([wireU64(BigInt(offset)), wireMpint(bitmapBytes)])),
          ]);
          const revocations = readRevocations(Buffer.concat([header, part(1, content)]), 'list');
          for (let each = 1; each <= 60; each++) {
            const expected =
              list.includes(each) ||
              (each >= low && each <= high) ||
              bits.some((bit) => offset + bit === each);
            const found = findRevocation(revocations, {
              ...offered,
              certificate: { ...certificate, serial: BigInt(each) },
            });
            expect(found !== null).toBe(expected);
          }
        },
      ),
    );
  });
});
