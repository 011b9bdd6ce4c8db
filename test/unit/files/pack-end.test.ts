import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Compress, packEnd } from '../../../src/files/pack-end.ts';
import { createUnpackingReader } from '../../../src/files/records.ts';
import type { TransferEnd } from '../../../src/files/transfer-end.ts';
import { codeOf } from '../../fixtures/auth/fixtures.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import { openReceiver, openSender, type RawRecord, writeRecords } from '../../fixtures/files-peer.ts';

/** Copies a folder. @returns how many bytes the sender sent */
async function copy(within: string, compress: Compress): Promise<number> {
  mkdirSync(join(within, 'dst'));
  const from = packEnd(await openSender({ sources: [`${within}/src/.`] }), compress);
  const to = await openReceiver({ target: join(within, 'dst') });
  let sent = 0;
  while (from.state !== 'done' || to.state !== 'done') {
    for (const piece of from.produce()) {
      sent += piece.length;
      // In pieces that split everything
      for (let at = 0; at < piece.length; at += 5000)
        await to.receive(Buffer.from(piece.subarray(at, at + 5000)));
    }
    for (const piece of to.produce()) await from.receive(piece);
  }
  await from.close();
  await to.close();
  return sent;
}

function makeSource(): { readonly within: string; readonly text: Buffer } {
  const within = makeFilesFolder();
  mkdirSync(join(within, 'src'));
  const text = Buffer.alloc(3_000_000, 'all work and no play\n');
  writeFileSync(join(within, 'src/large'), text);
  for (let n = 0; n < 50; n++) writeFileSync(join(within, `src/small${n}`), text.subarray(0, 5000));
  return { within, text };
}

/** An end that always has a chunk to send. */
function createEndless(chunk: Buffer): TransferEnd {
  return {
    receive: () => undefined,
    produce: () => [chunk],
    state: 'busy',
    close: () => undefined,
  };
}

/**
 * Lets an end send chunks over a path that takes so long for each.
 * @param busyLook the machine is busy for 60 s before the clock is looked at for this time
 * @returns the bytes of each
 */
function sendOver(msPerChunk: number, chunk: Buffer, count: number, busyLook = -1): readonly number[] {
  let nowMs = 0;
  let looks = 0;
  const end = packEnd(createEndless(chunk), 'auto', () => {
    if (looks++ === busyLook) nowMs += 60_000;
    return nowMs;
  });
  return Array.from({ length: count }, () => {
    const bytes = end.produce().reduce((sum, { length }) => sum + length, 0);
    nowMs += msPerChunk;
    return bytes;
  });
}

describe('a transfer with compression', () => {
  it('arrives as it was sent, in fewer bytes', async () => {
    const { within, text } = makeSource();
    expect(await copy(within, 'always')).toBeLessThan(100_000);
    expect(readFileSync(join(within, 'dst/large')).equals(text)).toBe(true);
    expect(readFileSync(join(within, 'dst/small7')).equals(text.subarray(0, 5000))).toBe(true);
  });

  it('never sends records as they are', async () => {
    expect(await copy(makeSource().within, 'never')).toBeGreaterThan(3_000_000);
  });
});

describe('compression by measurement', () => {
  const text = Buffer.alloc(262_144, 'all work and no play\n');
  const noise = Buffer.concat(Array.from({ length: 8192 }, (_, n) => hash('sha256', String(n), 'buffer')));

  it('begins on a path that is slower than the compressor', () => {
    const sent = sendOver(100, text, 20);
    expect(sent.slice(0, 3)).toEqual([262_144, 262_144, 262_144]);
    expect(sent.at(-1)).toBeLessThan(10_000);
  });

  it('does not begin on a path that is faster', () => {
    expect(new Set(sendOver(0.1, text, 5000))).toEqual(new Set([262_144]));
  });

  it('goes on after a moment in which the machine was busy, whenever that was', () => {
    const stopped = Array.from({ length: 60 }, (_, look) => look).filter(
      (look) => (sendOver(100, text, 60, look).at(-1) ?? 0) > 10_000,
    );
    expect(stopped).toEqual([]);
  });

  it('sends a few bytes as they are, and does not take them for all that follows', () => {
    const few = Buffer.from('x'.repeat(1000));
    let chunk: Buffer = text;
    let nowMs = 0;
    const endless: TransferEnd = { ...createEndless(text), produce: () => [chunk] };
    const end = packEnd(endless, 'always', () => nowMs++);
    const send = (bytes: Buffer): number => {
      chunk = bytes;
      return end.produce().reduce((sum, { length }) => sum + length, 0);
    };
    expect(send(few)).toBe(few.length);
    expect(send(noise.subarray(0, 100))).toBe(100);
    expect(send(text)).toBeLessThan(10_000);
  });

  it('sends what does not get smaller as it is', () => {
    expect(new Set(sendOver(100, noise, 100))).toEqual(new Set([noise.length]));
  });
});

describe('packed records', () => {
  const records = writeRecords([[{ type: 'leave', whole: true }], [{ type: 'finish' }]]);
  const pack = (data: Uint8Array, bytes: unknown): RawRecord => [{ type: 'packed', bytes }, data];

  function read(...raw: readonly RawRecord[]): readonly unknown[] {
    const reader = createUnpackingReader();
    reader.push(writeRecords(raw));
    const found: unknown[] = [];
    for (let event = reader.next(); event !== null; event = reader.next())
      found.push(event.kind === 'header' ? event.value : event.bytes);
    return found;
  }

  it('are read like others', () => {
    expect(read(pack(zstdCompressSync(records), records.length))).toEqual([
      { type: 'leave', whole: true },
      { type: 'finish' },
    ]);
  });

  const wide = { params: { [constants.ZSTD_c_windowLog]: 27 } };
  const zeros = Buffer.alloc(50_000_000);
  it.each<readonly [string, Uint8Array, unknown]>([
    ['more than was announced', zstdCompressSync(records), records.length - 1],
    ['less than was announced', zstdCompressSync(records), records.length + 1],
    ['a bomb', zstdCompressSync(zeros), 1_048_576],
    ['more than 1 MiB', zstdCompressSync(zeros), zeros.length],
    ['a wide window', zstdCompressSync(zeros, wide), 1_048_576],
    ['nothing', new Uint8Array(0), 10],
    ['no zstd', Buffer.from('not compressed'), 14],
    ['a length that is none', zstdCompressSync(records), '17'],
    ['a negative length', zstdCompressSync(records), -1],
    ['a part of a record', zstdCompressSync(records.subarray(0, 12)), 12],
  ])('with %s are refused', (_, data, bytes) => {
    expect(codeOf(() => read(pack(data, bytes)))).toBe('FILES_PROTOCOL');
  });

  it('within packed records are passed on to whoever refuses them', () => {
    const inner = writeRecords([pack(zstdCompressSync(records), records.length)]);
    expect(read(pack(zstdCompressSync(inner), inner.length))[0]).toMatchObject({ type: 'packed' });
  });
});
