import { addAuthorizedKey, removeAuthorizedKey } from '../auth/authorize-line.ts';
import { parseAuthorizedKeys } from '../auth/authorized-line.ts';
import { readGuardedFile } from '../auth/guarded-file.ts';
import { fingerprint, isSameKey, type PublicKey, parsePublicKey } from '../auth/public-key.ts';
import { homeFolder } from '../places/home-folder.ts';
import { sshAuthorizedKeys } from '../places/login-files.ts';
import { RexaError } from '../protocol/errors.ts';
import { MAX_AUTHORIZED_KEYS_BYTES } from '../protocol/limits.ts';
import type { SessionShares } from '../services/sessions/shares.ts';

/**
 * Keeps the lines of shared sessions in the first file that the daemon reads and that is not sshd's, which would refuse them.
 * @param files what the daemon reads; looked at with each call
 */
export function keepSessionShares(files: () => readonly string[]): SessionShares {
  /** @throws RexaError SESSION_SHARE_REFUSED */
  function ownFile(name: string): string {
    const file = files().find((each) => each !== sshAuthorizedKeys());
    if (file !== undefined) return file;
    throw new RexaError('SESSION_SHARE_REFUSED', [
      name,
      'the daemon reads no authorized_keys but those of sshd',
    ]);
  }

  return {
    async add({ mode, name }, line, forMs) {
      const { key, comment } = parsePublicKey(line, 'of the request');
      const file = ownFile(name);
      const expiry = forMs === null ? [] : [{ name: 'expiry-time', value: writeTime(Date.now() + forMs) }];
      const options = ['restrict', { name: 'rexa-sessions', value: `${mode}:${name}` }, ...expiry];
      if (!(await addAuthorizedKey(file, homeFolder(), key, options, comment)))
        throw new RexaError('SESSION_SHARE_REFUSED', [
          name,
          `${file} has the key ${fingerprint(key)} already; remove its line first, with rexa session unshare or rexa keys revoke`,
        ]);
      return { fingerprint: fingerprint(key), file };
    },
    async remove(name, line) {
      const file = ownFile(name);
      const wanted = line === null ? null : parsePublicKey(line, 'of the request').key;
      const shared = (await findShared(file, name)).filter(
        (key) => wanted === null || isSameKey(key, wanted),
      );
      if (shared.length === 0) throw new RexaError('SESSION_SHARE_UNKNOWN', [name]);
      const isMeant = (key: PublicKey): boolean => shared.some((each) => isSameKey(each, key));
      const removed = await removeAuthorizedKey(file, homeFolder(), isMeant);
      return [...new Set(removed.map(fingerprint))];
    },
  };
}

/** The keys whose lines are for this session and for nothing else. */
async function findShared(file: string, name: string): Promise<readonly PublicKey[]> {
  const content = await readGuardedFile(file, {
    kind: 'trusted',
    maxBytes: MAX_AUTHORIZED_KEYS_BYTES,
    home: homeFolder(),
  });
  if (content === null || content === 'unchanged') return [];
  return parseAuthorizedKeys(content.bytes, file).flatMap((line) => {
    if (line.kind !== 'key') return [];
    const names = (line.options.sessions ?? []).map((right) => right.name);
    return names.length > 0 && names.every((each) => each === name) ? [line.key] : [];
  });
}

/** As `expiry-time=` has it, in UTC; up to the next second. */
function writeTime(atMs: number): string {
  const digits = new Date(Math.ceil(atMs / 1000) * 1000).toISOString().replaceAll(/\D/g, '');
  return `${digits.slice(0, 14)}Z`;
}
