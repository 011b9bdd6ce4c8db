import type { KeyText } from '../../auth/file-identities.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { expandHome } from '../../places/home-folder.ts';
import { MAX_PRIVATE_KEY_FILE_BYTES } from '../../protocol/limits.ts';
import { openStandardInput } from '../output/standard-streams.ts';

/** Names a variable that holds a key: `env:CI_KEY`. */
const VARIABLE = /^env:([A-Za-z_][A-Za-z0-9_]*)$/;
/** The word for a key on stdin. */
export const ON_STDIN = '-';

/** The whole of it; a host may be opened more than once. */
let onStdin: Promise<string> | null = null;

/**
 * Reads what `-i` and the configuration name as keys: `-` is one on stdin, `env:NAME` one in a variable, all else files.
 * @throws RexaError USAGE
 */
export async function readIdentities(
  words: readonly string[] | undefined,
): Promise<readonly (string | KeyText)[] | undefined> {
  return words && Promise.all(words.map(readIdentity));
}

async function readIdentity(word: string): Promise<string | KeyText> {
  if (word === ON_STDIN) {
    onStdin ??= readKeyOnStdin();
    return { name: 'the key on stdin', text: await onStdin };
  }
  const [, variable] = VARIABLE.exec(word) ?? [];
  if (variable === undefined) return expandHome(word);
  const text = process.env[variable];
  if (text === undefined || text === '')
    throw usageError(`-i ${quoteWord(word)}: the variable ${variable} is not set`);
  return { name: word, text };
}

async function readKeyOnStdin(): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of openStandardInput()) {
    pieces.push(piece as Buffer);
    bytes += (piece as Buffer).length;
    if (bytes > MAX_PRIVATE_KEY_FILE_BYTES)
      throw usageError(`-i -: stdin has more than the ${MAX_PRIVATE_KEY_FILE_BYTES} bytes of a key`);
  }
  if (bytes === 0) throw usageError('-i -: expected a key on stdin, which is empty');
  return Buffer.concat(pieces).toString('latin1');
}
