import { lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import { RexaError } from '../../protocol/errors.ts';
import { nodePath } from '../byte-path.ts';
import { describeFailure } from '../describe-failure.ts';
import { compileExcludes } from '../exclude.ts';
import type { FileCalls } from '../file-calls.ts';
import { createFolders } from '../folders.ts';
import { type Answered, readAnswered } from '../headers.ts';
import { MAX_PATH_CHARACTERS, MAX_WANTED_HASHES, TRANSFER_CHUNK_BYTES, WORK_SLICE_MS } from '../limits.ts';
import { createRecordReader, createRecordWriter } from '../records.ts';
import { sourceName } from '../source-name.ts';
import type { TransferAct, TransferEnd } from '../transfer-end.ts';
import { openConfined } from './open-confined.ts';
import type { SendPlan } from './send-plan.ts';
import { sendAllWanted, sendEntry, sendOpenFolder, takeId } from './send-tree.ts';
import type { SenderState, Steps } from './sender-state.ts';

/** Creates the end of a transfer that reads files. @param report is told of everything that is done, for the audit */
export function createSender(
  plan: SendPlan,
  calls: FileCalls,
  report: (act: TransferAct) => void,
): TransferEnd {
  const state: SenderState = {
    plan,
    calls,
    folders: createFolders(),
    out: createRecordWriter(),
    excludes: compileExcludes(plan.exclude),
    nextId: 0,
    unanswered: new Set(),
    asked: new Map(),
    wanted: [],
    wantedHashes: 0,
    sending: -1,
    isRefused: false,
    linked: new Map(),
    report,
  };
  const reader = createRecordReader();
  const steps = sendAll(state);
  let progress: TransferEnd['state'] = 'busy';

  return {
    receive(bytes) {
      reader.push(bytes);
      for (let event = reader.next(); event !== null; event = reader.next())
        if (event.kind === 'header' && handleAnswer(state, readAnswered(event.value))) progress = 'done';
      if (progress === 'waiting') progress = 'busy';
      return undefined;
    },
    produce() {
      const until = performance.now() + WORK_SLICE_MS;
      while (progress === 'busy' && state.out.bytes < TRANSFER_CHUNK_BYTES && performance.now() < until) {
        const step = steps.next();
        if (step.done === true || step.value === 'wait') progress = 'waiting';
      }
      return state.out.take();
    },
    get state() {
      return progress;
    },
    close() {
      progress = 'done';
      steps.return();
      state.folders.closeAll();
    },
  };
}

/** @returns whether the receiver has finished */
function handleAnswer(state: SenderState, answer: Answered): boolean {
  switch (answer.type) {
    case 'results': {
      for (const [from, to] of [...answer.done, ...answer.unchanged])
        for (let id = from; id <= to; id++) settle(state, id);
      for (const { id } of answer.failed) {
        settle(state, id);
        if (id === state.sending) state.isRefused = true;
      }
      return false;
    }
    case 'want':
      handleWant(state, answer);
      return false;
    case 'finished':
      return true;
    case 'deleted':
    case 'trouble':
      return false;
    default:
      return answer satisfies never;
  }
}

/** Each entry has one result, so a range is no longer than what is outstanding. @throws RexaError FILES_PROTOCOL */
function settle({ asked, unanswered }: SenderState, id: number): void {
  if (!unanswered.delete(id)) throw new RexaError('FILES_PROTOCOL', ['a result of no entry']);
  asked.delete(id);
}

/** What was not asked about, or is wanted again, is not sent. @throws RexaError FILES_PROTOCOL */
function handleWant(state: SenderState, { id, have }: Extract<Answered, { type: 'want' }>): void {
  const file = state.asked.get(id);
  if (file === undefined) return;
  state.asked.delete(id);
  state.wantedHashes += have.length;
  if (state.wantedHashes > MAX_WANTED_HASHES) throw new RexaError('FILES_PROTOCOL', ['too many hashes']);
  state.wanted.push({ id, file, have });
}

function* sendAll(state: SenderState): Steps {
  for (const source of state.plan.sources) yield* sendSource(state, source);
  yield* sendAllWanted(state);
  while (state.asked.size > 0) {
    yield 'wait';
    yield* sendAllWanted(state);
  }
  state.out.add({ type: 'finish' });
}

function* sendSource(state: SenderState, source: string): Steps {
  const { plan, folders } = state;
  if (source === '') return;
  try {
    if (plan.confinedTo !== null) {
      const { folder, name } = openConfined(folders, plan.confinedTo, source);
      if (name === '.') yield* sendOpenFolder(state, folder, sourceName(source), '');
      else yield* sendEntry(state, { folder, name, as: sourceName(source), path: '', isFollowed: false });
      return;
    }
    const { isFollowed, isFolder } = lookAt(state, source);
    if (isFolder && plan.isRecursive) {
      yield* sendOpenFolder(state, folders.start(source), sourceName(source), '');
      return;
    }
    const folder = folders.start(path.dirname(source));
    yield* sendEntry(state, {
      folder,
      name: path.basename(source),
      as: sourceName(source),
      path: '',
      isFollowed,
    });
  } catch (error) {
    const name = sourceName(source).slice(0, MAX_PATH_CHARACTERS);
    state.out.add({ type: 'unreadable', id: takeId(state), name, ...describeFailure(error) });
  }
}

/** As cp(1): without -r, and with a slash at its end, a symlink is followed. @throws Error of the system */
function lookAt({ plan }: SenderState, source: string): { isFollowed: boolean; isFolder: boolean } {
  const isFollowed = plan.followsLinks || !plan.isRecursive || /\/\.?\.?$/.test(source);
  const place = nodePath(source);
  return { isFollowed, isFolder: (isFollowed ? statSync(place) : lstatSync(place)).isDirectory() };
}
