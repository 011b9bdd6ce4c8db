/** What a JSON text is made of, as far as that decides what its parser takes in time and memory. */
export interface JsonSize {
  /** Arrays and objects inside one another. */
  readonly depth: number;
  /** Values and keys, give or take one. */
  readonly items: number;
}

/** Counts above which a text is not looked at any further. */
export interface JsonCaps {
  readonly maxDepth: number;
  readonly maxItems: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * Measures a JSON text without parsing it: megabytes of brackets keep a parser busy for seconds, and megabytes of `{}` become
 * thirty times as much in memory. Stops at the first cap that is passed. Of what is no JSON it says something or other.
 */
export function scanJson(bytes: Uint8Array, { maxDepth, maxItems }: JsonCaps): JsonSize {
  let depth = 0;
  let deepest = 0;
  let items = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = findTextEnd(bytes, at);
    else if (byte === COMMA || byte === COLON) items++;
    // Both kinds of brackets differ in one bit: [ 5b, { 7b; ] 5d, } 7d.
    else if ((byte | 0x20) === 0x7b) {
      items++;
      deepest = Math.max(deepest, ++depth);
    } else if ((byte | 0x20) === 0x7d) depth--;
    if (items > maxItems || deepest > maxDepth) break;
  }
  return { depth: deepest, items };
}

/** The place of the quote that ends the text which begins at `start`. */
function findTextEnd(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  for (let byte = bytes[at]; byte !== QUOTE && byte !== undefined; byte = bytes[++at])
    if (byte === BACKSLASH) at++;
  return at;
}
