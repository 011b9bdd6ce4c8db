import { closeSync, constants, fstatSync, lstatSync, openSync, realpathSync, statSync, write } from 'node:fs';
import path from 'node:path';
import { type NodePath, nodePath, readName } from '../byte-path.ts';
import { FileFailure } from '../describe-failure.ts';
import type { Folder, Folders } from '../folders.ts';
import { FIFO_RETRY_MS } from '../limits.ts';
import { namesBelow } from '../send/open-confined.ts';
import type { ReceivePlan } from './receive-plan.ts';

/** A place that takes the data of one file and is no regular file: a device, a FIFO, stdout. */
export interface Sink {
  /** One call after the other. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends a write that waits for its reader, and closes what is open when no write is running. */
  close(): void;
}

/** Where a transfer goes, by the rules of cp(1). */
export type Target =
  /** Each source under its own name. */
  | { readonly kind: 'into'; readonly folder: Folder }
  /** The only source under this name. */
  | { readonly kind: 'as'; readonly folder: Folder; readonly name: string; readonly mustBeFolder: boolean }
  | { readonly kind: 'sink'; readonly sink: Sink };

/** Looks at the destination, as it is typed: symlinks are followed. @throws Error of the system, FileFailure */
export function resolveTarget(folders: Folders, plan: ReceivePlan): Target {
  if (plan.confinedTo !== null) return resolveConfined(folders, plan, plan.confinedTo);
  const typed = plan.target;
  const stats = statSync(nodePath(typed), { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) {
    refuseFolder(plan);
    return { kind: 'into', folder: folders.start(typed) };
  }
  if (plan.needsFolder) throw new FileFailure('ENOTDIR', 'is not a folder, and several sources need one');
  const mustBeFolder = typed.endsWith('/');
  if (stats === undefined) {
    if (lstatSync(nodePath(typed.replace(/\/+$/, '')), { throwIfNoEntry: false }) !== undefined)
      throw new FileFailure('ENOENT', 'is a symlink that leads nowhere');
    return as(folders, typed, mustBeFolder);
  }
  if (mustBeFolder) throw new FileFailure('ENOTDIR', 'is not a folder');
  if (stats.isFile()) return as(folders, readName(realpathSync(nodePath(typed), 'buffer')), false);
  return { kind: 'sink', sink: plan.isDry ? CLOSED_SINK : openSpecial(nodePath(typed)) };
}

/** Stands for what `--dry-run` does not open. */
const CLOSED_SINK: Sink = { write: async () => undefined, close: () => undefined };

function as(folders: Folders, typed: string, mustBeFolder: boolean): Target {
  const place = typed.replace(/(?<=.)\/+$/, '');
  return { kind: 'as', folder: folders.start(path.dirname(place)), name: path.basename(place), mustBeFolder };
}

function resolveConfined(folders: Folders, plan: ReceivePlan, permitted: string): Target {
  const names = namesBelow(permitted, plan.target);
  if (names === null) throw new FileFailure('EACCES', `is not below ${permitted}`);
  let folder = folders.start(permitted);
  for (const name of names.slice(0, -1)) folder = folders.enter(folder, name);
  const last = names.at(-1);
  if (last === undefined) {
    refuseFolder(plan);
    return { kind: 'into', folder };
  }
  const stats = lstatSync(folders.place(folder, last), { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) {
    refuseFolder(plan);
    return { kind: 'into', folder: folders.enter(folder, last) };
  }
  if (plan.needsFolder) throw new FileFailure('ENOTDIR', 'is not a folder, and several sources need one');
  if (stats !== undefined && !stats.isFile()) throw new FileFailure('EACCES', 'is not a regular file');
  return { kind: 'as', folder, name: last, mustBeFolder: plan.target.endsWith('/') };
}

/** @throws FileFailure */
function refuseFolder({ isFile }: ReceivePlan): void {
  if (isFile) throw new FileFailure('EISDIR', 'is a folder');
}

/** Opens a device or a FIFO, without waiting for its reader. @throws Error of the system, FileFailure */
export function openSpecial(at: NodePath): Sink {
  let descriptor: number;
  try {
    descriptor = openSync(at, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    throw new FileFailure('ENXIO', 'nobody reads this FIFO, or it is a socket');
  }
  if (fstatSync(descriptor).isFile()) {
    closeSync(descriptor);
    throw new FileFailure('ESTALE', 'was replaced during the copy');
  }
  let isWriting = false;
  let isClosed = false;
  return {
    async write(bytes) {
      isWriting = true;
      try {
        for (let done = 0; done < bytes.length && !isClosed; )
          done += await writeSome(descriptor, bytes, done);
      } finally {
        isWriting = false;
        if (isClosed) closeSync(descriptor);
      }
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      // Another file may get the number of a descriptor that is closed under a running write
      if (!isWriting) closeSync(descriptor);
    },
  };
}

/** A FIFO whose reader is slow is tried again. */
function writeSome(descriptor: number, bytes: Uint8Array, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, from, bytes.length - from, null, (error, count) => {
      if (error?.code === 'EAGAIN') setTimeout(resolve, FIFO_RETRY_MS, 0);
      else if (error) reject(error);
      else resolve(count);
    });
  });
}
