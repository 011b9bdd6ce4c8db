import path from 'node:path';
import { crc32 } from 'node:zlib';

/**
 * The bytes of a spool. It is a row of files, `00000000`, `00000001` …, each of them a head and records:
 *
 * ```
 * head:    "RXSP" | u32 version | f64 bytes of stdout before this file | f64 bytes of stderr before it | u32 checksum
 * record:  u8 0xA5 | u8 stream | u16 0 | u32 length | f64 time in ms since 1970 | u32 checksum | bytes
 * ```
 *
 * All numbers are big-endian. The head lets a reader say exactly what is missing where a file was dropped, or taken away.
 * A checksum is the CRC-32 of everything else in its head or record.
 */
export const SEGMENT_HEAD_BYTES = 28;
export const RECORD_HEAD_BYTES = 20;
const VERSION = 2;
/** Where the checksum stands: behind all the fields that it covers. */
const SEGMENT_CHECKSUM_AT = 24;
const RECORD_CHECKSUM_AT = 16;
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
  head.writeUInt32BE(crc32(head.subarray(0, SEGMENT_CHECKSUM_AT)), SEGMENT_CHECKSUM_AT);
  return head;
}

/** What came before a file; null when this is no head of one. */
export function decodeSegmentHead(head: Buffer): StreamCounts | null {
  const isHead = head.length >= SEGMENT_HEAD_BYTES && head.subarray(0, 4).equals(MAGIC);
  if (!isHead || head.readUInt32BE(4) !== VERSION) return null;
  if (head.readUInt32BE(SEGMENT_CHECKSUM_AT) !== crc32(head.subarray(0, SEGMENT_CHECKSUM_AT))) return null;
  const before = [head.readDoubleBE(8), head.readDoubleBE(16)] as const;
  return before.every((count) => Number.isSafeInteger(count) && count >= 0) ? before : null;
}

export interface RecordHead {
  readonly stream: OutputNumber;
  readonly length: number;
  readonly timeMs: number;
  /** Of the fields above and the bytes. */
  readonly checksum: number;
}

/** Returns the head that belongs in front of the bytes. */
export function encodeRecordHead(stream: OutputNumber, timeMs: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(RECORD_HEAD_BYTES);
  head.writeUInt8(RECORD_MARK, 0);
  head.writeUInt8(stream, 1);
  head.writeUInt32BE(bytes.length, 4);
  head.writeDoubleBE(timeMs, 8);
  head.writeUInt32BE(checksumOf(head, bytes), RECORD_CHECKSUM_AT);
  return head;
}

/** @param head the head of a record, of which the checksum itself is not read */
export function checksumOf(head: Uint8Array, bytes: Uint8Array): number {
  return crc32(bytes, crc32(head.subarray(0, RECORD_CHECKSUM_AT)));
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
  return { stream, length, timeMs, checksum: bytes.readUInt32BE(offset + RECORD_CHECKSUM_AT) };
}
