import { describe, expect, it } from 'vitest';
import type { ChannelId, StreamNumber } from '../../../src/framing/frame.ts';
import { encodeCredit, readCredit } from '../../../src/protocol/credit-frame.ts';
import { frame } from '../../fixtures/framing/frames.ts';
import { codeOf } from '../../fixtures/protocol/error-code.ts';

const STREAM = 3 as StreamNumber;

function creditFrame(offset: bigint) {
  const payload = new Uint8Array(8);
  new DataView(payload.buffer).setBigUint64(0, offset);
  return frame(0x43, 5, payload);
}

describe('a credit frame', () => {
  it.each([0, 1, 262_144, 2 ** 32, Number.MAX_SAFE_INTEGER])('says offset %i as eight bytes', (offset) => {
    const credit = encodeCredit(5 as ChannelId, STREAM, offset);
    expect(credit).toEqual(creditFrame(BigInt(offset)));
    expect(readCredit(credit, STREAM)).toBe(offset);
  });

  it.each([2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n])(
    'may not say %s, which nobody can count',
    (offset) => {
      expect(codeOf(() => readCredit(creditFrame(offset), STREAM))).toBe('CREDIT_INVALID');
    },
  );

  it.each([0, 4, 7, 9])('of %i bytes is none', (bytes) => {
    expect(codeOf(() => readCredit(frame(0x43, 5, new Uint8Array(bytes)), STREAM))).toBe('FRAME_PAYLOAD');
  });
});
