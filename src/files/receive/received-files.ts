import type { BigIntStats } from 'node:fs';
import type { FileHeader, LinkHeader } from '../headers.ts';
import { MAX_REMEMBERED_LINKS } from '../limits.ts';
import { isPartialName } from './partial.ts';
import type { Place, ReceiverState } from './receiver-state.ts';

/** Remembers a file or a symlink that is in its place, for its further names, and because it may be named like an incomplete file. */
export function rememberFile(
  { shared, partialLike }: ReceiverState,
  { folder, name }: Pick<Place, 'folder' | 'name'>,
  header: Pick<FileHeader | LinkHeader, 'id' | 'shared'>,
  { dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>,
): void {
  if (header.shared === true && shared.size < MAX_REMEMBERED_LINKS)
    shared.set(header.id, { folder, name, dev, ino });
  if (isPartialName(name) && partialLike.size < MAX_REMEMBERED_LINKS) partialLike.add(`${dev}:${ino}`);
}
