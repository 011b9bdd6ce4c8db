import { describe, expect, it } from 'vitest';
import { keepChunk, recycleBytes } from '../../../src/runtime/chunk-memory.ts';
import { SLAB_BYTES } from '../../../src/runtime/limits.ts';

/** A chunk in a slab, all of one byte. */
function keepLarge(byte: number, length = SLAB_BYTES): Buffer {
  return keepChunk(Buffer.alloc(length, byte));
}

describe('the memory of a chunk', () => {
  it('is just as large as a small chunk', () => {
    const chunk = keepChunk(Buffer.from('small'));
    expect(chunk.toString()).toBe('small');
    expect(chunk.buffer.byteLength).toBe(5);
  });

  it.each([SLAB_BYTES / 2 + 1, SLAB_BYTES])('holds the bytes of a large chunk of %i', (length) => {
    const bytes = Buffer.alloc(length, 'abc');
    expect(keepChunk(bytes).equals(bytes)).toBe(true);
  });

  it('is used again once it was given back, and not before', () => {
    const [first, second] = [keepLarge(1), keepLarge(2)];
    expect(second.buffer).not.toBe(first.buffer);
    recycleBytes(first);
    expect(keepLarge(3).buffer).toBe(first.buffer);
    expect(second.every((byte) => byte === 2)).toBe(true);
  });

  it('may be given back in parts, in any order, and is used again when all are back', () => {
    const chunk = keepLarge(1, SLAB_BYTES - 7);
    recycleBytes(chunk.subarray(100));
    expect(keepLarge(2).buffer).not.toBe(chunk.buffer);
    recycleBytes(chunk.subarray(0, 100));
    expect(keepLarge(3).buffer).toBe(chunk.buffer);
  });

  it('is used once, though it was given back twice', () => {
    const chunk = keepLarge(1);
    recycleBytes(chunk);
    recycleBytes(chunk);
    const [first, second] = [keepLarge(2), keepLarge(3)];
    expect(first.buffer).not.toBe(second.buffer);
  });

  it('that comes from elsewhere is left alone', () => {
    const foreign = Buffer.allocUnsafeSlow(SLAB_BYTES);
    recycleBytes(foreign);
    expect(keepLarge(1).buffer).not.toBe(foreign.buffer);
  });
});
