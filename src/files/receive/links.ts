import {
  type BigIntStats,
  lchownSync,
  linkSync,
  lstatSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { nodePath, readName } from '../byte-path.ts';
import { FileFailure } from '../describe-failure.ts';
import type { HardlinkHeader, LinkHeader } from '../headers.ts';
import { changeOwner } from './attributes.ts';
import { uniquePartialName } from './partial.ts';
import { rememberFile } from './received-files.ts';
import { type Place, pathOf, type ReceiverState } from './receiver-state.ts';

/** Makes a symlink. @returns whether it is new @throws Error of the system, FileFailure */
export function makeLink(state: ReceiverState, { folder, name }: Place, header: LinkHeader): boolean {
  const { folders, plan, calls } = state;
  const at = folders.place(folder, name);
  const existing = lstatSync(at, { throwIfNoEntry: false, bigint: true });
  if (existing?.isDirectory() === true) throw new FileFailure('EISDIR', 'a folder of that name exists');
  const isSame =
    existing?.isSymbolicLink() === true &&
    readName(readlinkSync(at, { encoding: 'buffer' })) === header.target;
  if (isSame && (plan.comparesTimes || !plan.keepsAttributes || isLikeSource(existing, header))) {
    rememberFile(state, { folder, name }, header, existing);
    return false;
  }
  if (plan.isDry) return true;
  const own = folders.place(folder, uniquePartialName(name));
  symlinkSync(nodePath(header.target), own);
  try {
    if (plan.keepsAttributes) {
      changeOwner(state, () => lchownSync(own, header.uid, header.gid), lstatSync(own), header);
      calls.setTimeOfName(own, BigInt(header.mtime));
    }
    const made = lstatSync(own, { bigint: true });
    renameSync(own, at);
    rememberFile(state, { folder, name }, header, made);
  } catch (error) {
    unlinkSync(own);
    throw error;
  }
  state.report({ kind: 'link', path: pathOf({ folder, name }), target: header.target });
  return true;
}

/** Whether a link has the attributes that -p gives it. */
function isLikeSource({ mtimeNs, uid, gid }: BigIntStats, header: LinkHeader): boolean {
  return mtimeNs === BigInt(header.mtime) && Number(uid) === header.uid && Number(gid) === header.gid;
}

/** Makes another name of a file that was received. @returns whether it is new @throws Error of the system, FileFailure */
export function makeHardlink(state: ReceiverState, { folder, name }: Place, { to }: HardlinkHeader): boolean {
  const { folders, plan, shared } = state;
  const first = shared.get(to);
  if (first === undefined && plan.isDry) return true;
  if (first === undefined)
    throw new FileFailure('ENOENT', 'the file that it is another name of was not copied');
  const from = folders.place(first.folder, first.name);
  const at = folders.place(folder, name);
  const existing = lstatSync(at, { throwIfNoEntry: false, bigint: true });
  if (existing?.isDirectory() === true) throw new FileFailure('EISDIR', 'a folder of that name exists');
  const source = lstatSync(from, { bigint: true });
  if (source.ino !== first.ino || source.dev !== first.dev)
    throw new FileFailure('ESTALE', 'the file that it is another name of was replaced');
  if (existing?.ino === source.ino && existing.dev === source.dev) return false;
  if (plan.isDry) return true;
  const own = folders.place(folder, uniquePartialName(name));
  linkSync(from, own);
  try {
    renameSync(own, at);
  } catch (error) {
    unlinkSync(own);
    throw error;
  }
  state.report({ kind: 'hardlink', path: pathOf({ folder, name }) });
  return true;
}
