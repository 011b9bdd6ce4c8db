import { readFileSync } from 'node:fs';
import { readByteText } from '../protocol/byte-text.ts';
import { usageError } from './usage-error.ts';

/** What Node puts in the place of bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * The words of a command line as byte text (see `readByteText`). Node has replaced what is not UTF-8 in them, so they are
 * read from the system again where that may have happened: the last entries of `cmdline`, whatever options of Node and
 * launchers stand before them. Right only until `process.title` is set, which overwrites them.
 *
 * @param words as Node has them
 * @param folder the process in /proc that was given them
 * @throws RexaError USAGE for a word with a replaced byte where the system can't give it
 */
export function recoverWords(words: readonly string[], folder = '/proc/self'): readonly string[] {
  const lossy = words.findIndex((word) => word.includes(REPLACEMENT));
  if (lossy === -1) return words;
  const found = readStrings(`${folder}/cmdline`).slice(-words.length);
  const isSame = found.length === words.length && found.every((bytes, index) => isRead(bytes, words[index]));
  if (isSame) return found.map(readByteText);
  throw usageError(
    `argument ${lossy + 1} is not valid UTF-8, or holds the character U+FFFD, and this system does not show its bytes`,
  );
}

/** Variables as byte text. */
export interface OwnEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** False where the system does not show the bytes of those that hold U+FFFD. */
  readonly isExact: boolean;
}

/**
 * The environment that this process was started with, with what was changed since.
 * @param given as Node has it
 */
export function recoverEnvironment(
  given: NodeJS.ProcessEnv = process.env,
  folder = '/proc/self',
): OwnEnvironment {
  const known = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) if (value !== undefined) known.set(name, value);
  if (![...known].flat().some((text) => text.includes(REPLACEMENT)))
    return { variables: Object.fromEntries(known), isExact: true };
  const strings = readStrings(`${folder}/environ`);
  for (const bytes of strings) {
    const equals = bytes.indexOf('=');
    if (equals < 1) continue;
    const [name, value] = [bytes.subarray(0, equals), bytes.subarray(equals + 1)];
    const lossyName = name.toString();
    // What was changed since is as it was changed
    if (!isRead(value, known.get(lossyName))) continue;
    known.delete(lossyName);
    known.set(readByteText(name), readByteText(value));
  }
  return { variables: Object.fromEntries(known), isExact: strings.length > 0 };
}

/** Whether Node reads these bytes so. How many marks stand for several bad bytes is up to the decoder. */
function isRead(bytes: Buffer, text: string | undefined): boolean {
  const join = (lossy: string): string => lossy.replaceAll(/\ufffd+/g, REPLACEMENT);
  return text !== undefined && join(bytes.toString()) === join(text);
}

/** Strings with a NUL behind each; none where the system has no such file. */
function readStrings(file: string): Buffer[] {
  try {
    return splitStrings(readFileSync(file));
  } catch {
    return [];
  }
}

function splitStrings(bytes: Buffer): Buffer[] {
  const strings: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const nul = bytes.indexOf(0, start);
    const end = nul === -1 ? bytes.length : nul;
    strings.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return strings;
}
