import { describeWord, type Word } from '../protocol/word.ts';
import type { RunOptions } from './run-types.ts';

/** What is asked for, as it would be typed into a shell here. */
export function writeCommandLine(
  host: string,
  file: Word,
  args: readonly Word[],
  { cwd, shell }: Pick<RunOptions, 'cwd' | 'shell'> = {},
): string {
  const words = [file, ...args].map(quoteWord).join(' ');
  const folder = cwd === undefined ? '' : `--cwd ${quoteWord(cwd)} `;
  const start = `rexa run ${folder}${quoteWord(host)}`;
  return shell === true ? `${start} -c ${words}` : `${start} -- ${words}`;
}

/** As a POSIX shell reads it back; bytes that are not UTF-8, and what steers a terminal, by bash's `$'…'`. */
export function quoteWord(word: Word): string {
  const text = describeWord(word);
  if (/^[\w%+,./:=@-]+$/.test(text)) return text;
  const isText = typeof word === 'string' || Buffer.from(text).equals(Buffer.from(word));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (isText && !/[\x00-\x08\x0b-\x1f\x7f]/.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = Array.from(Buffer.from(word), (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  );
  return `$'${escaped.join('')}'`;
}
