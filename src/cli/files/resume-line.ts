import { writeByteText } from '../../protocol/byte-text.ts';
import type { CopyProgress } from '../../services/files/client-types.ts';
import { describeBytes } from './describe-copy.ts';

/** Returns how many bytes a resumption of an interrupted copy would save. @param keeps incomplete files are left */
export function countSaved(
  { completeBytes, unfinishedBytes, isFinished }: CopyProgress,
  keeps: boolean,
): number {
  if (isFinished) return 0;
  return completeBytes + (keeps ? unfinishedBytes : 0);
}

/**
 * Returns the sentence about how an interrupted copy is resumed, or that it cannot be; null: nothing was sent, or all was.
 * @param words the whole command line, in byte text @param keeps incomplete files are left
 */
export function describeResume(
  words: readonly string[],
  counts: CopyProgress,
  keeps: boolean,
): string | null {
  const saved = countSaved(counts, keeps);
  if (saved === 0)
    return counts.isFinished || counts.bytes === 0 || keeps
      ? null
      : 'nothing is kept; --resume keeps incomplete files';
  const line = ['rexa', ...withResume(words)].map(quote).join(' ');
  const parts = [`${counts.copied} ${counts.copied === 1 ? 'file is' : 'files are'} complete`];
  if (keeps && counts.unfinishedBytes > 0)
    parts.push(`up to ${describeBytes(counts.unfinishedBytes)} of an incomplete one are kept`);
  return `${parts.join(', ')}; to resume, and save up to ${describeBytes(saved)}: ${line}`;
}

function withResume(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  const options = end === -1 ? words : words.slice(0, end);
  return options.includes('--resume') ? words : words.toSpliced(words.indexOf('cp') + 1, 0, '--resume');
}

/** Quotes a word for a shell; what is not printable text as `$'…'` of bash, zsh and ksh. */
function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (word.isWellFormed() && !/\p{C}/u.test(word)) return `'${word.replaceAll("'", String.raw`'\''`)}'`;
  return `$'${Array.from(writeByteText(word), quoteByte).join('')}'`;
}

function quoteByte(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[\w@%+=:,./ -]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
}
