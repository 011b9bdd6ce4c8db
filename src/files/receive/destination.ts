import { lstatSync } from 'node:fs';
import { RexaError } from '../../protocol/errors.ts';
import { describeFailure, FileFailure, withoutFolder } from '../describe-failure.ts';
import type { Folder, Folders } from '../folders.ts';
import type { ReceivePlan } from './receive-plan.ts';
import type { Level, Place } from './receiver-state.ts';
import { openSpecial, resolveTarget, type Sink, type Target } from './resolve-target.ts';
import { createRootCheck } from './root-check.ts';
import { createRootNames } from './root-names.ts';

/** Where a transfer goes: decides under which name each source comes there, and owns what is open and is no regular file. */
export interface Destination {
  /** The folder that it goes to. */
  readonly start: Level;
  /** Sources go into it under their own names. */
  readonly isInto: boolean;
  /** It takes the data of one file: a device, a FIFO, stdout. */
  readonly isSink: boolean;
  /** Returns the place of an entry. @throws RexaError FILES_PROTOCOL, FileFailure */
  placeOf(level: Level, name: string, isFolder: boolean): Place;
  /** Returns the destination itself if a folder named `.` goes into it; else null. @throws RexaError FILES_PROTOCOL */
  enterItself(level: Level, name: string): Folder | null;
  /** Refuses folders and symlinks that were not asked for. @throws FileFailure */
  needRecursion(what: string): void;
  /** Takes a file for the sink: one, and none of a folder. @throws FileFailure */
  claimSink(level: Level): Sink;
  /** Returns the sink that a claimed file goes to. */
  readonly sink: Sink | null;
  /**
   * Opens a FIFO or a device that a source is to replace: it is written. Null: there is none, or in a tree, where one is not
   * replaced. @throws Error of the system
   */
  openSpecial(place: Place): Sink | null;
  /** Closes what was opened for one file. */
  closeSpecial(): void;
  close(): void;
}

const ONE_FILE = 'the destination takes the data of one file';
const NO_FOLDER_THERE = 'the destination is not a folder';

/** Opens the destination of a plan. @param sink takes the data in its place @throws RexaError FILES_TARGET */
export function openDestination(folders: Folders, plan: ReceivePlan, sink: Sink | undefined): Destination {
  const target: Target = sink === undefined ? openTarget(folders, plan) : { kind: 'sink', sink };
  const rootCheck = createRootCheck(plan.expects);
  const rootNames = createRootNames();
  const start: Level = {
    folder: target.kind === 'sink' ? null : target.folder,
    above: null,
    header: null,
    path: '',
    isNew: false,
    pending: 0,
    hasLeft: false,
    names: null,
  };
  let roots = 0;
  let special: Sink | null = null;

  /** A source itself. */
  function placeOfRoot(name: string, isFolder: boolean): Place {
    roots++;
    if (target.kind === 'into') {
      rootCheck.enter(name);
      rootNames.enter(name, isFolder);
      return placeIn(start, name);
    }
    const isMisfit = target.kind === 'as' && target.mustBeFolder && !isFolder;
    if (target.kind === 'sink' || roots > 1 || isMisfit) throw new FileFailure('ENOTDIR', NO_FOLDER_THERE);
    return placeIn(start, target.name);
  }

  return {
    start,
    isInto: target.kind === 'into',
    isSink: target.kind === 'sink',
    sink: target.kind === 'sink' ? target.sink : null,
    needRecursion: rootCheck.needRecursion,
    placeOf(level, name, isFolder) {
      if (target.kind === 'sink')
        throw level === start ? new FileFailure('ENOTDIR', ONE_FILE) : withoutFolder();
      const isItself = name === '.' && isFolder && level === start && target.kind === 'as';
      if (!isItself) checkName(name);
      return level === start ? placeOfRoot(name, isFolder) : placeIn(level, name);
    },
    enterItself(level, name) {
      if (name !== '.' || level !== start || target.kind !== 'into') return null;
      rootCheck.enter('.');
      return target.folder;
    },
    claimSink(level) {
      if (target.kind !== 'sink' || level !== start) throw withoutFolder();
      if (roots++ > 0) throw new FileFailure('ENOTDIR', ONE_FILE);
      return target.sink;
    },
    openSpecial({ level, folder, name }) {
      if (level !== start || plan.confinedTo !== null) return null;
      const at = folders.place(folder, name);
      const stats = lstatSync(at, { throwIfNoEntry: false });
      if (stats === undefined || !(stats.isFIFO() || stats.isCharacterDevice() || stats.isBlockDevice()))
        return null;
      special = openSpecial(at);
      return special;
    },
    closeSpecial() {
      special?.close();
      special = null;
    },
    close() {
      special?.close();
      if (target.kind === 'sink') target.sink.close();
    },
  };
}

function openTarget(folders: Folders, plan: ReceivePlan): Target {
  try {
    return resolveTarget(folders, plan);
  } catch (error) {
    folders.closeAll();
    const { message } = describeFailure(error);
    throw new RexaError('FILES_TARGET', [plan.target, message], { cause: error });
  }
}

/** @throws FileFailure for what is no name in a folder */
function checkName(name: string): void {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0'))
    throw new FileFailure('EINVAL', 'is not a name of a file');
}

/** @throws FileFailure */
function placeIn(level: Level, name: string): Place {
  if (level.folder === null) throw withoutFolder();
  level.names?.add(name);
  return { level, folder: level.folder, name };
}
