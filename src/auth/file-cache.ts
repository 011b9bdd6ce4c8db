import { type FileGuard, readGuardedFile } from './guarded-file.ts';

/** The parsed content of a guarded file, read again when the file has changed. */
export interface FileCache<T> {
  /**
   * Returns the current content; null if there is no file. Owner and modes are checked each time.
   * @throws RexaError as {@link readGuardedFile}, and the errors of `parse`
   */
  read(): Promise<T | null>;
}

/** @param parse converts the file's bytes to the value; called once for each version of the file */
export function cacheFile<T>(file: string, guard: FileGuard, parse: (bytes: Buffer) => T): FileCache<T> {
  let kept: { readonly version: string; readonly value: T } | null = null;
  return {
    async read() {
      const before = kept;
      const content = await readGuardedFile(file, guard, before?.version ?? null);
      if (content === 'unchanged') return before === null ? null : before.value;
      kept = null;
      if (content === null) return null;
      const value = parse(content.bytes);
      if (content.version !== null) kept = { version: content.version, value };
      return value;
    },
  };
}
