import path from 'node:path';
import { type WireWord, type Word, writeWord } from '../protocol/word.ts';
import type { RunOptions } from './run-types.ts';

/** Variables by their names, as a caller gives them. */
type GivenVariables = Readonly<Record<string, Word | undefined>>;

/** A word of a caller, for the wire. What is ASCII is the same as text and as bytes, and goes as text. */
export function toWireWord(word: Word): WireWord {
  // Callers without types may have given anything: the daemon refuses it by the field's name
  if (!(word instanceof Uint8Array)) return word;
  const isAscii = word.every((byte) => byte < 0x80);
  return isAscii ? Buffer.from(word).toString('latin1') : writeWord(word);
}

export function toWireVariables(variables: GivenVariables): Readonly<Record<string, WireWord>> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, toWireWord(value)]],
    ),
  );
}

/** What of a request goes as bytes, for messages: `argument 2`; null: nothing does. */
export function findBytes(
  file: Word,
  args: readonly Word[],
  { shell, cwd, env, offeredEnv }: Pick<RunOptions, 'shell' | 'cwd' | 'env' | 'offeredEnv'>,
): string | null {
  const words: readonly (readonly [what: string, word: Word | undefined])[] = [
    [shell ? 'the command line' : 'the program', file],
    ...args.map((argument, index) => [`argument ${index + 1}`, argument] as const),
    ['the working directory', cwd],
    ...Object.entries({ ...offeredEnv, ...env }).map(
      ([name, value]) => [`the variable ${name}`, value] as const,
    ),
  ];
  return words.find(([, word]) => word !== undefined && typeof toWireWord(word) === 'object')?.[0] ?? null;
}

/** A folder from another one on. Bytes are put together as such: in no charset are those of a character a slash. */
export function resolveFolder(from: Word, folder: Word = '.'): Word {
  if (typeof from === 'string' && typeof folder === 'string') return resolvePath(from, folder);
  const parts = [from, folder].map((part) =>
    typeof part === 'string' ? Buffer.from(part) : Buffer.from(part),
  );
  const [start = '', end = ''] = parts.map((part) => part.toString('latin1'));
  return Buffer.from(resolvePath(start, end), 'latin1');
}

/** Where the start is not known from the root on, what comes of it is not either: it is not of this process's folder. */
function resolvePath(from: string, folder: string): string {
  if (path.isAbsolute(from) || path.isAbsolute(folder)) return path.resolve(from, folder);
  return path.posix.normalize(path.posix.join(from, folder));
}
