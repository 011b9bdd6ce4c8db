import { lstatSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RexaError } from '../../protocol/errors.ts';
import { describeFailure, FileFailure, withoutFolder } from '../describe-failure.ts';
import { compileExcludes } from '../exclude.ts';
import type { FileCalls } from '../file-calls.ts';
import { createFolders } from '../folders.ts';
import {
  type FileHeader,
  type FolderHeader,
  type HardlinkHeader,
  type LinkHeader,
  readSent,
  type Sent,
} from '../headers.ts';
import {
  MAX_FOLDER_DEPTH,
  MAX_OPEN_RESUME_POINTS,
  MAX_PENDING_ENTRIES,
  MAX_RESUME_POINTS,
  MAX_WAITING_ANSWER_BYTES,
  WHOLE_FILE_BYTES,
  WORK_SLICE_MS,
} from '../limits.ts';
import { createRecordReader, type RecordEvent } from '../records.ts';
import type { TransferEnd, TransferredFile } from '../transfer-end.ts';
import { createAnswers } from './answers.ts';
import { continueFile, type Found, findExisting, pointsOf, takeExisting } from './compare-file.ts';
import { abandonLevel, enterFolder, leaveLevel, settleOne } from './levels.ts';
import { makeHardlink, makeLink } from './links.ts';
import { ownUmask } from './own-umask.ts';
import type { ReceivePlan } from './receive-plan.ts';
import type { Level, Place, ReceiverState } from './receiver-state.ts';
import { openSpecial, resolveTarget, type Sink, type Target } from './resolve-target.ts';
import { createRootCheck } from './root-check.ts';
import { createRootNames } from './root-names.ts';
import { refuseInside, refuseSame } from './same-file.ts';
import { createShortWriter, createSinkWriter, type FileWriter, openWriter } from './write-file.ts';

/** What a receiver needs beside its plan. */
export interface ReceiverOptions {
  readonly calls: FileCalls;
  /** Told of each file that is complete. */
  readonly report: (file: TransferredFile) => void;
  /** Takes the data in the place of the plan's target: stdout. */
  readonly sink?: Sink;
}

/** The file whose data comes now. */
interface Current {
  readonly header: FileHeader;
  /** Null: what comes is thrown away. */
  writer: FileWriter | null;
  /** Data that is still to come in the record of a short file; null: it comes in records of its own. */
  left: number | null;
  /** The folder that waits for it; null: it was not asked for. */
  readonly waits: Level | null;
}

/** A file that the sender was asked for, and what is there of it. */
interface Asked {
  readonly header: FileHeader;
  /** Null: the destination is no file. */
  readonly place: Place | null;
  readonly found: Found;
}

/**
 * Creates the end of a transfer that writes files. The sender is not trusted: its names are single names, looked up below
 * descriptors without following symlinks, and what it says of lengths decides nothing.
 * @throws RexaError FILES_TARGET
 */
