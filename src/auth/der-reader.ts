const INTEGER = 0x02;
const SEQUENCE = 0x30;

/**
 * Returns the INTEGERs in the sequences of a DER structure as big-endian magnitudes, without descending into octet strings
 * and tags. Returns null if it is not DER (which excludes BER's indefinite lengths).
 */
export function collectIntegers(der: Buffer): Buffer[] | null {
  const integers: Buffer[] = [];
  let offset = 0;
  while (offset < der.length) {
    const header = readHeader(der, offset);
    if (header === null) return null;
    const { tag, start, end } = header;
    if (tag === INTEGER) integers.push(der.subarray(start, end));
    // The content of a sequence follows its header, so descending means continuing after the header.
    offset = tag === SEQUENCE ? start : end;
  }
  return integers;
}

function readHeader(der: Buffer, offset: number): { tag: number; start: number; end: number } | null {
  if (offset + 2 > der.length) return null;
  const tag = der.readUInt8(offset);
  const first = der.readUInt8(offset + 1);
  const count = first < 0x80 ? 0 : first & 0x7f;
  const start = offset + 2 + count;
  if (first === 0x80 || count > 4 || start > der.length) return null;
  const end = start + (count === 0 ? first : der.readUIntBE(offset + 2, count));
  return end > der.length ? null : { tag, start, end };
}
