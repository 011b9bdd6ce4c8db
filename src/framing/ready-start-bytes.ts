/** Byte helpers of the Ready/Start protocol; none of them modifies its arguments. */

export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Encodes ASCII text. */
export function toAscii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Returns both in one array: a copy, unless one of them is empty. */
export function joinBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  if (second.length === 0) return first;
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** Returns whether `bytes` has all of `word` at index `at`. */
export function hasBytesAt(bytes: Uint8Array, word: Uint8Array, at: number): boolean {
  return at + word.length <= bytes.length && word.every((byte, index) => bytes[at + index] === byte);
}

export function areSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && hasBytesAt(one, other, 0);
}

/** Returns the index of the first `word` at or after `from`; -1 if there is none. */
export function findBytes(bytes: Uint8Array, word: Uint8Array, from: number): number {
  const first = word[0];
  if (first === undefined) return -1;
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (hasBytesAt(bytes, word, at)) return at;
  }
  return -1;
}
