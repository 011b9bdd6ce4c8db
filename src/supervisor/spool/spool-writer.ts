import fs, { type FileHandle } from 'node:fs/promises';
import { JOB_WRITE_BYTES } from '../limits.ts';
import { createLiveSpool, type LiveSpool, reportChange, type SpoolLimits } from './live-spool.ts';
import {
  encodeRecordHead,
  encodeSegmentHead,
  type OutputNumber,
  RECORD_HEAD_BYTES,
  SEGMENT_HEAD_BYTES,
  segmentPath,
} from './segment.ts';

/** Writes a job's output to its folder. */
export interface SpoolWriter {
  readonly live: LiveSpool;
  /**
   * Resolves when the bytes are in the file, or were thrown away because the spool has failed. They are copied nowhere:
   * until then nobody else writes to them.
   */
  write(stream: OutputNumber, bytes: Uint8Array): Promise<void>;
  /** No more comes: resolves when all is in the files. */
  end(): Promise<void>;
}

interface Waiting {
  readonly stream: OutputNumber;
  readonly bytes: Uint8Array;
  readonly timeMs: number;
  readonly done: () => void;
}

/**
 * @param handleFailure called once, with the first error of the disk: from then on nothing is kept any more, and only counted
 */
export function createSpoolWriter(
  folder: string,
  limits: SpoolLimits,
  handleFailure: (error: NodeJS.ErrnoException) => void,
): SpoolWriter {
  const live = createLiveSpool(limits);
  const waiting: Waiting[] = [];
  let file: FileHandle | null = null;
  /** Bytes of both streams that are in the files, or were dropped from them: without those that failed. */
  const kept: [number, number] = [0, 0];
  let state: 'kept' | 'failed' = 'kept';
  /** Null while nothing is written. */
  let draining: Promise<void> | null = null;

  /** What comes next, as far as one write takes it; at least one. */
  function takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const item of waiting) {
      bytes += RECORD_HEAD_BYTES + item.bytes.length;
      if (count > 0 && bytes > JOB_WRITE_BYTES) break;
      count++;
    }
    return waiting.splice(0, count);
  }

  async function drain(): Promise<void> {
    // What is written in the same turn goes to the disk together
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = takeBatch();
      if (state === 'failed') throwAway(batch);
      else await writeBatch(batch).catch((error: NodeJS.ErrnoException) => giveUp(error, batch));
      for (const { done } of batch) done();
    }
    draining = null;
  }

  async function writeBatch(batch: readonly Waiting[]): Promise<void> {
    if (file === null || live.offset >= limits.segmentBytes) await openNext();
    const parts = batch.flatMap(({ stream, bytes, timeMs }) => [
      encodeRecordHead(stream, timeMs, bytes),
      bytes,
    ]);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    await writeAll(parts, live.offset);
    live.offset += length;
    for (const { stream, bytes } of batch) {
      kept[stream] += bytes.length;
      live.totals[stream] += bytes.length;
    }
    reportChange(live);
  }

  async function openNext(): Promise<void> {
    await dropOldest();
    await file?.close();
    file = null;
    const next = segmentPath(folder, live.last + 1);
    file = await fs.open(next, 'wx', 0o600);
    try {
      await writeAll([encodeSegmentHead(kept)], 0);
    } catch (error) {
      // Half a head would look like damage
      await fs.rm(next, { force: true }).catch(() => undefined);
      throw error;
    }
    live.last += 1;
    live.offset = SEGMENT_HEAD_BYTES;
  }

  /** Makes room for one more file: behind the head only so many are kept. One that somebody must still read is waited for. */
  async function dropOldest(): Promise<void> {
    while (live.last + 1 - live.firstTail >= limits.tailSegments) {
      const oldest = live.firstTail;
      if ([...live.pins].some(({ segment }) => segment <= oldest)) {
        await live.changed.promise;
        continue;
      }
      live.firstTail += 1;
      await fs.rm(segmentPath(folder, oldest), { force: true });
    }
  }

  /** A write may be short, as on a disk that is just getting full: the next one says why. */
  async function writeAll(parts: readonly Uint8Array[], from: number): Promise<void> {
    if (file === null) return;
    let at = from;
    let rest = parts.filter((part) => part.length > 0);
    while (rest.length > 0) {
      const { bytesWritten } = await file.writev(rest, at);
      at += bytesWritten;
      rest = skipBytes(rest, bytesWritten);
    }
  }

  async function giveUp(failure: NodeJS.ErrnoException, batch: readonly Waiting[]): Promise<void> {
    state = 'failed';
    // Half a record would look like damage
    await file?.truncate(live.offset).catch(() => undefined);
    throwAway(batch);
    handleFailure(failure);
  }

  /** Some systems say only now that what was written could not be kept. */
  async function closeLast(): Promise<void> {
    try {
      await file?.close();
    } catch (error) {
      if (state === 'kept') handleFailure(error as NodeJS.ErrnoException);
      state = 'failed';
    }
  }

  function throwAway(batch: readonly Waiting[]): void {
    for (const { stream, bytes } of batch) live.totals[stream] += bytes.length;
    reportChange(live);
  }

  return {
    live,
    write(stream, bytes) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ stream, bytes, timeMs: Date.now(), done: resolve });
      draining ??= drain();
      return promise;
    },
    async end() {
      await draining;
      await closeLast();
      live.state = 'ended';
      reportChange(live);
    },
  };
}

function skipBytes(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  const rest: Uint8Array[] = [];
  for (const part of parts) {
    if (left >= part.length) left -= part.length;
    else {
      rest.push(part.subarray(left));
      left = 0;
    }
  }
  return rest;
}
