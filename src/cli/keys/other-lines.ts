import { fingerprint } from '../../auth/public-key.ts';
import { readAuthorized } from './authorized.ts';

/** Where a key is authorized: `where` is `FILE:LINE`. */
export interface FoundLine {
  readonly file: string;
  readonly where: string;
}

/**
 * Reads other files by which keys are authorized. The restrictions of one file (`from=`, `expiry-time=`) do not hold where
 * the daemon finds the key in another one.
 * @returns what finds the lines of a fingerprint
 */
export async function readElsewhere(
  files: readonly string[],
): Promise<(wanted: string) => readonly FoundLine[]> {
  const read = await Promise.all(files.map(readAuthorized));
  const found = read.flatMap(({ file, lines }) =>
    lines.flatMap((line) =>
      line.kind === 'key' ? [{ file, where: line.where, key: fingerprint(line.key) }] : [],
    ),
  );
  return (wanted) => found.filter(({ key }) => key === wanted);
}
