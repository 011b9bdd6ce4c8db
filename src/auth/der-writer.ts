/** DER encoding (X.690): each function returns the bytes of one value. */

function derValue(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag), derLength(body.length), body]);
}

function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  const significant = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(0x80 | significant.length), significant]);
}

export function derSequence(...items: readonly Uint8Array[]): Buffer {
  return derValue(0x30, ...items);
}

export function derSet(...items: readonly Uint8Array[]): Buffer {
  return derValue(0x31, ...items);
}

/** @param magnitude big-endian, positive, with the first bit clear and no leading zero byte */
export function derInteger(magnitude: Uint8Array): Buffer {
  return derValue(0x02, magnitude);
}

export function derBoolean(value: boolean): Buffer {
  return derValue(0x01, Buffer.of(value ? 0xff : 0));
}

export function derNull(): Buffer {
  return derValue(0x05);
}

export function derOid(dotted: string): Buffer {
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  return derValue(0x06, Buffer.from([first * 40n + second, ...rest].flatMap(derBase128)));
}

/** Base 128: seven bits per byte, with the high bit set in all but the last. */
function derBase128(arc: bigint): number[] {
  const bytes = [Number(arc & 0x7fn)];
  for (let left = arc >> 7n; left > 0n; left >>= 7n) bytes.unshift(Number(left & 0x7fn) | 0x80);
  return bytes;
}

/** Encodes whole bytes only. */
export function derBitString(bytes: Uint8Array): Buffer {
  return derValue(0x03, Buffer.of(0), bytes);
}

export function derOctetString(bytes: Uint8Array): Buffer {
  return derValue(0x04, bytes);
}

export function derUtf8(text: string): Buffer {
  return derValue(0x0c, Buffer.from(text, 'utf8'));
}

/** `[number] EXPLICIT` */
export function derExplicit(number: number, content: Uint8Array): Buffer {
  return derValue(0xa0 | number, content);
}

/** @param text `YYYYMMDDHHMMSSZ` */
export function derGeneralizedTime(text: string): Buffer {
  return derValue(0x18, Buffer.from(text, 'latin1'));
}

/** @param text `YYMMDDHHMMSSZ`, before 2050 */
export function derUtcTime(text: string): Buffer {
  return derValue(0x17, Buffer.from(text, 'latin1'));
}
