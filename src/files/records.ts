import { RexaError } from '../protocol/errors.ts';
import { recycleBytes, takeSlab } from '../runtime/chunk-memory.ts';
import { SLAB_BYTES } from '../runtime/limits.ts';
import { MAX_RECORD_DATA_BYTES, MAX_RECORD_JSON_BYTES } from './limits.ts';
import { unpackRecords } from './unpack-records.ts';

/**
 * Records of a file transfer: the length of the JSON and of the data, 4 bytes each, big-endian; then a JSON object, or
 * nothing; then data of a file, or nothing. Text in the JSON may hold lone surrogates (byte text).
 */
const PREFIX_BYTES = 8;

/** What a reader of records returns: a JSON object, or a piece of the data behind it. */
export type RecordEvent =
  | { readonly kind: 'header'; readonly value: unknown; readonly dataBytes: number }
  | { readonly kind: 'data'; readonly bytes: Buffer };

/** Reads records from bytes in any pieces. */
export interface RecordReader {
  push(bytes: Uint8Array): void;
  /** Returns null when more bytes are needed. @throws RexaError FILES_PROTOCOL */
  next(): RecordEvent | null;
  /** Whether the bytes so far end at the end of a record. */
  readonly isWhole: boolean;
}

/**
 * Creates a reader of what a sender sends, which may be packed. A few bytes may hold very many records: whoever reads them
 * pauses between them.
 */
export function createUnpackingReader(): RecordReader {
  const outer = createRecordReader();
  const inner = createRecordReader();
  let packed: { readonly bytes: number; left: number; readonly pieces: Buffer[] } | null = null;

  function handlePacked(pieces: Buffer[], event: RecordEvent): void {
    if (packed === null || event.kind !== 'data')
      throw new RexaError('FILES_PROTOCOL', ['packed records that end']);
    pieces.push(event.bytes);
    packed.left -= event.bytes.length;
    if (packed.left > 0) return;
    const { bytes } = packed;
    packed = null;
    inner.push(unpackRecords(Buffer.concat(pieces), bytes));
  }

  return {
    push: (bytes) => outer.push(bytes),
    next() {
      for (;;) {
        const unpacked = inner.next();
        if (unpacked !== null) return unpacked;
        if (!inner.isWhole) throw new RexaError('FILES_PROTOCOL', ['packed records that are cut']);
        const event = outer.next();
        if (event === null) return null;
        if (packed !== null) handlePacked(packed.pieces, event);
        else if (isPacked(event))
          packed = { bytes: readPackedBytes(event), left: event.dataBytes, pieces: [] };
        else return event;
      }
    },
    get isWhole() {
      return packed === null && outer.isWhole && inner.isWhole;
    },
  };
}

type HeaderEvent = Extract<RecordEvent, { kind: 'header' }>;

function isPacked(event: RecordEvent): event is HeaderEvent {
  return event.kind === 'header' && (event.value as { readonly type?: unknown } | null)?.type === 'packed';
}

/** @throws RexaError FILES_PROTOCOL */
function readPackedBytes({ value, dataBytes }: HeaderEvent): number {
  const { bytes } = value as { readonly bytes?: unknown };
  const isLength = Number.isSafeInteger(bytes) && Number(bytes) > 0 && Number(bytes) <= MAX_RECORD_DATA_BYTES;
  if (!isLength || dataBytes === 0)
    throw new RexaError('FILES_PROTOCOL', ['packed records of a wrong length']);
  return Number(bytes);
}

/** Creates a reader. Data is passed on as it comes, so a record is never held as a whole. Packed records are not unpacked. */
export function createRecordReader(): RecordReader {
  let held: Buffer = Buffer.alloc(0);
  let at = 0;
  let dataLeft = 0;

  function readData(): RecordEvent {
    const bytes = held.subarray(at, at + dataLeft);
    at += bytes.length;
    dataLeft -= bytes.length;
    return { kind: 'data', bytes };
  }

  function readHeader(): RecordEvent | null {
    if (held.length - at < PREFIX_BYTES) return null;
    const jsonBytes = held.readUInt32BE(at);
    const dataBytes = held.readUInt32BE(at + 4);
    if (jsonBytes > MAX_RECORD_JSON_BYTES || dataBytes > MAX_RECORD_DATA_BYTES)
      throw new RexaError('FILES_PROTOCOL', [`a record of ${jsonBytes} and ${dataBytes} bytes`]);
    if (held.length - at - PREFIX_BYTES < jsonBytes) return null;
    const start = at + PREFIX_BYTES;
    at = start + jsonBytes;
    dataLeft = dataBytes;
    return { kind: 'header', value: parse(held.toString('utf8', start, at)), dataBytes };
  }

  return {
    push(bytes) {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      held = at === held.length ? buffer : Buffer.concat([held.subarray(at), buffer]);
      at = 0;
    },
    next() {
      if (dataLeft > 0) return at < held.length ? readData() : null;
      return readHeader();
    },
    get isWhole() {
      return dataLeft === 0 && at === held.length;
    },
  };
}

/** Null for a record of data alone. @throws RexaError FILES_PROTOCOL */
function parse(json: string): unknown {
  if (json === '') return null;
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new RexaError('FILES_PROTOCOL', ['a record that is not JSON'], { cause });
  }
}

/** Collects records until they are taken. */
export interface RecordWriter {
  /** @param data is not changed afterwards */
  add(header: object | null, data?: Uint8Array): void;
  readonly bytes: number;
  /** Returns all that was added, as pieces. */
  take(): readonly Uint8Array[];
}

/** Creates a writer. Short records are copied together into slabs, long data stays where it is. */
export function createRecordWriter(): RecordWriter {
  let pieces: Uint8Array[] = [];
  let block: Buffer = Buffer.alloc(0);
  let used = 0;
  let bytes = 0;

  function closeBlock(): void {
    if (used > 0) pieces.push(block.subarray(0, used));
    block = block.subarray(used);
    used = 0;
  }

  function reserve(length: number): Buffer {
    if (block.length - used < length) {
      closeBlock();
      recycleBytes(block);
      block = length > SLAB_BYTES ? Buffer.allocUnsafeSlow(length) : takeSlab();
    }
    return block;
  }

  return {
    add(header, data) {
      const json = header === null ? '' : JSON.stringify(header);
      const dataBytes = data?.length ?? 0;
      const isLong = dataBytes > SLAB_BYTES / 4;
      const room = PREFIX_BYTES + 3 * json.length + (isLong ? 0 : dataBytes);
      const into = reserve(room);
      const jsonBytes = into.write(json, used + PREFIX_BYTES);
      into.writeUInt32BE(jsonBytes, used);
      into.writeUInt32BE(dataBytes, used + 4);
      used += PREFIX_BYTES + jsonBytes;
      bytes += PREFIX_BYTES + jsonBytes + dataBytes;
      if (data === undefined) return;
      if (isLong) {
        closeBlock();
        pieces.push(data);
      } else {
        into.set(data, used);
        used += dataBytes;
      }
    },
    get bytes() {
      return bytes;
    },
    take() {
      closeBlock();
      const taken = pieces;
      pieces = [];
      bytes = 0;
      return taken;
    },
  };
}
