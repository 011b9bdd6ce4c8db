import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../places/make-folder.ts';
import { MAX_RECORDING_FILES } from '../limits.ts';

/** The files of one recording, of which the last one is written to. */
export interface RecordingFiles {
  /** Begins a file, and keeps the one before under another name. @throws Error of the system */
  begin(): void;
  /** @throws Error of the system */
  write(bytes: Uint8Array): void;
  close(): void;
  /** Removes the file that was begun last. */
  discard(): void;
}

/** A file that a recording has made. */
interface OwnFile {
  readonly name: string;
  readonly stats: Stats;
}

const OPEN = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;

/**
 * Creates the files of a recording, each of mode 0600 and under a name that was free. `work.cast` is the last one; those before are
 * `work.1.cast`, `work.2.cast` and so on. Of more than MAX_RECORDING_FILES the oldest is removed. Files of others that are put in
 * their place are left alone.
 */
export function createRecordingFiles(file: string): RecordingFiles {
  /** The oldest first. */
  const older: OwnFile[] = [];
  let number = 0;
  let current: (OwnFile & { readonly fd: number }) | null = null;

  function close(): void {
    if (current !== null) closeSync(current.fd);
    current = null;
  }

  function keep(written: OwnFile): void {
    if (!isThere(written)) return;
    const name = reserveName();
    renameSync(file, name);
    older.push({ ...written, name });
    const oldest = older.length < MAX_RECORDING_FILES ? undefined : older.shift();
    if (oldest !== undefined && isThere(oldest)) rmSync(oldest.name);
  }

  /** Makes an empty file. */
  function reserveName(): string {
    for (;;) {
      const name = nameOlder(file, ++number);
      try {
        closeSync(openSync(name, OPEN, 0o600));
        return name;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  return {
    begin() {
      const written = current;
      close();
      if (written !== null) keep(written);
      makeFolder(path.dirname(file));
      const fd = openSync(file, OPEN, 0o600);
      current = { name: file, stats: fstatSync(fd), fd };
    },
    write(bytes) {
      for (let at = 0; current !== null && at < bytes.length; ) at += writeSync(current.fd, bytes, at);
    },
    close,
    discard() {
      if (current !== null && isThere(current)) rmSync(file);
      close();
    },
  };
}

function isThere({ name, stats }: OwnFile): boolean {
  const found = statSync(name, { throwIfNoEntry: false });
  // The number of a file that was removed may be given to the next one
  return found?.ino === stats.ino && found.dev === stats.dev && found.birthtimeMs === stats.birthtimeMs;
}

/** `work.cast` becomes `work.1.cast`. */
function nameOlder(file: string, number: number): string {
  const { dir, name, ext } = path.parse(file);
  return path.join(dir, `${name}.${number}${ext}`);
}
