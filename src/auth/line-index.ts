import type { AuthorizedLine } from './authorized-line.ts';
import type { PublicKey } from './public-key.ts';

/** The lines of one authorized_keys file by their keys: whoever offers many keys doesn't have it read through each time. */
export type LineIndex = ReadonlyMap<string, readonly AuthorizedLine[]>;

/** Lines whose key could not be read are nobody's, and left out. */
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

/** The lines that hold this key, in the order of the files and of the lines in them. */
export function findLines(files: readonly LineIndex[], key: PublicKey): readonly AuthorizedLine[] {
  return files.flatMap((index) => index.get(nameOf(key)) ?? []);
}

function nameOf({ blob }: PublicKey): string {
  return blob.toString('latin1');
}
