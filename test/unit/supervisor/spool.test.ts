import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { OutputNumber, StreamCounts } from '../../../src/supervisor/spool/segment.ts';
import { type ReadOptions, readSpool, type SpoolSource } from '../../../src/supervisor/spool/spool-reader.ts';
import { createSpoolWriter, type SpoolWriter } from '../../../src/supervisor/spool/spool-writer.ts';

const LIMITS = { segmentBytes: 100, headSegments: 2, tailSegments: 3 };
const ALL: ReadOptions = { sinceMs: 0, follow: false, pinned: false };

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rexa-spool-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function makeWriter(folder: string, failures: Error[] = []): SpoolWriter {
  return createSpoolWriter(folder, LIMITS, (error) => failures.push(error));
}

function ofWriter(folder: string, writer: SpoolWriter): SpoolSource {
  return { folder, job: 'a-job', live: writer.live, totals: null };
}

function ofDisk(folder: string, totals: StreamCounts | null = null): SpoolSource {
  return { folder, job: 'a-job', live: null, totals };
}

interface Read {
  readonly stdout: string;
  readonly stderr: string;
  readonly gaps: readonly StreamCounts[];
}

async function readAll(source: SpoolSource, options: Partial<ReadOptions> = {}): Promise<Read> {
  const text: [string, string] = ['', ''];
  const gaps: StreamCounts[] = [];
  for await (const item of readSpool(source, { ...ALL, ...options })) {
    if (item.kind === 'gap') {
      gaps.push(item.missing);
      text[0] += '…';
    } else text[item.stream] += Buffer.from(item.bytes).toString();
  }
  return { stdout: text[0], stderr: text[1], gaps };
}

/** Lines of ten bytes, each written alone. */
async function writeLines(writer: SpoolWriter, count: number, stream: OutputNumber = 0): Promise<string> {
  let all = '';
  for (let index = 0; index < count; index++) {
    const line = `line ${String(index).padStart(4, '0')}\n`;
    all += line;
    await writer.write(stream, Buffer.from(line));
  }
  return all;
}

describe('a spool', () => {
  it.each([false, true])(
    'gives back what was written, each stream apart, while it is %s that it is ended',
    async (isEnded) => {
      const folder = makeFolder();
      const writer = makeWriter(folder);
      void writer.write(0, Buffer.from('one '));
      void writer.write(1, Buffer.from('other'));
      await writer.write(0, Buffer.from('two'));
      if (isEnded) await writer.end();
      expect(await readAll(ofWriter(folder, writer))).toEqual({
        stdout: 'one two',
        stderr: 'other',
        gaps: [],
      });
      expect(await readAll(ofDisk(folder))).toEqual({ stdout: 'one two', stderr: 'other', gaps: [] });
      await writer.end();
    },
  );

  it('has no file for a job that wrote nothing', async () => {
    const folder = makeFolder();
    const writer = makeWriter(folder);
    await writer.end();
    expect(readdirSync(folder)).toEqual([]);
    expect((await readAll(ofDisk(folder, [0, 0]))).stdout).toBe('');
  });

  it('is followed by a reader up to its end', async () => {
    const folder = makeFolder();
    const writer = makeWriter(folder);
    const reading = readAll(ofWriter(folder, writer), { follow: true });
    const written = await writeLines(writer, 8);
    await writer.end();
    expect(await reading).toEqual({ stdout: written, stderr: '', gaps: [] });
  });

  it('keeps its head and its tail, and says how much is missing between them, where it is missing', async () => {
    const folder = makeFolder();
    const writer = makeWriter(folder);
    const written = await writeLines(writer, 100);
    await writer.end();
    const files = readdirSync(folder).map(Number);
    expect(files.slice(0, 2)).toEqual([0, 1]);
    expect(files.length).toBe(2 + 3);
    for (const source of [ofWriter(folder, writer), ofDisk(folder, [1000, 0])]) {
      const { stdout, gaps } = await readAll(source);
      const [head = '', tail = ''] = stdout.split('…');
      expect(written.startsWith(head) && written.endsWith(tail)).toBe(true);
      expect(head.length).toBeGreaterThan(0);
      expect(tail.length).toBeGreaterThan(0);
      expect(gaps).toEqual([[1000 - head.length - tail.length, 0]]);
    }
  });

  it('waits for a reader that must not miss a byte, and goes on when it has gone', async () => {
    const folder = makeFolder();
    const writer = makeWriter(folder);
    const items = readSpool(ofWriter(folder, writer), { sinceMs: 0, follow: true, pinned: true });
    const first = items.next();
    let isDone = false;
    const writing = writeLines(writer, 100).then((all) => {
      isDone = true;
      return all;
    });
    await first;
    // The writer is stuck: all that it may keep is on the disk, and no file more
    while (readdirSync(folder).length < LIMITS.headSegments + LIMITS.tailSegments)
      await new Promise(setImmediate);
    for (let round = 0; round < 50; round++) await new Promise(setImmediate);
    expect([isDone, writer.live.firstTail]).toEqual([false, 2]);
    await items.return(undefined);
    await writing;
    expect(writer.live.firstTail).toBeGreaterThan(2);
    await writer.end();
  });

  it('loses nothing to such a reader, however slow it is', async () => {
    const folder = makeFolder();
    const writer = makeWriter(folder);
    const reading = (async () => {
      let text = '';
      for await (const item of readSpool(ofWriter(folder, writer), {
        sinceMs: 0,
        follow: true,
        pinned: true,
      })) {
        if (item.kind === 'bytes') text += Buffer.from(item.bytes).toString();
        for (let round = 0; round < 5; round++) await new Promise(setImmediate);
      }
      return text;
    })();
    const written = await writeLines(writer, 200);
    await writer.end();
    expect(await reading).toBe(written);
  });

  it('is read from a time on, from the start of the line', async () => {
    const folder = makeFolder();
    const writer = makeWriter(folder);
    await writer.write(0, Buffer.from('old\nbegun '));
    const soon = Date.now() + 1;
    while (Date.now() < soon);
    const sinceMs = Date.now();
    await writer.write(0, Buffer.from('new'));
    await writer.end();
    expect((await readAll(ofDisk(folder), { sinceMs })).stdout).toBe('begun new');
  });

  it('keeps a record that is larger than a file, and than a read', async () => {
    const folder = makeFolder();
    const writer = makeWriter(folder);
    const large = Buffer.alloc(700_000, 'x');
    await writer.write(0, large);
    await writer.write(0, Buffer.from('end'));
    await writer.end();
    const { stdout } = await readAll(ofDisk(folder));
    expect(stdout.length).toBe(700_003);
    expect(stdout.endsWith('xend')).toBe(true);
  });
});

