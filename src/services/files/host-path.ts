import { homeFolder } from '../../places/home-folder.ts';
import { readByteText } from '../../protocol/byte-text.ts';
import { readWord, type WireWord } from '../../protocol/word.ts';

/** Returns a word of a request as byte text. */
export function readText(word: WireWord): string {
  const given = readWord(word);
  return typeof given === 'string' ? given : readByteText(given);
}

/**
 * Returns a path of a request as an absolute one, in byte text. It is not normalized: a symlink may stand before `..`.
 * @param folder where relative paths start; absent: in the home folder
 */
export function resolveHostPath(wire: WireWord, folder: WireWord | undefined): string {
  const path = readText(wire);
  if (path.startsWith('/')) return path;
  if (path === '~' || path.startsWith('~/')) return `${homeFolder()}${path.slice(1)}`;
  const start = folder === undefined ? homeFolder() : readText(folder);
  return path === '' ? start : `${start}/${path}`;
}
