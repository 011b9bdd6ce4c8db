import { type BigIntStats, lstatSync, statSync } from 'node:fs';
import { FileFailure } from '../describe-failure.ts';
import type { Folder, Folders } from '../folders.ts';
import { identityOf } from '../identity.ts';
import { MAX_FOLDER_DEPTH } from '../limits.ts';
import type { Place } from './receiver-state.ts';

/** What a header says of the source of an entry. */
interface Source {
  readonly identity?: string;
}

/** Refuses to replace a file by itself: it would be empty before it is read. @throws FileFailure */
export function refuseSame(folders: Folders, { folder, name }: Place, { identity }: Source): void {
  if (identity === undefined) return;
  const existing = lstatSync(folders.place(folder, name), { bigint: true, throwIfNoEntry: false });
  if (existing !== undefined && identityOf(existing) === identity)
    throw new FileFailure('SAME_FILE', 'source and destination are the same file');
}

/** Refuses to copy a folder into itself, which would not end. @param folder where it goes @throws FileFailure */
export function refuseInside(folders: Folders, folder: Folder, { identity }: Source): void {
  if (identity === undefined) return;
  for (const above of listAbove(folders, folder))
    if (identityOf(above) === identity)
      throw new FileFailure('SAME_FILE', 'a folder cannot be copied into itself');
}

/** A folder and those around it, up to the root. */
function* listAbove(folders: Folders, folder: Folder): Generator<BigIntStats, void, void> {
  let below: BigIntStats | null = null;
  for (let depth = 0, at = '.'; depth < MAX_FOLDER_DEPTH; depth++, at += '/..') {
    const found = look(folders, folder, at);
    if (found === null || (found.dev === below?.dev && found.ino === below.ino)) return;
    yield found;
    below = found;
  }
}

/** Null: it may not be looked at. */
function look(folders: Folders, folder: Folder, at: string): BigIntStats | null {
  try {
    return statSync(folders.place(folder, at), { bigint: true });
  } catch {
    return null;
  }
}
