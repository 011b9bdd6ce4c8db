/** The properties of a JSON text that determine the time and memory of its parser. */
export interface JsonSize {
  /** Nesting depth of arrays and objects. */
  readonly depth: number;
  /** Count of values and keys, ± 1. */
  readonly items: number;
}

/** Limits at which the scan stops. */
export interface JsonCaps {
  readonly maxDepth: number;
  readonly maxItems: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * Measures a JSON text without parsing it: megabytes of brackets keep a parser busy for seconds, and megabytes of `{}` take
 * thirty times as much memory when parsed. Stops at the first exceeded limit. The result for invalid JSON is arbitrary.
 */
export function scanJson(bytes: Uint8Array, { maxDepth, maxItems }: JsonCaps): JsonSize {
  let depth = 0;
  let deepest = 0;
  let items = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = findTextEnd(bytes, at);
    else if (byte === COMMA || byte === COLON) items++;
    // Brackets and braces differ in one bit: [ 5b, { 7b; ] 5d, } 7d.
    else if ((byte | 0x20) === 0x7b) {
      items++;
      deepest = Math.max(deepest, ++depth);
    } else if ((byte | 0x20) === 0x7d) depth--;
    if (items > maxItems || deepest > maxDepth) break;
  }
  return { depth: deepest, items };
}

/** Returns the index of the quote that ends the string starting at `start`. */
function findTextEnd(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  for (let byte = bytes[at]; byte !== QUOTE && byte !== undefined; byte = bytes[++at])
    if (byte === BACKSLASH) at++;
  return at;
}
