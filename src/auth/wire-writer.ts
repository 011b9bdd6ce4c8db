/** SSH's binary encoding (RFC 4251, section 5): each function returns the bytes of one value. */

export function wireU32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Encodes a `string`: u32 length, then the bytes (text as UTF-8). */
export function wireString(value: Uint8Array | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([wireU32(bytes.length), bytes]);
}

/** Encodes a non-negative `mpint` from a big-endian magnitude, which may have leading zeros. */
export function wireMpint(magnitude: Uint8Array): Buffer {
  const significant = dropLeadingZeros(magnitude);
  const first = significant[0];
  return first !== undefined && first >= 0x80
    ? Buffer.concat([wireU32(significant.length + 1), Buffer.of(0), significant])
    : wireString(significant);
}

/** Returns a big-endian magnitude in its shortest form; empty for zero. */
export function dropLeadingZeros(magnitude: Uint8Array): Uint8Array {
  const start = magnitude.findIndex((byte) => byte !== 0);
  return start === -1 ? magnitude.subarray(magnitude.length) : magnitude.subarray(start);
}
