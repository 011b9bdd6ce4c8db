import { setImmediate as nextTurn } from 'node:timers/promises';
import { RexaError } from '../protocol/errors.ts';
import { escapeText } from '../protocol/show-text.ts';
import type { Failure } from './describe-failure.ts';
import { type Answered, readAnswered, readSent, type Sent } from './headers.ts';
import {
  MAX_FOLDER_DEPTH,
  MAX_PENDING_ENTRIES,
  MAX_WATCHED_NAME_CHARACTERS,
  WORK_SLICE_MS,
} from './limits.ts';
import { createRecordReader, createUnpackingReader, type RecordEvent } from './records.ts';

/** What a transfer came to for one entry. Paths are byte text of the other end: untrusted. */
export interface EntryResult {
  readonly kind: 'file' | 'folder' | 'link' | 'deleted';
  /** From the source's name on; of what was deleted, the path at the receiver. */
  readonly path: string;
  readonly status: 'copied' | 'unchanged' | 'deleted' | 'failed';
  /** Of the file; null: no file, or not known. */
  readonly size: number | null;
  /** Bytes that the receiver had already. */
  readonly reusedBytes: number;
  readonly failure: Failure | null;
  /** The end that could not read or write; null: it did not fail. */
  readonly side: TransferSideName | null;
  /** The source that it came with; null: it was found at the receiver. */
  readonly origin: EntryOrigin | null;
}

export type TransferSideName = 'source' | 'destination';

/** Where an entry comes from. */
export interface EntryOrigin {
  /** Number of the source, from 0. */
  readonly source: number;
  /** The name of the source; `.`: what is in it goes into the destination itself. */
  readonly name: string;
  /** Its path below the source; empty: it is the source. */
  readonly below: string;
}

/** How far a transfer has come. */
export interface TransferCounts {
  /** Data that was sent, without holes, and without what was sent again. */
  readonly bytes: number;
  /** Of the files that are known of so far. */
  readonly knownBytes: number;
  /** How much of that is done with: it was sent, was there already, is a hole, or failed. */
  readonly doneBytes: number;
  /** Bytes that the receiver had already. */
  readonly reusedBytes: number;
  /** Data of the files that are complete, whether it was sent or was there already. */
  readonly completeBytes: number;
  readonly copied: number;
  readonly unchanged: number;
  readonly deleted: number;
  readonly failed: number;
  /** The file that is being sent, escaped; null: none was yet. */
  readonly current: string | null;
  /** Bytes of incomplete files at the receiver. */
  readonly unfinishedBytes: number;
  /** The sender could not read something: the receiver removes nothing more (`--delete`). */
  readonly hasReadError: boolean;
  readonly isFinished: boolean;
}

/** Watches the records of a transfer as they pass, in both directions. */
export interface TransferWatch {
  /**
   * Takes bytes of the sender.
   * @returns a promise where they hold many records: then no more is to be taken before
   * @throws RexaError FILES_PROTOCOL
   */
  sent(bytes: Uint8Array): Promise<void> | undefined;
  /**
   * Takes bytes of the receiver.
   * @returns a promise where the report of an entry takes a while: then no more is to be taken before
   * @throws RexaError FILES_PROTOCOL
   */
  answered(bytes: Uint8Array): Promise<unknown> | undefined;
  /** Sources go into the destination under their own names; null: not known yet. */
  readonly goesInto: boolean | null;
  /** Sums up all entries without a result: not to be read for each entry. */
  readonly counts: TransferCounts;
}

interface Pending {
  readonly kind: EntryResult['kind'];
  readonly path: string;
  readonly origin: EntryOrigin;
  readonly nameCharacters: number;
  readonly size: number | null;
  sentBytes: number;
  reusedBytes: number;
  holeBytes: number;
  /** The code of what the sender said of it. */
  readErrorCode: string | null;
}

/** A folder that is being sent. */
interface Around {
  readonly path: string;
  readonly origin: EntryOrigin;
}

/** Records after which the clock is looked at. */
const RECORDS_PER_LOOK = 32;

