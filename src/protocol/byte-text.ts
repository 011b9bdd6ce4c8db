import { decodeUtf8, encodeUtf8 } from './text.ts';

/**
 * Decodes bytes to a string without loss: valid UTF-8 becomes its characters, and each other byte becomes a lone surrogate,
 * U+DC80 to U+DCFF, which does not occur in text (surrogateescape of PEP 383). `writeByteText` restores the same bytes.
 */
export function readByteText(bytes: Uint8Array): string {
  let text = '';
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = measureCharacter(bytes, at);
    if (length === 0) {
      text += decodeUtf8(bytes.subarray(start, at)) + String.fromCharCode(0xdc00 + (bytes[at] as number));
      start = at + 1;
    }
    at += length || 1;
  }
  return text + decodeUtf8(bytes.subarray(start));
}

/** Encodes a string made by `readByteText` to its bytes. */
export function writeByteText(text: string): Uint8Array {
  const pieces = text
    .split(/([\udc80-\udcff]+)/u)
    .map((piece, index) =>
      index % 2 === 0 ? encodeUtf8(piece) : Uint8Array.from(piece, (half) => half.charCodeAt(0) - 0xdc00),
    );
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Returns the length in bytes of the UTF-8 character at `at`; 0 if there is none (RFC 3629, 4). */
function measureCharacter(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  if (lead < 0x80) return 1;
  const length = measureByLead(lead);
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[at + 1] ?? 0;
  if (second < least || second > most) return 0;
  for (let next = at + 2; next < at + length; next++) {
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

function measureByLead(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}
