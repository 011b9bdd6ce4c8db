import { fingerprint } from '../../auth/public-key.ts';
import { readAuthorized } from './authorized.ts';

/**
 * Returns where else a key is authorized, as `FILE:LINE`. The restrictions of one file (`from=`, `expiry-time=`) do not
 * hold where the daemon finds the key in another one.
 * @param wanted the fingerprint of the key
 */
export async function findElsewhere(
  files: readonly string[],
  wanted: string,
): Promise<readonly { readonly file: string; readonly where: string }[]> {
  const read = await Promise.all(files.map(readAuthorized));
  return read.flatMap(({ file, lines }) =>
    lines.flatMap((line) =>
      line.kind === 'key' && fingerprint(line.key) === wanted ? [{ file, where: line.where }] : [],
    ),
  );
}