export function createReceiver(plan: ReceivePlan, options: ReceiverOptions): TransferEnd {
  const folders = createFolders();
  const target = openTarget();
  const state: ReceiverState = {
    plan,
    calls: options.calls,
    folders,
    answers: createAnswers(),
    excludes: compileExcludes(plan.exclude),
    umask: ownUmask(),
    shared: new Map(),
    partialLike: new Set(),
    unsettled: new Set(),
    hasTrouble: false,
    pause,
    report: options.report,
  };
  const reader = createRecordReader();
  const asked = new Map<number, Asked>();
  /** Hard links to files that are not there yet. */
  const waiting: { readonly place: Place; readonly header: HardlinkHeader }[] = [];
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
  let level = start;
  /** The folders around that. */
  const levels: Level[] = [];
  let current: Current | null = null;
  const rootCheck = createRootCheck(plan.expects);
  const rootNames = createRootNames();
  let roots = 0;
  let progress: TransferEnd['state'] = 'waiting';
  let sliceEndsAt = 0;
  let lastId = -1;
  let openPoints = 0;
  let isReceiving = false;
  /** What is open beside files. */
  let sink = target.kind === 'sink' ? target.sink : null;
  let isClosed = false;
  let wake = (): void => undefined;
  let answersTaken = Promise.withResolvers<void>();

  function openTarget(): Target {
    if (options.sink !== undefined) return { kind: 'sink', sink: options.sink };
    try {
      return resolveTarget(folders, plan);
    } catch (error) {
      folders.closeAll();
      const { message } = describeFailure(error);
      throw new RexaError('FILES_TARGET', [plan.target, message], { cause: error });
    }
  }

  /**
   * Lets others have their turn, when this one was long enough, and answers be taken, when there are too many.
   * @throws FileFailure when the transfer is over
   */
  async function pause(): Promise<void> {
    while (state.answers.bytes >= MAX_WAITING_ANSWER_BYTES && !isClosed) {
      wake();
      await answersTaken.promise;
    }
    if (performance.now() >= sliceEndsAt) {
      await nextTurn();
      sliceEndsAt = performance.now() + WORK_SLICE_MS;
    }
    if (isClosed) throw new FileFailure('ECANCELED', 'the copy was canceled');
  }

  /** The ids of entries ascend, so none takes the place of another one. @throws RexaError FILES_PROTOCOL */
  function takeId(sent: Sent): void {
    if (!('name' in sent) || (sent.type === 'unreadable' && asked.has(sent.id))) return;
    if (sent.id <= lastId) throw wrong('an id that does not ascend');
    lastId = sent.id;
  }

  /** @throws RexaError FILES_PROTOCOL, FileFailure */
  function placeOf(name: string, isFolder: boolean): Place {
    if (target.kind === 'sink')
      throw level === start ? new FileFailure('ENOTDIR', ONE_FILE) : withoutFolder();
    checkName(name);
    if (level !== start) return placeIn(level, name);
    roots++;
    if (target.kind === 'into') {
      rootCheck.enter(name);
      rootNames.enter(name, isFolder);
      return placeIn(start, name);
    }
    if (roots > 1) throw new FileFailure('ENOTDIR', 'the destination is not a folder');
    if (target.mustBeFolder && !isFolder) throw new FileFailure('ENOTDIR', 'the destination is not a folder');
    return placeIn(start, target.name);
  }

  /** A device, a FIFO or stdout takes one file, and none of a folder. @throws FileFailure */
  function claimSink(): void {
    if (level !== start) throw withoutFolder();
    if (roots++ > 0) throw new FileFailure('ENOTDIR', ONE_FILE);
  }

  function openSink(): FileWriter {
    if (target.kind !== 'sink') throw wrong('content of no file');
    return createSinkWriter(target.sink, pause);
  }

  /** Answers one entry by what was done for it; null: it is answered later. */
  async function answer(id: number, act: () => Promise<boolean | null> | boolean | null): Promise<void> {
    try {
      const isDone = await act();
      if (isDone === true) state.answers.done(id);
      else if (isDone === false) state.answers.unchanged(id);
    } catch (error) {
      state.answers.fail(id, describeFailure(error));
    }
  }

  async function handleSent(sent: Sent, dataBytes: number): Promise<void> {
    const isShort = sent.type === 'file' && sent.sha256 !== undefined;
    if (dataBytes > 0 && !isShort) throw wrong(`data behind a record ${sent.type}`);
    takeId(sent);
    if (plan.isDry && level.isNew && level.folder === null && handleImagined(sent)) return;
    const isOfCurrent = ['hole', 'end', 'broken'].includes(sent.type);
    if (isOfCurrent !== (current !== null)) throw wrong(`a misplaced record ${sent.type}`);
    switch (sent.type) {
      case 'file':
        return sent.ask === true ? handleAsk(sent) : handleFile(sent, isShort ? dataBytes : null);
      case 'folder':
        return answer(sent.id, () => handleFolder(sent));
      case 'link':
        return answer(sent.id, () => handleLink(sent));
      case 'hardlink':
        return answer(sent.id, () => handleHardlink(sent));
      case 'leave':
        return handleLeave(sent.whole);
      case 'content':
        return handleContent(sent);
      case 'hole':
        await feed((writer) => writer.skip(sent.bytes));
        return;
      case 'end':
        return handleEnd(sent.sha256, sent.size);
      case 'broken':
        return handleBroken(sent);
      case 'unreadable':
        return handleUnreadable(sent);
      case 'finish':
        return finish();
      default:
        return sent satisfies never;
    }
  }

  /** Answers what goes into a folder that `--dry-run` did not make. */
  function handleImagined(sent: Sent): boolean {
    if (!['file', 'folder', 'link', 'hardlink'].includes(sent.type) || !('id' in sent)) return false;
    state.answers.done(sent.id);
    if (sent.type === 'folder') {
      enterLevel({ ...level, above: null, header: null });
    }
    return true;
  }

  async function handleFile(header: FileHeader, left: number | null): Promise<void> {
    if (left !== null && left > WHOLE_FILE_BYTES) throw wrong('a short file that is long');
    if (plan.isDry || plan.expects?.asks === true) throw wrong('a file that was not asked about first');
    current = { header, writer: null, left, waits: null };
    await open(current, () => openFile(header, left !== null));
    if (left === 0) await handleEnd(header.sha256 ?? '', 0);
  }

  function openFile(header: FileHeader, isShort: boolean): FileWriter {
    if (target.kind === 'sink') {
      claimSink();
      return openSink();
    }
    const incoming = { header, place: placeOf(header.name, false) };
    const special = openSpecialIn(incoming.place);
    if (special !== null) return createSinkWriter(special, pause);
    refuseSame(folders, incoming.place, header);
    return isShort && !plan.isInPlace
      ? createShortWriter(state, incoming)
      : openWriter(state, incoming, null);
  }

  /** A FIFO or a device that a source is to replace is written; one in a tree is an error. @throws Error of the system */
  function openSpecialIn({ level: within, folder, name }: Place): Sink | null {
    if (within !== start || plan.confinedTo !== null) return null;
    const at = folders.place(folder, name);
    const stats = lstatSync(at, { throwIfNoEntry: false });
    if (stats === undefined || !(stats.isFIFO() || stats.isCharacterDevice() || stats.isBlockDevice()))
      return null;
    sink = openSpecial(at);
    return sink;
  }

  async function open(file: Current, create: () => FileWriter): Promise<void> {
    try {
      file.writer = create();
    } catch (error) {
      state.answers.fail(file.header.id, describeFailure(error));
    }
  }

  /** Passes something to the file that is being received. One that fails is given up, and what comes is thrown away. */
  async function feed(act: (writer: FileWriter) => void | Promise<void>): Promise<boolean> {
    const writer = current?.writer ?? null;
    if (current === null || writer === null) return false;
    try {
      await act(writer);
      return true;
    } catch (error) {
      current.writer = null;
      writer.leave(plan.resumes);
      state.answers.fail(current.header.id, describeFailure(error));
      return false;
    }
  }

  async function handleData(bytes: Uint8Array): Promise<void> {
    if (current === null) throw wrong('data of no file');
    await feed((writer) => writer.write(bytes));
    if (current.left === null) return;
    current.left -= bytes.length;
    if (current.left === 0) await handleEnd(current.header.sha256 ?? '', null);
  }

  /** @param size null: what has come */
  async function handleEnd(sha256: string, size: number | null): Promise<void> {
    if (current === null) return;
    const { header, waits } = current;
    const { writer } = current;
    try {
      await writer?.commit(sha256, size);
      if (writer !== null) state.answers.done(header.id);
    } catch (error) {
      state.answers.fail(header.id, describeFailure(error));
    }
    current = null;
    closeSpecial();
    if (waits !== null) settleOne(state, waits);
  }

  /** Closes what was opened for one file. */
  function closeSpecial(): void {
    if (target.kind === 'sink') return;
    sink?.close();
    sink = null;
  }

  async function handleBroken({ again, code, message }: Extract<Sent, { type: 'broken' }>): Promise<void> {
    if (again) return void (await feed((writer) => writer.discard()));
    if (current === null) return;
    const { header, writer, waits } = current;
    current = null;
    state.hasTrouble = true;
    writer?.leave(plan.resumes);
    if (writer !== null) state.answers.fail(header.id, { code, message });
    closeSpecial();
    if (waits !== null) settleOne(state, waits);
  }

  function handleFolder(header: FolderHeader): boolean {
    let entered: Level = { ...start, above: level, header, path: '', folder: null, hasLeft: false };
    try {
      rootCheck.needRecursion('a folder');
      if (header.name === '.' && level === start && target.kind === 'into') {
        rootCheck.enter('.');
        refuseInside(folders, target.folder, header);
        // With -p it becomes what the source is, as with cp -p SRC/. DST
        const names = plan.deletes ? new Set<string>() : null;
        entered = { ...start, header, path: '', folder: target.folder, names };
        return false;
      }
      const name = header.name === '.' && level === start && target.kind === 'as' ? target.name : header.name;
      const place = placeOf(name, true);
      // Without --exclude nobody reads it: it is not joined before
      const above = level.path === '' ? '' : `${level.path}/`;
      const path = level === start ? '' : `${above}${header.name}`;
      refuseSame(folders, place, header);
      refuseInside(folders, place.folder, header);
      entered = enterFolder(state, place, header, path);
      level.pending++;
      return entered.isNew;
    } finally {
      // Its entries come, whatever became of it
      enterLevel(entered);
    }
  }

  /** @throws RexaError FILES_PROTOCOL */
  function enterLevel(entered: Level): void {
    if (levels.length > MAX_FOLDER_DEPTH) throw wrong('too many folders inside each other');
    levels.push(level);
    level = entered;
  }

  async function handleLeave(isWhole: boolean): Promise<void> {
    const outer = levels.pop();
    if (outer === undefined) throw wrong('a misplaced record leave');
    await leaveLevel(state, level, isWhole);
    level = outer;
  }

  function handleLink(header: LinkHeader): boolean {
    rootCheck.needRecursion('a symlink');
    return makeLink(state, placeOf(header.name, false), header);
  }

  async function handleHardlink(header: HardlinkHeader): Promise<boolean | null> {
    const place = placeOf(header.name, false);
    if (!asked.has(header.to)) return makeHardlink(state, place, header);
    if (waiting.length >= MAX_PENDING_ENTRIES) throw new FileFailure('EMLINK', 'too many hard links wait');
    waiting.push({ place, header });
    place.level.pending++;
    return null;
  }

  async function handleAsk(header: FileHeader): Promise<void> {
    await answer(header.id, async () => {
      if (target.kind === 'sink') {
        claimSink();
        if (plan.isDry) return true;
        want(header.id, { header, place: null, found: { kind: 'nothing' } });
        return null;
      }
      const incoming = { header, place: placeOf(header.name, false) };
      const mostPoints = openPoints < MAX_OPEN_RESUME_POINTS ? MAX_RESUME_POINTS : 1;
      const found = await findExisting(state, incoming, mostPoints, pause);
      if (found.kind === 'same') {
        takeExisting(state, incoming, found.existing);
        return false;
      }
      refuseSame(folders, incoming.place, header);
      if (plan.isDry) return true;
      incoming.place.level.pending++;
      want(header.id, { ...incoming, found });
      return null;
    });
  }

  function want(id: number, file: Asked): void {
    if (asked.size >= 2 * MAX_PENDING_ENTRIES) throw wrong('too many questions');
    asked.set(id, file);
    const points = pointsOf(file);
    openPoints += points.length;
    state.answers.send({ type: 'want', id, have: points.map(([bytes, hash]) => [bytes, hash.sofar()]) });
  }

  /** A file that was asked for comes now, or never. */
  function takeAsked(id: number): Asked | undefined {
    const file = asked.get(id);
    asked.delete(id);
    if (file !== undefined) openPoints -= pointsOf(file).length;
    return file;
  }

  async function handleContent({ id, from, xattrs }: Extract<Sent, { type: 'content' }>): Promise<void> {
    const file = takeAsked(id);
    if (file === undefined) throw wrong('content that was not asked for');
    const { place, found } = file;
    const header = xattrs === undefined ? file.header : { ...file.header, xattrs };
    current = { header, writer: null, left: null, waits: place?.level ?? null };
    await open(current, () => {
      if (place === null) return openSink();
      const special = from === 0 ? openSpecialIn(place) : null;
      if (special !== null) return createSinkWriter(special, pause);
      return continueFile(state, { header, place }, found, from);
    });
  }

  function handleUnreadable({ id, name, code, message }: Extract<Sent, { type: 'unreadable' }>): void {
    state.hasTrouble = true;
    const file = takeAsked(id);
    level.names?.add(name);
    state.answers.fail(id, { code, message });
    if (file !== undefined && file.place !== null) settleOne(state, file.place.level);
  }

  async function finish(): Promise<void> {
    if (asked.size > 0 || levels.length > 0) throw wrong('a misplaced record finish');
    for (const { place, header } of waiting.splice(0)) {
      await answer(header.id, () => makeHardlink(state, place, header));
      settleOne(state, place.level);
    }
    state.answers.send({ type: 'finished' });
    progress = 'done';
  }

  async function handle(event: RecordEvent): Promise<void> {
    if (progress === 'done') throw wrong('a record behind the last one');
    if (event.kind === 'data') return handleData(event.bytes);
    if (event.value !== null) return handleSent(readSent(event.value), event.dataBytes);
    if (current === null || current.left !== null) throw wrong('data of no file');
  }

  function closeAll(): void {
    current?.writer?.leave(plan.resumes);
    current = null;
    asked.clear();
    for (let inner: Level | undefined = level; inner !== undefined; inner = levels.pop())
      abandonLevel(state, inner);
    for (const inner of state.unsettled) abandonLevel(state, inner);
    folders.closeAll();
  }

  return {
    async receive(bytes) {
      isReceiving = true;
      reader.push(bytes);
      try {
        for (let event = isClosed ? null : reader.next(); event !== null; event = reader.next()) {
          await handle(event);
          await pause();
        }
      } catch (error) {
        if (!isClosed) throw error;
      } finally {
        isReceiving = false;
        if (isClosed) closeAll();
      }
    },
    produce() {
      answersTaken.resolve();
      answersTaken = Promise.withResolvers();
      return state.answers.take();
    },
    get state() {
      return progress;
    },
    onWake(notify) {
      wake = notify;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      progress = 'done';
      answersTaken.resolve();
      sink?.close();
      if (!isReceiving) closeAll();
    },
  };
}

const ONE_FILE = 'the destination takes the data of one file';

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

function wrong(what: string): RexaError {
  return new RexaError('FILES_PROTOCOL', [what]);
}
