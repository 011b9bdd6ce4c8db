import { describe, expect, it } from 'vitest';
import { decodeArmored, decodeBase64, encodeArmored } from '../../../src/auth/base64.ts';
import { WireReader } from '../../../src/auth/wire-reader.ts';
import { wireMpint, wireString, wireU32 } from '../../../src/auth/wire-writer.ts';
import { RexaError } from '../../../src/protocol/errors.ts';
import { codeOf } from '../../fixtures/auth/fixtures.ts';

function read(bytes: readonly number[] | Buffer): WireReader {
  return new WireReader(Buffer.from(bytes), (reason) => new RexaError('KEY_MALFORMED', ['it', reason]));
}

describe('reading the SSH wire format', () => {
  it('gives back what was written', () => {
    const bytes = Buffer.concat([
      wireU32(0xffff_ffff),
      wireString('grüß'),
      wireString(Buffer.of(0, 1)),
      wireMpint(Buffer.of(0x80, 0)),
      wireMpint(Buffer.of(0, 0, 0x7f)),
      wireMpint(Buffer.of(0, 0)),
    ]);
    const reader = read(bytes);
    expect(reader.readU32()).toBe(0xffff_ffff);
    expect(reader.readText()).toBe('grüß');
    expect(reader.readString()).toEqual(Buffer.of(0, 1));
    expect(reader.readMpint(2)).toEqual(Buffer.of(0x80, 0));
    expect(reader.readMpint(2)).toEqual(Buffer.of(0x7f));
    expect(reader.readMpint(2)).toEqual(Buffer.alloc(0));
    expect(codeOf(() => reader.expectEnd())).toBeNull();
  });

  it.each([
    ['a byte of nothing', [], (reader: WireReader) => reader.readByte()],
    ['a u32 of three bytes', [0, 0, 0], (reader: WireReader) => reader.readU32()],
    ['a u64 of seven bytes', [0, 0, 0, 0, 0, 0, 0], (reader: WireReader) => reader.readU64()],
    [
      'a string one byte longer than what is there',
      [0, 0, 0, 2, 65],
      (reader: WireReader) => reader.readString(),
    ],
    ['a string of 4 GiB', [255, 255, 255, 255, 65], (reader: WireReader) => reader.readString()],
    ['a text with a NUL', [0, 0, 0, 1, 0], (reader: WireReader) => reader.readText()],
    ['a text that is not UTF-8', [0, 0, 0, 1, 0xff], (reader: WireReader) => reader.readText()],
    ['a negative number', [0, 0, 0, 1, 0x80], (reader: WireReader) => reader.readMpint(9)],
    ['a number with a leading zero', [0, 0, 0, 2, 0, 0x7f], (reader: WireReader) => reader.readMpint(9)],
    ['a zero that is written out', [0, 0, 0, 1, 0], (reader: WireReader) => reader.readMpint(9)],
    ['a number longer than allowed', [0, 0, 0, 2, 1, 1], (reader: WireReader) => reader.readMpint(1)],
    ['an end that is not one', [0], (reader: WireReader) => reader.expectEnd()],
  ])('refuses %s', (_, bytes, act) => {
    expect(codeOf(() => act(read(bytes)))).toBe('KEY_MALFORMED');
  });

  it('reads within a nested string, and never beyond it', () => {
    const nested = read(Buffer.concat([wireString(Buffer.of(1, 2)), Buffer.of(3)])).readNested();
    expect([nested.readByte(), nested.readByte()]).toEqual([1, 2]);
    expect(codeOf(() => nested.readByte())).toBe('KEY_MALFORMED');
  });

  it('reads bytes that lie in the middle of a larger buffer', () => {
    const middle = Buffer.from([9, 9, 0, 0, 0, 1, 65, 9]).subarray(2, 7);
    const reader = new WireReader(new Uint8Array(middle), () => new RexaError('INTERNAL'));
    expect(reader.readText()).toBe('A');
    expect(reader.remaining).toBe(0);
  });
});

describe('base64', () => {
  it.each([
    ['', Buffer.alloc(0)],
    ['QQ==', Buffer.from('A')],
    ['QUI=', Buffer.from('AB')],
    ['+/+/', Buffer.of(0xfb, 0xff, 0xbf)],
  ])('decodes %j', (text, bytes) => {
    expect(decodeBase64(text)).toEqual(bytes);
  });

  it.each(['QQ', 'QQ=', 'QR==', 'QUJ=', 'Q Q=', 'QQ==\n', '-_-_', 'QQ==QQ==', '====', 'Q==='])(
    'refuses %j',
    (text) => {
      expect(decodeBase64(text)).toBeNull();
    },
  );

  it('finds its way between the lines of a PEM file', () => {
    const bytes = Buffer.from(Array.from({ length: 200 }, (_, index) => index));
    const text = encodeArmored(bytes, 'THING');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBe(70);
    expect(decodeArmored(`before\n${text.replaceAll('\n', '\r\n')}after`, 'THING')).toEqual(bytes);
    expect(decodeArmored(text, 'OTHER')).toBeNull();
    expect(decodeArmored(text.replace('END', 'FIN'), 'THING')).toBeNull();
  });
});
