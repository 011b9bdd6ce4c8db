import { describeFailure } from '../describe-failure.ts';
import { compileExcludes } from '../exclude.ts';
import type { FileCalls } from '../file-calls.ts';
import { createFolders } from '../folders.ts';
import { type FileHeader, type HardlinkHeader, readSent, type Sent } from '../headers.ts';
import { WHOLE_FILE_BYTES } from '../limits.ts';
import { createUnpackingReader, type RecordEvent } from '../records.ts';
import type { TransferAct, TransferEnd } from '../transfer-end.ts';
import { createAnswers } from './answers.ts';
import { continueFile } from './compare-file.ts';
import { openDestination } from './destination.ts';
import { createIncomingFile } from './incoming-file.ts';
import { createNameKeeper } from './kept-names.ts';
import { settleOne } from './levels.ts';
import { makeHardlink, makeLink } from './links.ts';
import { createOpenLevels } from './open-levels.ts';
import { ownUmask } from './own-umask.ts';
import { createPace } from './pace.ts';
import { wrong } from './protocol-error.ts';
import { createQuestions } from './questions.ts';
import type { ReceivePlan } from './receive-plan.ts';
import { type Place, pathOf, type ReceiverState } from './receiver-state.ts';
import { checkStage, createEntryIds } from './record-order.ts';
import type { Sink } from './resolve-target.ts';
import { refuseSame } from './same-file.ts';
import { createSinkWriter, type FileWriter, openWriter } from './write-file.ts';
import { createShortWriter } from './write-short.ts';

/** What a receiver needs beside its plan. */
export interface ReceiverOptions {
  readonly calls: FileCalls;
  /** Told of everything that is done, for the audit. */
  readonly report: (act: TransferAct) => void;
  /** Takes the data in the place of the plan's target: stdout. */
  readonly sink?: Sink;
}

type Work = Promise<void> | void;

/** What was done for an entry; null: it is answered later. */
type Done = boolean | null;

/**
 * Creates the end of a transfer that writes files. The sender is not trusted: its names are single names, looked up below
 * descriptors without following symlinks, and what it says of lengths decides nothing.
 *
 * | an entry is | owner | on | becomes |
 * |---|---|---|---|
 * | announced | `record-order.ts`: its id is new | its data follows | receiving |
 * | | | a question about what is not there | wanted |
 * | | | a hard link to a wanted file | waiting |
 * | | | a folder | entered |
 * | | | anything else, a failure | settled |
 * | wanted | `questions.ts` | `content` | receiving |
 * | | | `unreadable` | settled |
 * | waiting | `questions.ts` | `finish` | settled |
 * | receiving | `incoming-file.ts` | its end, or that it is broken | settled |
 * | entered | `open-levels.ts` | `leave` | left |
 * | left | `levels.ts`, by its `pending` | all in it is settled | gets its attributes |
 * | settled | `answers.ts` | | |
 *
 * @throws RexaError FILES_TARGET
 */
