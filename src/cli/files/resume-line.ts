import { writeByteText } from '../../protocol/byte-text.ts';
import type { CopyProgress } from '../../services/files/client-types.ts';
import { describeBytes } from './describe-copy.ts';

/**
 * Returns the sentence about how an interrupted copy is resumed.
 * @param words the whole command line, in byte text @param isKept whether incomplete files are left
 */
export function describeResume(words: readonly string[], counts: CopyProgress, isKept: boolean): string {
  const line = ['rexa', ...withResume(words)].map(quote).join(' ');
  const done = `${counts.copied} ${counts.copied === 1 ? 'file is' : 'files are'} complete`;
  const kept =
    isKept && counts.unfinishedBytes > 0 ? `, ${describeBytes(counts.unfinishedBytes)} are kept` : '';
  return `${done}${kept}; to resume: ${line}`;
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
