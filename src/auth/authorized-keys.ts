import { RexaError } from '../protocol/errors.ts';
import { MAX_AUTHORIZED_KEYS_BYTES, MAX_REVOCATIONS_BYTES } from '../protocol/limits.ts';
import { authorizeKey, type Decision, type LoginFacts } from './authorize.ts';
import { type AuthorizedLine, parseAuthorizedKeys } from './authorized-line.ts';
import { cacheFile, type FileCache } from './file-cache.ts';
import type { OfferedKey } from './offered-key.ts';
import { readRevocations } from './read-revocations.ts';
import { NOTHING_REVOKED, type Revocations } from './revocations.ts';

/** Where it stands who may log in. */
export interface AuthorizedKeysFiles {
  /** In the order in which they are asked; one that isn't there holds no keys. */
  readonly files: readonly string[];
  /** A KRL or a list of revoked keys; null when there is none. One that is named must be there and be readable. */
  readonly revokedKeys: string | null;
  /** The account's home folder, above which the folders' modes don't matter. */
  readonly home: string;
  /** Told of each line and file that can't be used, whenever it is read: for the log. */
  readonly report: (problem: RexaError) => void;
}

/** The keys that may log in, as the files have them at each question. */
export interface AuthorizedKeys {
  /** Never throws: whatever is wrong with the files is a reason to refuse, and in `problems`. */
  decide(offered: OfferedKey, facts: LoginFacts): Promise<Decision>;
}

/** Files are read again when they change; their owners and modes are looked at each time. */
export function openAuthorizedKeys({
  files,
  revokedKeys,
  home,
  report,
}: AuthorizedKeysFiles): AuthorizedKeys {
  const keyFiles = files.map((file) =>
    cacheFile(file, { kind: 'trusted', maxBytes: MAX_AUTHORIZED_KEYS_BYTES, home }, (bytes) => {
      const lines = parseAuthorizedKeys(bytes, file);
      for (const line of lines) if (line.kind === 'unusable') report(line.problem);
      return lines;
    }),
  );
  const revocations =
    revokedKeys === null
      ? null
      : cacheFile(revokedKeys, { kind: 'trusted', maxBytes: MAX_REVOCATIONS_BYTES, home }, (bytes) =>
          readRevocations(bytes, revokedKeys),
        );

  return {
    async decide(offered, facts) {
      const revoked = await readRevoked(revocations, revokedKeys ?? '');
      if (revoked instanceof RexaError) {
        report(revoked);
        return { kind: 'refused', problems: [revoked] };
      }
      const { lines, problems } = await readAll(keyFiles);
      for (const problem of problems) report(problem);
      const decision = authorizeKey(lines, revoked, offered, facts);
      return { ...decision, problems: [...problems, ...decision.problems] };
    },
  };
}

async function readRevoked(
  cache: FileCache<Revocations> | null,
  file: string,
): Promise<Revocations | RexaError> {
  if (cache === null) return NOTHING_REVOKED;
  try {
    return (await cache.read()) ?? new RexaError('AUTH_FILE_UNREADABLE', [file, 'there is no such file']);
  } catch (error) {
    return asRexaError(error);
  }
}

async function readAll(
  caches: readonly FileCache<AuthorizedLine[]>[],
): Promise<{ lines: AuthorizedLine[]; problems: RexaError[] }> {
  const files: AuthorizedLine[][] = [];
  const problems: RexaError[] = [];
  for (const cache of caches) {
    try {
      files.push((await cache.read()) ?? []);
    } catch (error) {
      problems.push(asRexaError(error));
    }
  }
  return { lines: files.flat(), problems };
}

function asRexaError(error: unknown): RexaError {
  if (error instanceof RexaError) return error;
  return new RexaError('INTERNAL', [error instanceof Error ? error.message : String(error)], {
    cause: error,
  });
}