export function createReceiver(plan: ReceivePlan, options: ReceiverOptions): TransferEnd {
  const folders = createFolders();
  const destination = openDestination(folders, plan, options.sink);
  const answers = createAnswers(destination.isInto);
  const pace = createPace(answers);
  const state: ReceiverState = {
    plan,
    calls: options.calls,
    folders,
    answers,
    excludes: compileExcludes(plan.exclude),
    umask: ownUmask(),
    shared: new Map(),
    partialLike: new Set(),
    keepNames: createNameKeeper(),
    unsettled: new Set(),
    hasTrouble: false,
    needsNames: false,
    pause: pace.pause,
    report: options.report,
  };
  const reader = createUnpackingReader();
  const levels = createOpenLevels(state, destination);
  const incoming = createIncomingFile(state, destination);
  const questions = createQuestions(state);
  const ids = createEntryIds();
  let progress: TransferEnd['state'] = 'waiting';
  let isReceiving = false;

  /** Answers one entry by what was done for it. */
  function answer(id: number, act: () => Promise<Done> | Done): Work {
    try {
      const done = act();
      if (done instanceof Promise)
        return done.then(
          (result) => settle(id, result),
          (error: unknown) => answers.fail(id, describeFailure(error)),
        );
      settle(id, done);
    } catch (error) {
      answers.fail(id, describeFailure(error));
    }
  }

  function settle(id: number, isDone: Done): void {
    if (isDone === true) answers.done(id);
    else if (isDone === false) answers.unchanged(id);
  }

  function placeOf(name: string): Place {
    return destination.placeOf(levels.current, name, false);
  }

  function handleSent(sent: Sent, dataBytes: number): Work {
    const isShort = sent.type === 'file' && sent.sha256 !== undefined;
    if (dataBytes > 0 && !isShort) throw wrong(`data behind a record ${sent.type}`);
    ids.take(sent, questions.isWanted);
    if (levels.imagine(sent)) return undefined;
    checkStage(incoming.stage, sent.type);
    switch (sent.type) {
      case 'file':
        return sent.ask === true ? handleAsk(sent) : handleFile(sent, isShort ? dataBytes : null);
      case 'folder':
        return answer(sent.id, () => levels.enter(sent));
      case 'link':
        return answer(sent.id, () => {
          destination.needRecursion('a symlink');
          return makeLink(state, placeOf(sent.name), sent);
        });
      case 'hardlink':
        return answer(sent.id, () => handleHardlink(sent));
      case 'leave':
        return levels.leave(sent.whole);
      case 'content':
        return handleContent(sent);
      case 'hole':
        return incoming.hole(sent.bytes);
      case 'end':
        return incoming.end(sent.sha256, sent.size);
      case 'broken':
        return incoming.breakOff(sent);
      case 'unreadable':
        return handleUnreadable(sent);
      case 'finish':
        return finish();
      default:
        return sent satisfies never;
    }
  }

  function handleFile(header: FileHeader, dataBytes: number | null): Work {
    if (dataBytes !== null && dataBytes > WHOLE_FILE_BYTES) throw wrong('a short file that is long');
    if (plan.isDry || plan.expects?.asks === true) throw wrong('a file that was not asked about first');
    return incoming.begin(header, () => openFile(header, dataBytes !== null), dataBytes, null);
  }

  function openFile(header: FileHeader, isShort: boolean): FileWriter {
    if (destination.isSink)
      return createSinkWriter(state, destination.claimSink(levels.current), plan.target, header.size);
    const place = placeOf(header.name);
    const special = destination.openSpecial(place);
    if (special !== null) return createSinkWriter(state, special, pathOf(place), header.size);
    refuseSame(folders, place, header);
    return isShort && !plan.isInPlace
      ? createShortWriter(state, { header, place })
      : openWriter(state, { header, place }, null);
  }

  function handleHardlink(header: HardlinkHeader): boolean | null {
    const place = placeOf(header.name);
    if (!questions.isWanted(header.to)) return makeHardlink(state, place, header);
    questions.keepLink({ place, header });
    return null;
  }

  function handleAsk(header: FileHeader): Work {
    return answer(header.id, () => {
      if (!destination.isSink) return questions.ask(header, placeOf(header.name));
      destination.claimSink(levels.current);
      return questions.askForSink(header);
    });
  }

  function handleContent({ id, from, xattrs }: Extract<Sent, { type: 'content' }>): Work {
    const file = questions.take(id);
    if (file === undefined) throw wrong('content that was not asked for');
    const { place, found } = file;
    const header = xattrs === undefined ? file.header : { ...file.header, xattrs };
    const open = (): FileWriter => {
      const special = place === null ? destination.sink : from === 0 ? destination.openSpecial(place) : null;
      if (special !== null)
        return createSinkWriter(state, special, place === null ? plan.target : pathOf(place), header.size);
      if (place === null) throw wrong('content of no file');
      return continueFile(state, { header, place }, found, from);
    };
    return incoming.begin(header, open, null, place?.level ?? null);
  }

  function handleUnreadable({ id, name, code, message }: Extract<Sent, { type: 'unreadable' }>): void {
    state.hasTrouble = true;
    const file = questions.take(id);
    levels.current.names?.add(name);
    answers.fail(id, { code, message });
    if (file !== undefined && file.place !== null) settleOne(state, file.place.level);
  }

  function finish(): void {
    if (!questions.isEmpty || !levels.isOutermost) throw wrong('a misplaced record finish');
    for (const { place, header } of questions.takeLinks()) {
      void answer(header.id, () => makeHardlink(state, place, header));
      settleOne(state, place.level);
    }
    answers.send({ type: 'finished' });
    progress = 'done';
  }

  function handle(event: RecordEvent): Work {
    if (progress === 'done') throw wrong('a record behind the last one');
    if (event.kind === 'header' && event.value !== null)
      return handleSent(readSent(event.value), event.dataBytes);
    checkStage(incoming.stage, 'bytes');
    if (event.kind === 'data') return incoming.data(event.bytes);
    if (incoming.stage === 'short') throw wrong('data of no file');
    return undefined;
  }

  /** Handles what there is, until something takes time: a promise for each of many short files costs more than the file. */
  function handleEvents(): Promise<void> | undefined {
    for (let event = reader.next(); event !== null; event = reader.next()) {
      const work = handle(event) ?? pace.pause();
      if (work !== undefined) return work;
    }
    return undefined;
  }

  async function goOn(first: Promise<void>): Promise<void> {
    isReceiving = true;
    try {
      for (let work: Promise<void> | undefined = first; work !== undefined; work = handleEvents()) {
        await work;
        await pace.pause();
      }
    } catch (error) {
      if (!pace.isClosed) throw error;
    } finally {
      isReceiving = false;
      if (pace.isClosed) await closeAll();
    }
  }

  function closeAll(): Work {
    const work = incoming.abandon();
    questions.clear();
    levels.abandon();
    folders.closeAll();
    return work;
  }

  return {
    receive(bytes) {
      reader.push(bytes);
      const work = pace.isClosed ? undefined : handleEvents();
      return work === undefined ? undefined : goOn(work);
    },
    produce() {
      pace.handleTaken();
      return answers.take();
    },
    get state() {
      return progress;
    },
    onWake: pace.onWake,
    close() {
      if (pace.isClosed) return undefined;
      progress = 'done';
      pace.close();
      destination.close();
      return isReceiving ? undefined : closeAll();
    },
  };
}
