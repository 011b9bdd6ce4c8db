import type { RexaError } from '../protocol/errors.ts';

/** Makes the error for bytes that break their format; the reason is part of a sentence. */
export type Malformed = (reason: string) => RexaError;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads SSH's binary encoding (RFC 4251, section 5). What it gives out are views of the bytes, never copies, and
 * nothing is taken that isn't there: each length is held against what is left before anything else is done with it.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #malformed: Malformed;
  #offset = 0;

  /** @param malformed makes what is thrown when the bytes are not as they should be */
  constructor(bytes: Uint8Array, malformed: Malformed) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#malformed = malformed;
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes that are left. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  readBytes(count: number): Buffer {
    if (count > this.remaining) {
      throw this.#malformed(`it ends ${count - this.remaining} bytes too early`);
    }
    const start = this.#offset;
    this.#offset += count;
    return this.#bytes.subarray(start, this.#offset);
  }

  readByte(): number {
    return this.readBytes(1).readUInt8();
  }

  readU32(): number {
    return this.readBytes(4).readUInt32BE();
  }

  readU64(): bigint {
    return this.readBytes(8).readBigUInt64BE();
  }

  /** A `string`: u32 length, then so many bytes. */
  readString(): Buffer {
    return this.readBytes(this.readU32());
  }

  /** A `string` that holds text: UTF-8 without NUL. */
  readText(): string {
    const bytes = this.readString();
    if (bytes.includes(0)) throw this.#malformed('a text in it holds a NUL');
    try {
      return decoder.decode(bytes);
    } catch {
      throw this.#malformed('a text in it is not UTF-8');
    }
  }

  /**
   * A positive `mpint` in its one canonical form: the magnitude, big-endian, without leading zeros; zero is empty.
   * @param maxBytes what the magnitude may have
   */
  readMpint(maxBytes: number): Buffer {
    const bytes = this.readString();
    const first = bytes[0];
    if (first === undefined) return bytes;
    if (first >= 0x80) throw this.#malformed('a number in it is negative');
    const padded = first === 0;
    if (padded && (bytes[1] ?? 0) < 0x80) throw this.#malformed('a number in it has a leading zero');
    const magnitude = padded ? bytes.subarray(1) : bytes;
    if (magnitude.length > maxBytes) {
      throw this.#malformed(
        `a number in it has ${magnitude.length} bytes, more than the ${maxBytes} allowed`,
      );
    }
    return magnitude;
  }

  /** All that is left. */
  readRest(): Buffer {
    return this.readBytes(this.remaining);
  }

  /** A reader of a `string`'s content, with the same errors. */
  readNested(): WireReader {
    return new WireReader(this.readString(), this.#malformed);
  }

  /** Nothing may be left. */
  expectEnd(): void {
    if (this.remaining > 0) throw this.#malformed(`${this.remaining} bytes follow its end`);
  }

  /** What was read from `start` up to here. */
  since(start: number): Buffer {
    return this.#bytes.subarray(start, this.#offset);
  }
}
