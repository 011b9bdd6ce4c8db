import { RexaError } from '../protocol/errors.ts';
import { escapeText } from '../protocol/show-text.ts';
import type { Failure } from './describe-failure.ts';
import { type Answered, readAnswered, readSent, type Sent } from './headers.ts';
import { MAX_FOLDER_DEPTH, MAX_PENDING_ENTRIES, MAX_WATCHED_NAME_CHARACTERS } from './limits.ts';
import { createRecordReader, type RecordEvent } from './records.ts';

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
}

/** How far a transfer has come. */
export interface TransferCounts {
  /** Data that was sent. */
  readonly bytes: number;
  /** Of the files that are known of so far. */
  readonly knownBytes: number;
  /** Bytes that the receiver had already. */
  readonly reusedBytes: number;
  readonly copied: number;
  readonly unchanged: number;
  readonly deleted: number;
  readonly failed: number;
  /** The file that is being sent, escaped; null: none was yet. */
  readonly current: string | null;
  /** Bytes of incomplete files at the receiver. */
  readonly unfinishedBytes: number;
  readonly isFinished: boolean;
}

/** Watches the records of a transfer as they pass, in both directions. */
export interface TransferWatch {
  /** Takes bytes of the sender. @throws RexaError FILES_PROTOCOL */
  sent(bytes: Uint8Array): void;
  /** Takes bytes of the receiver. @throws RexaError FILES_PROTOCOL */
  answered(bytes: Uint8Array): void;
  readonly counts: TransferCounts;
}

interface Pending {
  readonly kind: EntryResult['kind'];
  readonly path: string;
  readonly nameCharacters: number;
  readonly size: number | null;
  sentBytes: number;
  reusedBytes: number;
}

/** Creates a watch. @param report is told of each entry when its result is there */
export function createTransferWatch(report: (result: EntryResult) => void): TransferWatch {
  const fromSender = createRecordReader();
  const fromReceiver = createRecordReader();
  const pending = new Map<number, Pending>();
  const folders: string[] = [''];
  let current: Pending | null = null;
  let nameCharacters = 0;
  const counts = {
    bytes: 0,
    knownBytes: 0,
    reusedBytes: 0,
    copied: 0,
    unchanged: 0,
    deleted: 0,
    failed: 0,
    isFinished: false,
  };

  function add(id: number, kind: EntryResult['kind'], name: string, size: number | null = null): Pending {
    if (pending.size > 4 * MAX_PENDING_ENTRIES) throw new RexaError('FILES_PROTOCOL', ['too many entries']);
    const parent = folders.at(-1) ?? '';
    // Not joined before it is read: the paths of folders inside each other would be as long as all of them together
    const below = name === '.' ? parent : parent === '' ? name : `${parent}/${name}`;
    nameCharacters += name.length;
    if (nameCharacters > MAX_WATCHED_NAME_CHARACTERS)
      throw new RexaError('FILES_PROTOCOL', ['too long names']);
    const path = below === '' ? '.' : below;
    const entry = { kind, path, nameCharacters: name.length, size, sentBytes: 0, reusedBytes: 0 };
    if (pending.has(id)) throw new RexaError('FILES_PROTOCOL', ['an id twice']);
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
        if (folders.length > 1) folders.pop();
        return;
      case 'content':
        return goOn(sent.id, sent.from);
      case 'hole':
        counts.bytes += sent.bytes;
        return;
      case 'broken':
        if (sent.again && current !== null) current.sentBytes = 0;
        return;
      case 'unreadable':
        if (!pending.has(sent.id)) add(sent.id, 'file', sent.name);
        return;
      case 'end':
      case 'finish':
        return;
      default:
        return sent satisfies never;
    }
  }

  /** Below `.` paths begin with their first name. */
  function enter(id: number, name: string): void {
    const { path } = add(id, 'folder', name);
    if (folders.length > MAX_FOLDER_DEPTH + 1)
      throw new RexaError('FILES_PROTOCOL', ['too many folders inside each other']);
    folders.push(name === '.' ? (folders.at(-1) ?? '') : path);
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
    const { kind, path, size, reusedBytes } = entry;
    // Folders are counted where they fail
    if (kind !== 'folder' || status === 'failed') counts[status]++;
    report({ kind, path, status, size, reusedBytes, failure });
  }

  function settleRange(from: number, to: number, status: 'copied' | 'unchanged'): void {
    if (to - from >= pending.size) throw new RexaError('FILES_PROTOCOL', ['results of no entries']);
    for (let id = from; id <= to; id++) settle(id, status, null);
  }

  function handleAnswer(answer: Answered): void {
    switch (answer.type) {
      case 'results':
        for (const [from, to] of answer.done) settleRange(from, to, 'copied');
        for (const [from, to] of answer.unchanged) settleRange(from, to, 'unchanged');
        for (const { id, code, message } of answer.failed) settle(id, 'failed', { code, message });
        return;
      case 'want':
        return;
      case 'deleted':
        counts.deleted++;
        return report({ ...OTHER, path: answer.path, status: 'deleted', failure: null });
      case 'trouble': {
        counts.failed++;
        const { path, code, message } = answer;
        return report({ ...OTHER, path, status: 'failed', failure: { code, message } });
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

  return {
    sent(bytes) {
      fromSender.push(bytes);
      for (let event = fromSender.next(); event !== null; event = fromSender.next())
        if (event.kind === 'data') countData(event);
        else if (event.value !== null) handleSent(readSent(event.value));
    },
    answered(bytes) {
      fromReceiver.push(bytes);
      for (let event = fromReceiver.next(); event !== null; event = fromReceiver.next())
        if (event.kind === 'header') handleAnswer(readAnswered(event.value));
    },
    get counts() {
      const unfinished = [...pending.values()].reduce(
        (sum, entry) => sum + entry.sentBytes + entry.reusedBytes,
        0,
      );
      const shown = current === null ? null : escapeText(current.path);
      return { ...counts, current: shown, unfinishedBytes: unfinished };
    },
  };
}

const OTHER = { kind: 'deleted', size: null, reusedBytes: 0 } as const;
