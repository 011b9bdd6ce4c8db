import { createHash, type Hash } from 'node:crypto';
import type { TransferAct } from '../../files/transfer-end.ts';
import { writeByteText } from '../../protocol/byte-text.ts';
import { MAX_AUDIT_FIELD_BYTES, MAX_AUDITED_NAMES } from '../limits.ts';

/** An entry in a line of the audit: one act, or what many of a kind were. */
export type AuditedEntry =
  | TransferAct
  /** The hash is that of their paths, each with a NUL behind it. */
  | { readonly kind: TransferAct['kind']; readonly count: number; readonly sha256: string };

/** Collects the acts of a transfer into few lines of the audit. */
export interface FileRecord {
  add(act: TransferAct): void;
  /** Writes what was collected, and what was not named. */
  flush(): void;
  readonly totals: FileTotals;
}

/** Files are those that were read or written whole; the others are counted by their kinds. */
export interface FileTotals {
  readonly files: number;
  readonly bytes: number;
  readonly others: Readonly<Partial<Record<TransferAct['kind'], number>>>;
}

/** What many of a kind were. */
interface Group {
  count: number;
  readonly hash: Hash;
}

/** What the JSON of one act has beside its path, in bytes. */
const FRAME_BYTES = 128;
/** What JSON and UTF-8 make of a character at most. */
const BYTES_PER_CHARACTER = 6;
/** Whose content went from one side to the other: each of them is named. */
const ALWAYS_NAMED: readonly TransferAct['kind'][] = ['file', 'special', 'partial'];

/** Creates an empty record. @param write gets as many entries as fit into one field of the audit */
export function createFileRecord(write: (entries: readonly AuditedEntry[]) => void): FileRecord {
  let waiting: AuditedEntry[] = [];
  let waitingBytes = 0;
  let files = 0;
  let bytes = 0;
  const others: Partial<Record<TransferAct['kind'], number>> = {};
  const groups = new Map<TransferAct['kind'], Group>();

  function writeWaiting(): void {
    if (waiting.length > 0) write(waiting);
    waiting = [];
    waitingBytes = 0;
  }

  function name(entry: AuditedEntry, text: string): void {
    const isPlain = /^[ !#-[\]-~]*$/.test(text);
    const length = FRAME_BYTES + text.length * (isPlain ? 1 : BYTES_PER_CHARACTER);
    if (waitingBytes + length > MAX_AUDIT_FIELD_BYTES) writeWaiting();
    waiting.push(entry);
    waitingBytes += length;
  }

  function group({ kind, path }: TransferAct): void {
    const found = groups.get(kind) ?? { count: 0, hash: createHash('sha256') };
    groups.set(kind, found);
    found.count++;
    found.hash.update(writeByteText(path)).update('\0');
  }

  return {
    add(act) {
      if (act.kind === 'file' || act.kind === 'special') {
        files++;
        bytes += act.size;
      } else {
        others[act.kind] = (others[act.kind] ?? 0) + 1;
      }
      const isNamed = ALWAYS_NAMED.includes(act.kind) || (others[act.kind] ?? 0) <= MAX_AUDITED_NAMES;
      if (isNamed) name(act, act.kind === 'link' ? act.path + act.target : act.path);
      else group(act);
    },
    flush() {
      for (const [kind, { count, hash }] of groups) name({ kind, count, sha256: hash.digest('hex') }, '');
      groups.clear();
      writeWaiting();
    },
    get totals() {
      return { files, bytes, others };
    },
  };
}
