import { causedBy } from '../protocol/caused-by.ts';
import { RexaError } from '../protocol/errors.ts';
import { MAX_AUTHORIZED_KEYS_BYTES } from '../protocol/limits.ts';
import { authorizeKey, type Decision, type LoginFacts } from './authorize.ts';
import { parseAuthorizedKeys } from './authorized-line.ts';
import { cacheFile, type FileCache } from './file-cache.ts';
import { MAX_REVOCATIONS_BYTES } from './limits.ts';
import { indexLines, type LineIndex } from './line-index.ts';
import type { OfferedKey } from './offered-key.ts';
import { readRevocations } from './read-revocations.ts';
import { NOTHING_REVOKED, type Revocations } from './revocations.ts';

/** The files that determine who may log in. */
export interface AuthorizedKeysFiles {
  /** In the order of precedence; a file that does not exist has no keys. */
  readonly files: readonly string[];
  /** A KRL or a list of revoked keys; null for none. The file must exist and be readable. */
  readonly revokedKeys: string | null;
  /** The account's home folder; folders above it are not checked. */
  readonly home: string;
  /** Called with an error for each unusable line and file when it is read, for the log. */
  readonly report: (problem: RexaError) => void;
}

/** Decides on an offered key, by the contents of the files when they were read. */
export type LoginJudge = (offered: OfferedKey, facts: LoginFacts) => Decision;

/** The keys that may log in. */
export interface AuthorizedKeys {
  /**
   * Reads the files, for all keys that one connection offers. Never throws: errors of the files lead to refusals and are in
   * each decision's `problems`.
   */
  read(): Promise<LoginJudge>;
}

/** Opens the files. They are read again when they change; owners and modes are checked each time. */
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
      return indexLines(lines);
    }),
  );
  const revocations =
    revokedKeys === null
      ? null
      : cacheFile(revokedKeys, { kind: 'trusted', maxBytes: MAX_REVOCATIONS_BYTES, home }, (bytes) =>
          readRevocations(bytes, revokedKeys),
        );

  return {
    async read() {
      const revoked = await readRevoked(revocations, revokedKeys ?? '');
      if (revoked instanceof RexaError) {
        report(revoked);
        return () => ({ kind: 'refused', problems: [revoked] });
      }
      const { indexes, problems } = await readAll(keyFiles);
      for (const problem of problems) report(problem);
      return (offered, facts) => {
        const decision = authorizeKey(indexes, revoked, offered, facts);
        return { ...decision, problems: [...problems, ...decision.problems] };
      };
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
  caches: readonly FileCache<LineIndex>[],
): Promise<{ indexes: LineIndex[]; problems: RexaError[] }> {
  const indexes: LineIndex[] = [];
  const problems: RexaError[] = [];
  for (const cache of caches) {
    try {
      const index = await cache.read();
      if (index !== null) indexes.push(index);
    } catch (error) {
      problems.push(asRexaError(error));
    }
  }
  return { indexes, problems };
}

function asRexaError(error: unknown): RexaError {
  if (error instanceof RexaError) return error;
  return causedBy('INTERNAL', error);
}
