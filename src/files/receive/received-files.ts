import type { BigIntStats } from 'node:fs';
import { MAX_REMEMBERED_LINKS } from '../limits.ts';
import { isPartialName } from './partial.ts';
import type { Incoming, ReceiverState } from './receiver-state.ts';

/** Remembers a file that is in its place, for its further names, and because it may be named like an incomplete file. */
export function rememberFile(
  { shared, partialLike }: ReceiverState,
  { place: { folder, name }, header }: Incoming,
  { dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>,
): void {
  if (header.shared === true && shared.size < MAX_REMEMBERED_LINKS)
    shared.set(header.id, { folder, name, dev, ino });
  if (isPartialName(name) && partialLike.size < MAX_REMEMBERED_LINKS) partialLike.add(`${dev}:${ino}`);
}
