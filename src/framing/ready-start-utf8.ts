/** `incomplete`: valid so far, but ends inside a character. */
export type Utf8Check = 'valid' | 'incomplete' | 'invalid';

/** For each lead byte above ASCII: the count of following bytes, and the range of the first (RFC 3629, section 4). */
const SHAPES: readonly { from: number; to: number; following: number; low: number; high: number }[] = [
  { from: 0xc2, to: 0xdf, following: 1, low: 0x80, high: 0xbf },
  { from: 0xe0, to: 0xe0, following: 2, low: 0xa0, high: 0xbf },
  { from: 0xe1, to: 0xec, following: 2, low: 0x80, high: 0xbf },
  { from: 0xed, to: 0xed, following: 2, low: 0x80, high: 0x9f },
  { from: 0xee, to: 0xef, following: 2, low: 0x80, high: 0xbf },
  { from: 0xf0, to: 0xf0, following: 3, low: 0x90, high: 0xbf },
  { from: 0xf1, to: 0xf3, following: 3, low: 0x80, high: 0xbf },
  { from: 0xf4, to: 0xf4, following: 3, low: 0x80, high: 0x8f },
];

/** Checks whether bytes are UTF-8; overlong forms, surrogates and values above U+10FFFF are invalid. */
export function checkUtf8(bytes: Uint8Array): Utf8Check {
  let at = 0;
  while (at < bytes.length) {
    const length = measureCharacter(bytes, at);
    if (typeof length === 'string') return length;
    at += length;
  }
  return 'valid';
}

/** Returns the size in bytes of the character at `at`. */
function measureCharacter(bytes: Uint8Array, at: number): number | 'incomplete' | 'invalid' {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const shape = SHAPES.find(({ from, to }) => lead >= from && lead <= to);
  if (shape === undefined) return 'invalid';
  for (let index = 1; index <= shape.following; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return 'incomplete';
    const low = index === 1 ? shape.low : 0x80;
    const high = index === 1 ? shape.high : 0xbf;
    if (byte < low || byte > high) return 'invalid';
  }
  return 1 + shape.following;
}
