import fs, { type FileHandle } from 'node:fs/promises';
import { causedBy } from '../../protocol/caused-by.ts';
import { RexaError } from '../../protocol/errors.ts';
import { noteRead } from '../../runtime/read-garbage.ts';
import { JOB_READ_BYTES } from '../limits.ts';
import { createLineStart, type LineStart } from './line-start.ts';
import { type LiveSpool, type Pin, reportChange, subtractCounts } from './live-spool.ts';
import {
  checksumOf,
  decodeRecordHead,
  decodeSegmentHead,
  type OutputNumber,
  RECORD_HEAD_BYTES,
  readSegmentName,
  SEGMENT_HEAD_BYTES,
  type StreamCounts,
  segmentPath,
} from './segment.ts';

/** What a spool holds, in the order in which it was written. */
export type SpoolItem =
  | { readonly kind: 'bytes'; readonly stream: OutputNumber; readonly bytes: Uint8Array }
  /** So many bytes are missing here: dropped for the limit, or not kept. */
  | { readonly kind: 'gap'; readonly missing: StreamCounts };

export interface SpoolSource {
  readonly folder: string;
  /** The job's name, for messages. */
  readonly job: string;
  /** Null when nobody writes it any more. */
  readonly live: LiveSpool | null;
  /** Bytes that the job has written in all, where that is known and nobody writes any more. */
  readonly totals: StreamCounts | null;
}

export interface ReadOptions {
  /** Only what was written since then, in ms since 1970, from the start of the line on. */
  readonly sinceMs: number;
  /** Wait for what is still written, up to its end. */
  readonly follow: boolean;
  /** Let the writer wait rather than drop what was not read. */
  readonly pinned: boolean;
  /** What the reader is told by that nobody waits any more: it looks whenever the spool changes (reportChange). */
  readonly stop?: { isStopped: boolean };
}

/**
 * Reads a spool from its beginning.
 * @throws RexaError JOB_SPOOL_GONE, JOB_SPOOL_DAMAGED
 */
export async function* readSpool(source: SpoolSource, options: ReadOptions): AsyncGenerator<SpoolItem> {
  const { live } = source;
  const pin: Pin = { segment: 0 };
  const counts: [number, number] = [0, 0];
  const starts = [createLineStart(), createLineStart()] as const;
  if (options.pinned) live?.pins.add(pin);
  try {
    for (let index = await nextSegment(source, -1, options); index !== null; ) {
      pin.segment = index;
      if (live && options.pinned) reportChange(live);
      yield* readSegment(source, index, options, counts, starts);
      index = await nextSegment(source, index, options);
    }
    const totals = live?.state === 'open' ? null : (live?.totals ?? source.totals);
    if (totals && options.sinceMs === 0) yield* reportGap(subtractCounts(totals, counts), counts);
  } finally {
    if (live?.pins.delete(pin)) reportChange(live);
  }
}

/** The file behind this one; null at the end. */
async function nextSegment(
  source: SpoolSource,
  after: number,
  { follow, stop }: ReadOptions,
): Promise<number | null> {
  const { live } = source;
  if (live === null) return findSegment(source, after);
  while (live.last <= after) {
    if (live.state === 'ended' || !follow || stop?.isStopped) return null;
    await live.changed.promise;
  }
  const next = after + 1;
  return next >= live.limits.headSegments ? Math.max(next, live.firstTail) : next;
}

async function findSegment({ folder, job, totals }: SpoolSource, after: number): Promise<number | null> {
  let names: string[];
  try {
    names = await fs.readdir(folder);
  } catch (cause) {
    // Of a job that wrote nothing nothing can be gone
    if (totals?.every((bytes) => bytes === 0)) return null;
    throw causedBy('JOB_SPOOL_GONE', cause, job);
  }
  const numbers = names.map(readSegmentName).filter((number) => number !== null && number > after);
  return numbers.length === 0 ? null : Math.min(...(numbers as number[]));
}

