import { describe, expect, it } from 'vitest';
import { encodeHeader } from '../../../src/framing/encode.ts';
import { frame } from '../../fixtures/framing/frames.ts';

describe('the header of a frame', () => {
  it.each([
    ['an empty payload', frame(0x12, 3), '00000005 12 00000003'],
    ['a short payload', frame(0x20, 1, 'abc'), '00000008 20 00000001'],
    ['the largest channel', frame(0x4f, 0xffff_ffff, 'x'), '00000006 4f ffffffff'],
    ['the link itself', frame(0x03, 0, '12345678'), '0000000d 03 00000000'],
    ['the largest payload', frame(0x20, 1, new Uint8Array(1_048_571)), '00100000 20 00000001'],
  ])('has length, type and channel in network order: %s', (_name, item, hex) => {
    expect(Buffer.from(encodeHeader(item)).toString('hex')).toBe(hex.replaceAll(' ', ''));
  });

  it('has memory of its own each time', () => {
    const first = encodeHeader(frame(0x20, 1));
    encodeHeader(frame(0x21, 2));
    expect(Buffer.from(first).toString('hex')).toBe('000000052000000001');
  });
});
