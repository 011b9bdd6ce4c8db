import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDataWriter } from '../../../src/files/receive/data-writer.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';

/** Bytes that differ from those at other offsets. */
function makeData(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, n) => n % 251));
}

/** Writes data in pieces of a length. @returns what the file holds, and what was seen of the data */
async function write(data: Buffer, pieceBytes: number, first: number): Promise<readonly Buffer[]> {
  const path = join(makeFilesFolder(), 'f');
  const descriptor = openSync(path, 'w');
  const seen: Buffer[] = [];
  const writer = createDataWriter(descriptor, first, (bytes) => void seen.push(Buffer.from(bytes)));
  for (let at = 0; at < data.length; at += pieceBytes) await writer.write(data.subarray(at, at + pieceBytes));
  await writer.drain();
  closeSync(descriptor);
  return [readFileSync(path).subarray(first), Buffer.concat(seen)];
}

describe('a writer of data', () => {
  it.each([
    ['nothing', 0, 1, 0],
    ['one byte', 1, 1, 0],
    ['little at an offset', 1000, 7, 12_345],
    ['just one write', 1024 * 1024, 16_384, 0],
    ['many pieces', 5_000_001, 16_385, 0],
    ['pieces larger than a write', 9_000_000, 3_000_000, 1],
  ])('writes %s, and shows it in order', async (_, length, pieceBytes, first) => {
    const data = makeData(length);
    const [written, seen] = await write(data, pieceBytes, first);
    expect([written?.equals(data), seen?.equals(data)]).toEqual([true, true]);
  });

  it('goes on elsewhere', async () => {
    const path = join(makeFilesFolder(), 'f');
    const descriptor = openSync(path, 'w');
    const writer = createDataWriter(descriptor, 0, () => undefined);
    await writer.write(makeData(2_000_000));
    await writer.drain();
    writer.seek(3_000_000);
    await writer.write(makeData(10));
    await writer.drain();
    closeSync(descriptor);
    const expected = Buffer.concat([makeData(2_000_000), Buffer.alloc(1_000_000), makeData(10)]);
    expect(readFileSync(path).equals(expected)).toBe(true);
  });

  it.each([10, 100_000, 8_000_000])('fails where %i bytes cannot be written', async (length) => {
    const descriptor = openSync('/dev/full', 'w');
    const writer = createDataWriter(descriptor, 0, () => undefined);
    const fill = async (): Promise<void> => {
      for (let at = 0; at < length; at += 500_000)
        await writer.write(Buffer.alloc(Math.min(length, 500_000)));
      await writer.drain();
    };
    await expect(fill()).rejects.toMatchObject({ code: 'ENOSPC' });
    closeSync(descriptor);
  });
});
