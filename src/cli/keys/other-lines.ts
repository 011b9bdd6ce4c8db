import { fingerprint } from '../../auth/public-key.ts';
import { sshAuthorizedKeys } from '../../places/login-files.ts';
import { readAuthorized } from './authorized.ts';

/**
 * Returns where sshd's own file lets a key in, which rexad asks behind its own: `FILE:LINE`. What is demanded of a key in
 * the one (`from=`, `expiry-time=`) keeps nobody out whom the other lets in.
 * @param wanted the key's fingerprint
 */
export async function findInSshFile(wanted: string): Promise<readonly string[]> {
  const { lines } = await readAuthorized(sshAuthorizedKeys());
  return lines.flatMap((line) =>
    line.kind === 'key' && fingerprint(line.key) === wanted ? [line.where] : [],
  );
}
