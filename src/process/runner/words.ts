import type { Word } from '../../protocol/word.ts';
import type { Variable } from './runner.ts';

/** Returns the bytes that a program is given for a word, without a copy where it is bytes already. */
export function wordBytes(word: Word): Buffer {
  if (typeof word === 'string') return Buffer.from(word);
  return Buffer.isBuffer(word) ? word : Buffer.from(word.buffer, word.byteOffset, word.byteLength);
}

/** Returns a word as text of one character for each byte: paths are cut and joined as such, whatever their charset. */
export function wordBinary(word: Word): string {
  return wordBytes(word).toString('latin1');
}

/** Returns the value of a variable, of two with the name the first; undefined where there is none. */
export function findVariable(environment: readonly Variable[], name: string): Word | undefined {
  return environment.find((variable) => isNamed(variable, name))?.[1];
}

/** @param expected of ASCII */
export function isNamed([name]: Variable, expected: string): boolean {
  return (typeof name === 'string' ? name : wordBinary(name)) === expected;
}
