import type { AuthorizedLine } from './authorized-line.ts';
import type { PublicKey } from './public-key.ts';

/** An index of an authorized_keys file by key, so that many offered keys do not cause many scans. */
export type LineIndex = ReadonlyMap<string, readonly AuthorizedLine[]>;

/** Indexes the lines; those with an unreadable key are left out. */
export function indexLines(lines: readonly AuthorizedLine[]): LineIndex {
  const index = new Map<string, AuthorizedLine[]>();
  for (const line of lines) {
    if (line.key === null) continue;
    const name = nameOf(line.key);
    const others = index.get(name);
    if (others === undefined) index.set(name, [line]);
    else others.push(line);
  }
  return index;
}

/** Returns the lines with this key, in the order of the files and lines. */
export function findLines(files: readonly LineIndex[], key: PublicKey): readonly AuthorizedLine[] {
  return files.flatMap((index) => index.get(nameOf(key)) ?? []);
}

function nameOf({ blob }: PublicKey): string {
  return blob.toString('latin1');
}
