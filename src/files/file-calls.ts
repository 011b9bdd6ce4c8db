import { futimesSync, lutimesSync } from 'node:fs';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { NodePath } from './byte-path.ts';

/** System calls for files that Node lacks. */
export interface FileCalls {
  /** What is lost here, one sentence each; empty where all calls are there. */
  readonly limitations: readonly string[];
  /** Sets the time of modification of an open file, in nanoseconds since 1970. @throws Error of the system */
  setTime(descriptor: number, mtime: bigint): void;
  /** The same of a name, which may be a symlink. @throws Error of the system */
  setTimeOfName(place: NodePath, mtime: bigint): void;
  /** Whether times are kept to the nanosecond; else to the microsecond. */
  readonly isExact: boolean;
  /**
   * Returns where data starts at or behind an offset, and where it ends; null: none follows. Absent where holes are not
   * found. @throws Error of the system
   */
  readonly findData?: (descriptor: number, from: number) => readonly [start: number, end: number] | null;
  /**
   * Gives an open file that has no name (O_TMPFILE) one; false: there is something of that name. Absent where files need a
   * name. @throws Error of the system
   */
  readonly nameFile?: (descriptor: number, place: NodePath) => boolean;
  /** Locks an open file for this process; false: another one has locked it. Null where it cannot be known. */
  lock(descriptor: number): boolean | null;
  /** Says whether something, which is not followed, may have extended attributes. Absent where they are lost. */
  readonly mayHaveAttributes?: (place: NodePath) => boolean;
  /** Returns the extended attributes of the user of an open file, values in base64. Absent where they are lost. */
  readonly readAttributes?: (descriptor: number) => readonly (readonly [name: string, value: string])[];
  /** @throws Error of the system */
  readonly writeAttribute?: (descriptor: number, name: string, value: Uint8Array) => void;
}

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_SYMLINK_FOLLOW = 0x400;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const LOCK_EX_NB = 2 | 4;
/** Of utimensat(2): leaves the time of access as it is. */
const UTIME_OMIT = 0x3ffffffen;
const MAX_ATTRIBUTES_BYTES = 65_536;

let opened: Promise<FileCalls> | undefined;

/** Returns the calls through koffi, or where it is missing a fallback that names what is lost. */
export function openFileCalls(): Promise<FileCalls> {
  opened ??= load().catch(() => FALLBACK);
  return opened;
}

/** Without koffi. */
const FALLBACK: FileCalls = {
  limitations: [
    'koffi is not available: times are kept to the microsecond, sparse files become whole, extended attributes are lost, and incomplete files are not continued',
  ],
  setTime: (descriptor, mtime) => futimesSync(descriptor, seconds(mtime), seconds(mtime)),
  setTimeOfName: (place, mtime) => lutimesSync(place, seconds(mtime), seconds(mtime)),
  isExact: false,
  lock: () => null,
};

function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e9;
}

async function load(): Promise<FileCalls> {
  if (process.platform !== 'linux') return FALLBACK;
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(null);
  type Call = (
    ...words: readonly (number | bigint | string | NodePath | Uint8Array | BigInt64Array)[]
  ) => number | bigint;
  const futimens = libc.func('int futimens(int fd, int64_t *times)') as Call;
  const utimensat = libc.func('int utimensat(int at, const void *path, int64_t *times, int flags)') as Call;
  const lseek = libc.func('int64_t lseek64(int fd, int64_t offset, int whence)') as Call;
  const flock = libc.func('int flock(int fd, int operation)') as Call;
  const flistxattr = libc.func('long flistxattr(int fd, void *list, size_t size)') as Call;
  const llistxattr = libc.func('long llistxattr(const void *path, void *list, size_t size)') as Call;
  const fgetxattr = libc.func('long fgetxattr(int fd, const void *name, void *value, size_t size)') as Call;
  const fsetxattr = libc.func(
    'int fsetxattr(int fd, const void *name, const void *value, size_t size, int flags)',
  ) as Call;
  const link = libc.func(
    'int linkat(int from, const char *path, int at, const void *name, int flags)',
  ) as Call;
  const times = new BigInt64Array(4);
  const scratch = Buffer.alloc(MAX_ATTRIBUTES_BYTES);

  function fail(syscall: string): never {
    const errno = koffi.errno();
    const code = getSystemErrorName(-errno);
    throw Object.assign(new Error(`${syscall} failed: ${code}`), { code, errno: -errno, syscall });
  }

  function fillTimes(mtime: bigint): BigInt64Array {
    times[1] = UTIME_OMIT;
    const rest = ((mtime % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    times[2] = (mtime - rest) / 1_000_000_000n;
    times[3] = rest;
    return times;
  }

  function seek(descriptor: number, offset: number, whence: number): number | null {
    const found = Number(lseek(descriptor, offset, whence));
    if (found >= 0) return found;
    if (koffi.errno() === constants.errno.ENXIO) return null;
    return fail('lseek');
  }

  function readAttribute(descriptor: number, name: Buffer): string | null {
    const length = fgetxattr(descriptor, zeroEnded(name), scratch, scratch.length);
    // It may have gone, or have grown too long, since its name was listed
    return length < 0 ? null : scratch.toString('base64', 0, Number(length));
  }

  return {
    limitations: [],
    isExact: true,
    setTime(descriptor, mtime) {
      if (futimens(descriptor, fillTimes(mtime)) !== 0) fail('futimens');
    },
    setTimeOfName(place, mtime) {
      if (utimensat(AT_FDCWD, zeroEnded(place), fillTimes(mtime), AT_SYMLINK_NOFOLLOW) !== 0)
        fail('utimensat');
    },
    findData(descriptor, from) {
      const start = seek(descriptor, from, SEEK_DATA);
      if (start === null) return null;
      return [start, seek(descriptor, start, SEEK_HOLE) ?? start];
    },
    nameFile(descriptor, place) {
      const open = `/proc/self/fd/${descriptor}`;
      if (link(AT_FDCWD, open, AT_FDCWD, zeroEnded(place), AT_SYMLINK_FOLLOW) === 0) return true;
      return koffi.errno() === constants.errno.EEXIST ? false : fail('linkat');
    },
    lock: (descriptor) => flock(descriptor, LOCK_EX_NB) === 0,
    mayHaveAttributes: (place) => llistxattr(zeroEnded(place), scratch, 0) > 0,
    readAttributes(descriptor) {
      const length = flistxattr(descriptor, scratch, scratch.length);
      if (length <= 0) return [];
      const names = Buffer.from(scratch.subarray(0, Number(length)))
        .toString('latin1')
        .split('\0');
      return names.flatMap((name) => {
        const value = name.startsWith('user.')
          ? readAttribute(descriptor, Buffer.from(name, 'latin1'))
          : null;
        return value === null ? [] : [[name, value] as const];
      });
    },
    writeAttribute(descriptor, name, value) {
      if (fsetxattr(descriptor, zeroEnded(Buffer.from(name, 'latin1')), value, value.length, 0) !== 0)
        fail('fsetxattr');
    },
  };
}

function zeroEnded(text: NodePath): Buffer {
  return Buffer.concat([Buffer.from(text as Buffer), Buffer.of(0)]);
}
