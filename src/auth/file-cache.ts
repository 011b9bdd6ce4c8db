import { type FileGuard, readGuardedFile } from './guarded-file.ts';

/** What a guarded file says, read again whenever it has changed. */
export interface FileCache<T> {
  /**
   * What the file says now; null if there is none. Its owner and modes are looked at each time.
   * @throws RexaError as {@link readGuardedFile}, and whatever the reader throws
   */
  read(): Promise<T | null>;
}

/** @param parse makes the value of the file's bytes; it is called once for each version of the file */
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
