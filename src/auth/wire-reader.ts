import type { RexaError } from '../protocol/errors.ts';

/** Creates the error for malformed bytes; the reason is part of a sentence. */
export type Malformed = (reason: string) => RexaError;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes SSH's binary encoding (RFC 4251, section 5). It returns views of the bytes, never copies, and checks each length
 * against the remaining bytes before it uses it.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #malformed: Malformed;
  #offset = 0;

  /** @param malformed creates the error for malformed bytes */
  constructor(bytes: Uint8Array, malformed: Malformed) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#malformed = malformed;
  }

  /** Count of bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Count of remaining bytes. */
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

  /** Reads a `string`: u32 length, then so many bytes. */
  readString(): Buffer {
    return this.readBytes(this.readU32());
  }

  /** Reads a `string` with text: UTF-8 without NUL. */
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
   * Reads a non-negative `mpint` in canonical form; returns the magnitude, big-endian, without leading zeros, empty for zero.
   * @param maxBytes limit of the magnitude
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

  /** Reads all remaining bytes. */
  readRest(): Buffer {
    return this.readBytes(this.remaining);
  }

  /** Returns a reader for the content of a `string`, with the same errors. */
  readNested(): WireReader {
    return new WireReader(this.readString(), this.#malformed);
  }

  /** Throws if any bytes remain. */
  expectEnd(): void {
    if (this.remaining > 0) throw this.#malformed(`${this.remaining} bytes follow its end`);
  }

  /** Returns the bytes from `start` to the current position. */
  since(start: number): Buffer {
    return this.#bytes.subarray(start, this.#offset);
  }
}
