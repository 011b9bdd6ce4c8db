import path from 'node:path';

/**
 * The bytes of a spool. It is a row of files, `00000000`, `00000001` …, each of them a head and records:
 *
 * ```
 * head:    "RXSP" | u32 version | f64 bytes of stdout before this file | f64 bytes of stderr before it
 * record:  u8 0xA5 | u8 stream | u16 0 | u32 length | f64 time in ms since 1970 | bytes
 * ```
 *
 * All numbers are big-endian. The head lets a reader say exactly what is missing where a file was dropped, or taken away.
 */
export const SEGMENT_HEAD_BYTES = 24;
export const RECORD_HEAD_BYTES = 16;
const VERSION = 1;
const MAGIC = Buffer.from('RXSP');
const RECORD_MARK = 0xa5;
/** The most that a record can hold: what was read from a pipe at once. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** 0 is stdout, 1 is stderr. */
export type OutputNumber = 0 | 1;

/** Bytes of each output stream. */
export type StreamCounts = readonly [stdout: number, stderr: number];

export function segmentPath(folder: string, index: number): string {
  return path.join(folder, String(index).padStart(8, '0'));
}

/** The number of a file of a spool; null for other files beside them. */
export function readSegmentName(name: string): number | null {
  return /^\d{8}$/.test(name) ? Number(name) : null;
}

export function encodeSegmentHead(before: StreamCounts): Buffer {
  const head = Buffer.alloc(SEGMENT_HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32BE(VERSION, 4);
  head.writeDoubleBE(before[0], 8);
  head.writeDoubleBE(before[1], 16);
  return head;
}

/** What came before a file; null when this is no head of one. */
export function decodeSegmentHead(head: Buffer): StreamCounts | null {
  const isHead = head.length >= SEGMENT_HEAD_BYTES && head.subarray(0, 4).equals(MAGIC);
  if (!isHead || head.readUInt32BE(4) !== VERSION) return null;
  const before = [head.readDoubleBE(8), head.readDoubleBE(16)] as const;
  return before.every((count) => Number.isSafeInteger(count) && count >= 0) ? before : null;
}

export interface RecordHead {
  readonly stream: OutputNumber;
  readonly length: number;
  readonly timeMs: number;
}

export function encodeRecordHead({ stream, length, timeMs }: RecordHead): Buffer {
  const head = Buffer.alloc(RECORD_HEAD_BYTES);
  head.writeUInt8(RECORD_MARK, 0);
  head.writeUInt8(stream, 1);
  head.writeUInt32BE(length, 4);
  head.writeDoubleBE(timeMs, 8);
  return head;
}

/** @returns null when these bytes are no head of a record */
export function decodeRecordHead(bytes: Buffer, offset: number): RecordHead | null {
  const stream = bytes.readUInt8(offset + 1);
  const length = bytes.readUInt32BE(offset + 4);
  const timeMs = bytes.readDoubleBE(offset + 8);
  const isHead = bytes.readUInt8(offset) === RECORD_MARK && bytes.readUInt16BE(offset + 2) === 0;
  if (!isHead || (stream !== 0 && stream !== 1) || length > MAX_RECORD_BYTES || !Number.isFinite(timeMs)) {
    return null;
  }
  return { stream, length, timeMs };
}
