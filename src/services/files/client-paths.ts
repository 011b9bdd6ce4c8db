import { readByteText, writeByteText } from '../../protocol/byte-text.ts';
import type { FilePath } from './client-types.ts';

/** Returns what was given as a list. */
export function listPaths(paths: FilePath | readonly FilePath[]): readonly FilePath[] {
  return typeof paths === 'string' || paths instanceof Uint8Array ? [paths] : paths;
}

/** Returns a path as byte text. */
export function readPath(path: FilePath): string {
  return typeof path === 'string' ? path : readByteText(path);
}

/** Returns byte text as a path. */
export function writePath(text: string): FilePath {
  return text.isWellFormed() ? text : writeByteText(text);
}
