import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameDecoder } from '../../../src/framing/decode.ts';
import type { Frame } from '../../../src/framing/frame.ts';
import { decodeRest, encodeFrames, frame, plain } from '../../fixtures/framing/frames.ts';

const MAX = 2_000;

const anyFrame = fc
  .tuple(
    fc.integer({ min: 0, max: 0xff }),
    fc.integer({ min: 0, max: 0xffff_ffff }),
    fc.uint8Array({ maxLength: MAX - 5, size: 'max' }),
  )
  .map(([type, channel, payload]) => frame(type, channel, payload));

/** Where reads end, as parts of a thousand, and which of them get memory of their own. */
const anySplit = fc.array(fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.boolean()), { maxLength: 30 });

function split(bytes: Uint8Array, cuts: readonly (readonly [number, boolean])[]): Uint8Array[] {
  const sorted = cuts
    .map(([part, own]) => ({ at: Math.floor((part * bytes.length) / 1000), own }))
    .toSorted((a, b) => a.at - b.at);
  const starts = [{ at: 0, own: false }, ...sorted];
  return starts.map(({ at, own }, index) => {
    const piece = bytes.subarray(at, starts[index + 1]?.at ?? bytes.length);
    return own ? piece.slice() : piece;
  });
}

/** What a decoder has to say of all pushes together. */
function decode(pushes: readonly Uint8Array[]): string[] {
  const decoder = createFrameDecoder(MAX);
  const said: string[] = [];
  for (const bytes of pushes) {
    decoder.push(bytes);
    const { frames, last } = decodeRest(decoder);
    said.push(...frames.map(plain));
    if (last.kind === 'refused') return [...said, `refused ${last.reason} ${last.lengthBytes}`];
  }
  return [...said, decoder.isAtBoundary ? 'boundary' : 'cut'];
}

/** The same with all bytes at once, written down as simply as can be. */
function decodeNaively(bytes: Uint8Array): string[] {
  const said: string[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (bytes.length - at >= 4) {
    const length = view.getUint32(at);
    if (length > MAX) return [...said, `refused too-large ${length}`];
    if (length < 5) return [...said, `refused too-short ${length}`];
    if (bytes.length - at < 4 + length) return [...said, 'cut'];
    const payload = Buffer.from(bytes.subarray(at + 9, at + 4 + length));
    said.push(`${view.getUint8(at + 4)} ${view.getUint32(at + 5)} ${payload.toString('hex')}`);
    at += 4 + length;
  }
  return [...said, at === bytes.length ? 'boundary' : 'cut'];
}

describe('frames, encoded and decoded', () => {
  it('come out as they went in, however their bytes are split', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 8 }), anySplit, (frames, cuts) => {
        expect(decode(split(encodeFrames(frames), cuts))).toEqual([...frames.map(plain), 'boundary']);
      }),
      { numRuns: 500 },
    );
  });

  it('come out as they went in, cut at every single place', () => {
    const frames: readonly Frame[] = [frame(0x20, 1, 'abcdefg'), frame(0x30, 1), frame(0x11, 2, '{}')];
    const bytes = encodeFrames(frames);
    const whole = [...frames.map(plain), 'boundary'];
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const pieces = [bytes.slice(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        expect(decode(pieces)).toEqual(whole);
      }
    }
  });

  it('are told as a naive twin tells them, whatever the bytes are and however they are split', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.array(anyFrame, { maxLength: 3 }), fc.uint8Array({ maxLength: 40 }))
        .map(([frames, tail]) => new Uint8Array(Buffer.concat([encodeFrames(frames), tail]))),
      // Small numbers in front make lengths that are nearly right.
      fc
        .array(fc.constantFrom(0, 0, 0, 1, 5, 7, 9), { maxLength: 100 })
        .map((items) => Uint8Array.from(items)),
    );
    fc.assert(
      fc.property(bytes, anySplit, (wire, cuts) => {
        expect(decode(split(wire, cuts))).toEqual(decodeNaively(wire));
      }),
      { numRuns: 2000 },
    );
  });
});
