const INTEGER = 0x02;
const SEQUENCE = 0x30;

/**
 * The INTEGERs in a DER structure's sequences, each a big-endian magnitude; what is inside octet strings and tags is not
 * looked into. Null when it isn't DER (BER's indefinite lengths are not).
 */
export function collectIntegers(der: Buffer): Buffer[] | null {
  const integers: Buffer[] = [];
  let offset = 0;
  while (offset < der.length) {
    const header = readHeader(der, offset);
    if (header === null) return null;
    const { tag, start, end } = header;
    if (tag === INTEGER) integers.push(der.subarray(start, end));
    // A sequence's content follows its header: to go into it is to go on behind the header.
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
