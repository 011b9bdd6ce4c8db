import { describe, expect, it } from 'vitest';
import { createFrameDecoder } from '../../../src/framing/decode.ts';
import { decodeRest, encodeFrames, frame, plain } from '../../fixtures/framing/frames.ts';

const MAX = 1_048_576;

/** The four bytes of a length field. */
function lengthField(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

describe('the frame decoder', () => {
  it('gives whole frames in order and waits for the rest', () => {
    const frames = [frame(0x10, 1, '{}'), frame(0x20, 1, 'abc'), frame(0x30, 1), frame(0x12, 1, '{}')];
    const bytes = encodeFrames(frames);
    const decoder = createFrameDecoder(MAX);
    decoder.push(bytes.subarray(0, bytes.length - 1));
    const before = decodeRest(decoder);
    expect(before.frames.map(plain)).toEqual(frames.slice(0, 3).map(plain));
    expect(before.last.kind).toBe('incomplete');
    decoder.push(bytes.subarray(bytes.length - 1));
    expect(decodeRest(decoder).frames.map(plain)).toEqual([plain(frames[3] ?? frame(0, 0))]);
  });

  it('says incomplete again and again, and takes an empty push', () => {
    const decoder = createFrameDecoder(MAX);
    expect(decoder.next().kind).toBe('incomplete');
    decoder.push(new Uint8Array(0));
    expect(decoder.next().kind).toBe('incomplete');
    decoder.push(lengthField(9));
    expect(decoder.next().kind).toBe('incomplete');
    decoder.push(new Uint8Array(0));
    expect([decoder.next().kind, decoder.next().kind]).toEqual(['incomplete', 'incomplete']);
  });

  it.each([0, 1, 2, 3, 4])('refuses length %i as too short, which no frame can have', (length) => {
    const decoder = createFrameDecoder(MAX);
    decoder.push(lengthField(length));
    expect(decoder.next()).toEqual({ kind: 'refused', reason: 'too-short', lengthBytes: length });
  });

  it.each([MAX + 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff])(
    'refuses length %i with four bytes there',
    (length) => {
      const decoder = createFrameDecoder(MAX);
      decoder.push(lengthField(length));
      expect(decoder.next()).toEqual({ kind: 'refused', reason: 'too-large', lengthBytes: length });
    },
  );

  it('judges no length before its fourth byte', () => {
    const decoder = createFrameDecoder(MAX);
    for (const byte of [0xff, 0xff, 0xff]) {
      decoder.push(Uint8Array.of(byte));
      expect(decoder.next().kind).toBe('incomplete');
    }
    decoder.push(Uint8Array.of(0xff));
    expect(decoder.next().kind).toBe('refused');
  });

  it('stays refused whatever comes behind', () => {
    const decoder = createFrameDecoder(MAX);
    decoder.push(Buffer.concat([lengthField(2), Buffer.alloc(20)]));
    expect(decoder.next().kind).toBe('refused');
    decoder.push(encodeFrames([frame(0x10, 1, '{}')]));
    expect(decoder.next().kind).toBe('refused');
  });

  it('takes the least and the largest length', () => {
    const frames = [frame(0x12, 7), frame(0x20, 7, new Uint8Array(MAX - 5).fill(7))];
    const decoder = createFrameDecoder(MAX);
    decoder.push(encodeFrames(frames));
    const { frames: decoded, last } = decodeRest(decoder);
    expect(decoded.map((item) => item.payload.length)).toEqual([0, MAX - 5]);
    expect(last.kind).toBe('incomplete');
  });

  it('makes no room for a payload of which no byte has come', () => {
    const header = encodeFrames([frame(0x20, 1, new Uint8Array(MAX - 5))]).slice(0, 9);
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 64 }, () => {
      const decoder = createFrameDecoder(MAX);
      decoder.push(header);
      decoder.next();
      return decoder;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(decoders.length * 64 * 1024);
  });

  it('gives a payload as a view of what was pushed', () => {
    const bytes = encodeFrames([frame(0x20, 1, 'abc'), frame(0x20, 1, 'def')]);
    const decoder = createFrameDecoder(MAX);
    decoder.push(bytes);
    expect(decodeRest(decoder).frames.map((item) => item.payload.buffer === bytes.buffer)).toEqual([
      true,
      true,
    ]);
  });

  it.each([3, 9, 10, 14])('gives a view, too, of two pushes that lie behind each other, cut at %i', (cut) => {
    const bytes = encodeFrames([frame(0x20, 1, 'abcdef')]);
    const decoder = createFrameDecoder(MAX);
    decoder.push(bytes.subarray(0, cut));
    expect(decoder.next().kind).toBe('incomplete');
    decoder.push(bytes.subarray(cut));
    const { frames } = decodeRest(decoder);
    expect(frames.map(plain)).toEqual([plain(frame(0x20, 1, 'abcdef'))]);
    expect(frames[0]?.payload.buffer).toBe(bytes.buffer);
  });

  it('puts a payload together that lies in several memories, the middle one in the same as the first', () => {
    const bytes = encodeFrames([frame(0x20, 1, 'abcdefghij'), frame(0x21, 1, 'k')]);
    const decoder = createFrameDecoder(MAX);
    for (const piece of [
      bytes.subarray(0, 11),
      bytes.subarray(11, 13),
      bytes.slice(13, 15),
      bytes.slice(15),
    ]) {
      decoder.push(piece);
      if (piece.buffer === bytes.buffer) expect(decoder.next().kind).toBe('incomplete');
      else if (piece.length === 2) expect(decoder.next().kind).toBe('incomplete');
    }
    expect(decodeRest(decoder).frames.map(plain)).toEqual([
      plain(frame(0x20, 1, 'abcdefghij')),
      plain(frame(0x21, 1, 'k')),
    ]);
  });

  it('is not fooled by pushes of one memory that do not follow each other', () => {
    const memory = new Uint8Array(64);
    const bytes = encodeFrames([frame(0x20, 1, 'abcdef')]);
    memory.set(bytes.subarray(0, 12), 40);
    memory.set(bytes.subarray(12), 0);
    const decoder = createFrameDecoder(MAX);
    decoder.push(memory.subarray(40, 52));
    expect(decoder.next().kind).toBe('incomplete');
    decoder.push(memory.subarray(0, bytes.length - 12));
    expect(decodeRest(decoder).frames.map(plain)).toEqual([plain(frame(0x20, 1, 'abcdef'))]);
  });

  it('is at a boundary exactly between frames', () => {
    const bytes = encodeFrames([frame(0x20, 1, 'abc'), frame(0x30, 1)]);
    const decoder = createFrameDecoder(MAX);
    const boundaries: number[] = decoder.isAtBoundary ? [0] : [];
    for (let at = 0; at < bytes.length; at++) {
      decoder.push(bytes.slice(at, at + 1));
      decodeRest(decoder);
      if (decoder.isAtBoundary) boundaries.push(at + 1);
    }
    expect(boundaries).toEqual([0, 12, 21]);
  });
});
