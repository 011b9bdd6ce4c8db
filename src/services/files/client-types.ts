import type { Readable, Writable } from 'node:stream';

/** A path: text, or bytes where it is not UTF-8. */
export type FilePath = string | Uint8Array;

/** What is copied: files of this machine, files of the host, or what a stream holds, as one file of this name. */
export type CopySource =
  | { readonly local: FilePath | readonly FilePath[] }
  | { readonly remote: FilePath | readonly FilePath[] }
  | { readonly stream: Readable; readonly name?: string };

/** Where it goes: to this machine, to the host or another one, or into a stream. */
export type CopyTarget =
  | { readonly local: FilePath }
  | { readonly remote: FilePath; readonly host?: FilesHost }
  | { readonly stream: Writable };

/** Options of `copy`. */
export interface CopyOptions {
  /** Whether folders are copied, with all that is in them. Default: they are errors. */
  readonly recursive?: boolean;
  /** Whether modes, times, extended attributes and, where allowed, owners are kept. */
  readonly preserve?: boolean;
  /** Whether symlinks are followed. Default: below a source that is a folder they are copied as links. */
  readonly follow?: boolean;
  /** Whether files of the same length are left as they are if they have the same time (with `preserve`) or are not older. */
  readonly update?: boolean;
  /** Whether files with the same hash are left as they are. */
  readonly checksum?: boolean;
  /** Whether what the source lacks is removed from the folders that are copied; not after a read error. */
  readonly delete?: boolean;
  /** Patterns of what is left out. */
  readonly exclude?: readonly string[];
  /** Whether an incomplete file is kept for a later copy, and one that was kept is continued. */
  readonly resume?: boolean;
  /** Whether nothing is changed; the result tells what would be. */
  readonly dryRun?: boolean;
  /** Whether each file is on the disk before it counts as copied. */
  readonly durable?: boolean;
  /** Whether files are written in their places, which may leave a part of one. */
  readonly inPlace?: boolean;
  /** Whether data is compressed on the way. Default, `auto`: if the path is slower than the compressor. */
  readonly compress?: 'auto' | 'never' | 'always';
  /** Whether the destination has to be a folder. Default: if there are several sources. */
  readonly intoFolder?: boolean;
  /** Ends the copy. */
  readonly signal?: AbortSignal;
  /** Whether the copy is rejected if a file failed. Default: true. */
  readonly reject?: boolean;
  /** Gets the result of each entry. A promise that it returns is waited for. */
  readonly handleEntry?: (entry: CopiedEntry) => unknown;
}

/** What a copy came to for one entry. Messages of a host are escaped; paths are untrusted text as it is. */
export interface CopiedEntry {
  readonly kind: 'file' | 'folder' | 'link' | 'deleted';
  /** From the name of the source on. Each byte that is not UTF-8 is one of U+DC80 to U+DCFF. */
  readonly path: string;
  /** The bytes of the path, where it is not text. */
  readonly pathBytes: Uint8Array | null;
  /** Which side could not read or write it; null: it did not fail. */
  readonly side: 'source' | 'destination' | null;
  /** Its whole path at the source, from the path of the source as it was given on; null: it is at the destination only. */
  readonly from: string | null;
  /** The same at the destination; null: the source could not be read before the destination was known. */
  readonly to: string | null;
  readonly status: 'copied' | 'unchanged' | 'deleted' | 'failed';
  readonly size: number | null;
  /** Bytes that were there already. */
  readonly reusedBytes: number;
  /** Such as ENOSPC; null: it did not fail. */
  readonly code: string | null;
  readonly message: string | null;
}

/** How far a copy has come. */
export interface CopyProgress {
  /** Data that was sent, without holes, and without what was sent again. */
  readonly bytes: number;
  /** Of the files that are known of so far. */
  readonly knownBytes: number;
  /** How much of that is done with: it was sent, was there already, is a hole, or failed. */
  readonly doneBytes: number;
  /** Bytes of copied files that the receiver had already. */
  readonly reusedBytes: number;
  /** Data of the files that are complete, whether it was sent or was there already. */
  readonly completeBytes: number;
  readonly copied: number;
  readonly unchanged: number;
  readonly deleted: number;
  readonly failed: number;
  /** The file that is being sent; null: none was yet. */
  readonly current: string | null;
  /** Bytes of incomplete files at the receiver. */
  readonly unfinishedBytes: number;
  /** Whether something could not be read, after which `delete` removes nothing more. */
  readonly hasReadError: boolean;
  /** Whether the receiver has reported that everything is done. */
  readonly isFinished: boolean;
}

/** What a copy came to. */
export interface CopyResult extends CopyProgress {
  /** The first entries that failed, at most 100 of them; a folder that failed without what is in it. */
  readonly failures: readonly CopiedEntry[];
}

/** A copy that goes on: a promise of its result, and an iterator of its progress, four times a second. */
export interface Copy extends Promise<CopyResult>, AsyncIterable<CopyProgress> {
  readonly progress: CopyProgress;
}

/** What is known of a file of a host. The name is untrusted text, or bytes where it is not UTF-8. */
export interface FileInfo {
  readonly name: FilePath;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Milliseconds since 1970, with fractions. */
  readonly mtimeMs: number;
  readonly uid: number;
  readonly gid: number;
}

/** What a host has for files. */
export interface FilesHost {
  /**
   * Copies files to or from the host, or from it to another host. A file appears under its name when it is complete.
   * @throws CopyError FILES_INCOMPLETE, FILES_TARGET, NOT_PERMITTED, LINK_LOST, CANCELED; RexaError USAGE
   */
  copy(from: CopySource, to: CopyTarget, options?: CopyOptions): Copy;
  /** Returns the content of a file. @throws FileError; RexaError NOT_PERMITTED, LINK_LOST */
  readFile(path: FilePath): Promise<Buffer>;
  readFile(path: FilePath, encoding: BufferEncoding): Promise<string>;
  /**
   * Writes a file: it has the old content until it has all of the new one.
   * @throws FileError; RexaError NOT_PERMITTED, LINK_LOST
   */
  writeFile(path: FilePath, data: string | Uint8Array, options?: Pick<CopyOptions, 'durable'>): Promise<void>;
  /** Lists the entries of a folder; symlinks are listed as such. @throws FileError; RexaError NOT_PERMITTED, LINK_LOST */
  readdir(path: FilePath): Promise<readonly FileInfo[]>;
  /** Returns what is known of a file, and of what a symlink leads to. @throws as `readdir` */
  stat(path: FilePath): Promise<FileInfo>;
}