/**
 * Creates a watch.
 * @param report is told of each entry when its result is there; a promise that it returns is waited for
 * @param signal nothing more is read of what has come
 */
export function createTransferWatch(
  report: (result: EntryResult) => unknown,
  signal?: AbortSignal,
): TransferWatch {
  const fromSender = createUnpackingReader();
  const fromReceiver = createRecordReader();
  const pending = new Map<number, Pending>();
  const folders: Around[] = [];
  let waits: unknown[] = [];
  let sources = 0;
  let current: Pending | null = null;
  let nameCharacters = 0;
  const counts = {
    bytes: 0,
    knownBytes: 0,
    reusedBytes: 0,
    completeBytes: 0,
    copied: 0,
    unchanged: 0,
    deleted: 0,
    failed: 0,
    hasReadError: false,
    isFinished: false,
  };
  let goesInto: boolean | null = null;
  /** Of the entries that have a result. */
  let settledBytes = 0;

  function add(id: number, kind: EntryResult['kind'], name: string, size: number | null = null): Pending {
    if (pending.size > 4 * MAX_PENDING_ENTRIES) throw new RexaError('FILES_PROTOCOL', ['too many entries']);
    nameCharacters += name.length;
    if (nameCharacters > MAX_WATCHED_NAME_CHARACTERS)
      throw new RexaError('FILES_PROTOCOL', ['too long names']);
    if (pending.has(id)) throw new RexaError('FILES_PROTOCOL', ['an id twice']);
    const parent = folders.at(-1);
    const origin =
      parent === undefined
        ? { source: sources++, name, below: '' }
        : { ...parent.origin, below: joinPath(parent.origin.below, name) };
    const path = parent === undefined || parent.path === '.' ? name || '.' : joinPath(parent.path, name);
    const sofar = { sentBytes: 0, reusedBytes: 0, holeBytes: 0, readErrorCode: null };
    const entry = { kind, path, origin, nameCharacters: name.length, size, ...sofar };
    pending.set(id, entry);
    counts.knownBytes += size ?? 0;
    return entry;
  }

  function handleSent(sent: Sent): void {
    switch (sent.type) {
      case 'file': {
        const entry = add(sent.id, 'file', sent.name, sent.size);
        if (sent.ask !== true) current = entry;
        return;
      }
      case 'folder':
        return enter(sent.id, sent.name);
      case 'link':
      case 'hardlink':
        return void add(sent.id, 'link', sent.name);
      case 'leave':
        folders.pop();
        return;
      case 'content':
        return goOn(sent.id, sent.from);
      case 'hole':
        if (current !== null) current.holeBytes += sent.bytes;
        return;
      case 'broken':
        if (sent.again) return beginAgain();
        counts.hasReadError = true;
        if (current !== null) current.readErrorCode = sent.code;
        return;
      case 'unreadable': {
        counts.hasReadError = true;
        const entry = pending.get(sent.id) ?? add(sent.id, 'file', sent.name);
        entry.readErrorCode = sent.code;
        return;
      }
      case 'end':
      case 'finish':
        return;
      default:
        return sent satisfies never;
    }
  }

  function enter(id: number, name: string): void {
    const { path, origin } = add(id, 'folder', name);
    if (folders.length > MAX_FOLDER_DEPTH)
      throw new RexaError('FILES_PROTOCOL', ['too many folders inside each other']);
    folders.push({ path, origin });
  }

  /** What came so far of the file is worth nothing. */
  function beginAgain(): void {
    if (current === null) return;
    counts.bytes -= current.sentBytes;
    counts.reusedBytes -= current.reusedBytes;
    Object.assign(current, { sentBytes: 0, reusedBytes: 0, holeBytes: 0 });
  }

  function goOn(id: number, from: number): void {
    current = pending.get(id) ?? null;
    if (current === null) return;
    current.reusedBytes = from;
    counts.reusedBytes += from;
  }

  function settle(id: number, status: 'copied' | 'unchanged' | 'failed', failure: Failure | null): void {
    const entry = pending.get(id);
    if (entry === undefined) throw new RexaError('FILES_PROTOCOL', ['a result of no entry']);
    pending.delete(id);
    nameCharacters -= entry.nameCharacters;
    const { kind, path, origin, size, sentBytes, reusedBytes, holeBytes, readErrorCode } = entry;
    settledBytes += size ?? sentBytes + holeBytes;
    if (status === 'copied') counts.completeBytes += sentBytes + reusedBytes;
    // Folders are counted where they fail
    if (kind !== 'folder' || status === 'failed') counts[status]++;
    const failed = failure?.code === readErrorCode ? 'source' : 'destination';
    tell({ kind, path, origin, status, size, reusedBytes, failure, side: failure === null ? null : failed });
  }

  function tell(result: EntryResult): void {
    const wait = report(result);
    if (wait instanceof Promise) waits.push(wait);
  }

  function settleRange(from: number, to: number, status: 'copied' | 'unchanged'): void {
    if (to - from >= pending.size) throw new RexaError('FILES_PROTOCOL', ['results of no entries']);
    for (let id = from; id <= to; id++) settle(id, status, null);
  }

  function handleAnswer(answer: Answered): void {
    switch (answer.type) {
      case 'results':
        goesInto ??= answer.into ?? null;
        for (const [from, to] of answer.done) settleRange(from, to, 'copied');
        for (const [from, to] of answer.unchanged) settleRange(from, to, 'unchanged');
        for (const { id, code, message } of answer.failed) settle(id, 'failed', { code, message });
        return;
      case 'want':
        return;
      case 'deleted':
        counts.deleted++;
        return tell({ ...OTHER, path: answer.path, status: 'deleted', failure: null, side: null });
      case 'trouble': {
        counts.failed++;
        const { path, code, message } = answer;
        return tell({ ...OTHER, path, status: 'failed', failure: { code, message }, side: 'destination' });
      }
      case 'finished':
        counts.isFinished = true;
        return;
      default:
        return answer satisfies never;
    }
  }

  function countData(event: Extract<RecordEvent, { kind: 'data' }>): void {
    counts.bytes += event.bytes.length;
    if (current !== null) current.sentBytes += event.bytes.length;
  }

  /** Handles what the sender has sent, for a moment. @returns whether it is all handled */
  function handleSlice(): boolean {
    const until = performance.now() + WORK_SLICE_MS;
    for (let read = 1; read % RECORDS_PER_LOOK > 0 || performance.now() < until; read++) {
      const event = fromSender.next();
      if (event === null) return true;
      if (event.kind === 'data') countData(event);
      else if (event.value !== null) handleSent(readSent(event.value));
    }
    return false;
  }

  async function handleSlices(): Promise<void> {
    do await nextTurn();
    while (signal?.aborted !== true && !handleSlice());
  }

  return {
    sent(bytes) {
      fromSender.push(bytes);
      return handleSlice() ? undefined : handleSlices();
    },
    answered(bytes) {
      fromReceiver.push(bytes);
      for (let event = fromReceiver.next(); event !== null; event = fromReceiver.next())
        if (event.kind === 'header') handleAnswer(readAnswered(event.value));
      if (waits.length === 0) return undefined;
      const all = Promise.all(waits);
      waits = [];
      return all;
    },
    get goesInto() {
      return goesInto;
    },
    get counts() {
      let unfinishedBytes = 0;
      let doneBytes = settledBytes;
      for (const { sentBytes, reusedBytes, holeBytes } of pending.values()) {
        unfinishedBytes += sentBytes + reusedBytes;
        doneBytes += sentBytes + reusedBytes + holeBytes;
      }
      const shown = current === null ? null : escapeText(current.path);
      return { ...counts, current: shown, unfinishedBytes, doneBytes };
    },
  };
}

const OTHER = { kind: 'deleted', size: null, reusedBytes: 0, origin: null } as const;

/** Not joined before it is read: the paths of folders inside each other would be as long as all of them together. */
function joinPath(folder: string, name: string): string {
  if (name === '.') return folder;
  return folder === '' ? name : `${folder}/${name}`;
}