describe('a spool that fails', () => {
  it('counts what it cannot keep, says so once, and gives back what it has', async () => {
    const folder = makeFolder();
    const failures: Error[] = [];
    const writer = makeWriter(folder, failures);
    const written = await writeLines(writer, 3);
    // The next file cannot be made
    rmSync(folder, { recursive: true });
    await writeLines(writer, 10);
    await writer.end();
    expect(failures.length).toBe(1);
    expect(writer.live.totals).toEqual([130, 0]);
    await expect(readAll(ofWriter(folder, writer))).rejects.toThrow(
      /the output of the job a-job was removed/,
    );
    expect(written.length).toBe(30);
  });

  it.runIf(process.getuid?.() !== 0)('is told by the gap at its end', async () => {
    const folder = makeFolder();
    const writer = makeWriter(folder);
    await writeLines(writer, 3);
    chmodSync(folder, 0o500);
    await writeLines(writer, 10);
    await writer.end();
    chmodSync(folder, 0o700);
    const { gaps } = await readAll(ofWriter(folder, writer));
    expect(gaps.length).toBe(1);
  });

  it('tells what was taken away from the disk as missing', async () => {
    const folder = makeFolder();
    const writer = makeWriter(folder);
    await writeLines(writer, 20);
    await writer.end();
    rmSync(join(folder, '00000001'));
    const { stdout, gaps } = await readAll(ofDisk(folder, [200, 0]));
    expect(gaps.length).toBe(1);
    expect(stdout.length - 1 + (gaps[0]?.[0] ?? 0)).toBe(200);
  });

  it('is read as far as a writer got that was killed in the middle of a record', async () => {
    const folder = makeFolder();
    const writer = makeWriter(folder);
    await writer.write(0, Buffer.from('0123456789'));
    await writer.write(0, Buffer.from('abcdefghij'));
    await writer.end();
    for (const [cut, expected] of [
      [5, '0123456789abcde'],
      [12, '0123456789'],
      [21, '0123456789'],
    ] as const) {
      truncateSync(join(folder, '00000000'), 28 + 2 * 30 - cut);
      expect((await readAll(ofDisk(folder))).stdout).toBe(expected);
    }
  });

  it('is damaged where the outcome is known and its last record is cut off', async () => {
    const folder = makeFolder();
    const writer = makeWriter(folder);
    await writeLines(writer, 2);
    await writer.end();
    for (const cut of [5, 12]) {
      truncateSync(join(folder, '00000000'), 28 + 2 * 30 - cut);
      await expect(readAll(ofDisk(folder, [20, 0]))).rejects.toThrow(/the record is cut off/);
    }
  });

  it('never gives back a changed byte: one flipped bit anywhere is damage', async () => {
    const folder = makeFolder();
    const writer = makeWriter(folder);
    await writer.write(0, Buffer.from('ab'));
    await writer.end();
    const file = join(folder, '00000000');
    const whole = readFileSync(file);
    const noticed: number[] = [];
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      writeFileSync(file, flipped);
      await readAll(ofDisk(folder, [2, 0])).catch(() => noticed.push(bit));
    }
    expect(noticed.length).toBe(whole.length * 8);
  });

  it('is not gone when its job wrote nothing and only the folder is missing', async () => {
    const folder = join(makeFolder(), 'missing');
    expect(await readAll(ofDisk(folder, [0, 0]))).toEqual({ stdout: '', stderr: '', gaps: [] });
    await expect(readAll(ofDisk(folder, [1, 0]))).rejects.toThrow(/the output of the job a-job was removed/);
    await expect(readAll(ofDisk(folder))).rejects.toThrow(/the output of the job a-job was removed/);
  });

  it.each([
    ['whose head is damaged', Buffer.alloc(24)],
    ['with bytes that are no record', Buffer.concat([Buffer.from('RXSP\0\0\0\x02'), Buffer.alloc(48)])],
  ])('%s says so', async (_what, bytes) => {
    const folder = makeFolder();
    writeFileSync(join(folder, '00000000'), bytes);
    await expect(readAll(ofDisk(folder))).rejects.toThrow(/cannot read the output of the job a-job/);
  });
});
