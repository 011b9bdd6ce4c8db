const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const SEQUENCE = 0x30;
/** `[3] EXPLICIT`, the extensions of a certificate. */
const EXTENSIONS = 0xa3;

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

/**
 * Returns the value of an extension of an X.509 certificate (RFC 5280, section 4.1); null if it has none that can be read.
 * @param oid its OBJECT IDENTIFIER in DER
 */
export function findExtension(certificate: Buffer, oid: Buffer): Buffer | null {
  const [outer] = listValues(certificate);
  const [body] = listValues(outer?.content);
  const wrapped = listValues(body?.content).find(({ tag }) => tag === EXTENSIONS);
  const [extensions] = listValues(wrapped?.content);
  for (const { content } of listValues(extensions?.content)) {
    if (!content.subarray(0, oid.length).equals(oid)) continue;
    const value = listValues(content).at(-1);
    return value?.tag === OCTET_STRING ? value.content : null;
  }
  return null;
}

/** The values that follow each other; those behind what is not DER are left out. */
function listValues(
  der: Buffer = Buffer.alloc(0),
): readonly { readonly tag: number; readonly content: Buffer }[] {
  const values: { readonly tag: number; readonly content: Buffer }[] = [];
  for (let offset = 0; offset < der.length; ) {
    const header = readHeader(der, offset);
    if (header === null) break;
    values.push({ tag: header.tag, content: der.subarray(header.start, header.end) });
    offset = header.end;
  }
  return values;
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