async function* readSegment(
  source: SpoolSource,
  index: number,
  options: ReadOptions,
  counts: [number, number],
  starts: readonly [LineStart, LineStart],
): AsyncGenerator<SpoolItem> {
  const file = await openSegment(source, index);
  // Dropped for the limit a moment ago: what is missing is told with the next one
  if (file === null) return;
  try {
    const before = decodeSegmentHead(await readAt(file, 0, SEGMENT_HEAD_BYTES));
    if (before === null) throw damaged(source, index, 0);
    if (options.sinceMs === 0) yield* reportGap(subtractCounts(before, counts), counts);
    else counts.splice(0, 2, ...before);
    for (let offset = SEGMENT_HEAD_BYTES; ; ) {
      const end = await untilReadable(source, index, offset, options, file);
      if (end <= offset) return;
      const { items, next } = await readRecords(source, index, file, offset, end);
      offset = next;
      for (const { stream, bytes, timeMs } of items) {
        const streamOffset = counts[stream];
        counts[stream] += bytes.length;
        if (timeMs < options.sinceMs) {
          starts[stream].skip(bytes, streamOffset);
          continue;
        }
        const begun = starts[stream].take();
        if (begun.length > 0) yield { kind: 'bytes', stream, bytes: begun };
        yield { kind: 'bytes', stream, bytes };
      }
    }
  } finally {
    await file.close();
  }
}

function* reportGap(missing: StreamCounts, counts: [number, number]): Generator<SpoolItem> {
  if (missing[0] <= 0 && missing[1] <= 0) return;
  counts[0] += missing[0];
  counts[1] += missing[1];
  yield { kind: 'gap', missing };
}

/** Up to where the file can be read; its end as it is known when nothing more comes in it. */
async function untilReadable(
  { live }: SpoolSource,
  index: number,
  offset: number,
  { follow, stop }: ReadOptions,
  file: FileHandle,
): Promise<number> {
  if (live === null) return (await file.stat()).size;
  while (live.last === index && live.offset <= offset && live.state === 'open' && follow) {
    if (stop?.isStopped) return offset;
    await live.changed.promise;
  }
  return live.last === index ? live.offset : (await file.stat()).size;
}

interface SpoolRecord {
  readonly stream: OutputNumber;
  readonly bytes: Uint8Array;
  readonly timeMs: number;
}

/**
 * Returns the whole records from `offset` on, as far as one read goes; at least one. The last one of a writer that was
 * killed may be cut off: then what is there of it is returned. Anywhere else a record that is cut off is damage.
 */
async function readRecords(
  source: SpoolSource,
  index: number,
  file: FileHandle,
  offset: number,
  end: number,
): Promise<{ readonly items: readonly SpoolRecord[]; readonly next: number }> {
  let bytes = await readAt(file, offset, Math.min(JOB_READ_BYTES, end - offset));
  const isOfKilled = source.live === null && source.totals === null;
  const cutOff = (): RexaError => damaged(source, index, offset, 'the record is cut off');
  if (bytes.length < RECORD_HEAD_BYTES) {
    if (!isOfKilled) throw cutOff();
    return { items: [], next: end };
  }
  const first = decodeRecordHead(bytes, 0);
  if (first === null) throw damaged(source, index, offset);
  const firstEnd = RECORD_HEAD_BYTES + first.length;
  if (firstEnd > bytes.length) bytes = await readAt(file, offset, firstEnd);
  if (firstEnd > bytes.length) {
    if (!isOfKilled) throw cutOff();
    return { items: [{ ...first, bytes: bytes.subarray(RECORD_HEAD_BYTES) }], next: end };
  }

  const items: SpoolRecord[] = [];
  let at = 0;
  while (at + RECORD_HEAD_BYTES <= bytes.length) {
    const head = decodeRecordHead(bytes, at);
    if (head === null) throw damaged(source, index, offset + at);
    const start = at + RECORD_HEAD_BYTES;
    if (start + head.length > bytes.length) break;
    const content = bytes.subarray(start, start + head.length);
    if (checksumOf(bytes.subarray(at), content) !== head.checksum)
      throw damaged(source, index, offset + at, 'the checksum of the record is wrong');
    items.push({ ...head, bytes: content });
    at = start + head.length;
  }
  return { items, next: offset + at };
}

async function openSegment(source: SpoolSource, index: number): Promise<FileHandle | null> {
  try {
    return await fs.open(segmentPath(source.folder, index), 'r');
  } catch (cause) {
    const { live } = source;
    const wasDropped = live && index >= live.limits.headSegments && index < live.firstTail;
    if (wasDropped) return null;
    throw causedBy('JOB_SPOOL_GONE', cause, source.job);
  }
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  noteRead(length);
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

function damaged({ job }: SpoolSource, index: number, offset: number, why = 'there is no record'): RexaError {
  return new RexaError('JOB_SPOOL_DAMAGED', [job, `${why} at byte ${offset} of file ${index}`]);
}
