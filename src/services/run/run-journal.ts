import fs from 'node:fs';
import { createLineAppender } from '../../runtime/append-lines.ts';
import type { Facts } from '../../runtime/log.ts';
import { parseJson } from '../../runtime/parse-json.ts';

/** A job of the supervisor, as it is asked about. */
export interface JobName {
  readonly owner: string;
  readonly id: string;
}

/** A terminal session of the supervisor. */
export interface SessionId {
  readonly session: string;
}

/** A terminal of the supervisor that ends with its client. */
export interface TerminalId {
  readonly terminal: string;
}

/** What stands on disk of a run that has begun and whose end is not audited yet. */
export interface RunRecord {
  /** REXA_RUN_ID of its processes: this daemon's instance and a number, since ids come from clients. */
  readonly mark: string;
  readonly boot: string;
  /** When it began, milliseconds since 1970. */
  readonly startedAtMs: number;
  /** The audit file in which its end is to stand; null: the log. */
  readonly audit: string | null;
  readonly facts: Facts;
  /** Who has it, if it outlives its daemon; null: a plain run. */
  readonly job: JobName | SessionId | TerminalId | null;
}

/** What a record has in addition once the command is spawned: with the start time, no other process is taken for it. */
export interface RecordedProcess {
  readonly pid: number;
  /** As ProcessEntry has it; null where the system does not tell. */
  readonly pidStart: number | null;
}

/** A line of a daemon's journal. A run is under way from its `open` to its `end`. */
export type JournalLine =
  | { readonly open: RunRecord }
  | { readonly spawned: string; readonly as: RecordedProcess }
  | { readonly end: string };

/** A journal that is longer than this is written anew with what is under way, once that is less than half of it. */
const LONG_JOURNAL_BYTES = 1024 * 1024;

export interface Journal {
  /** @throws Error of the system */
  write(mark: string, line: JournalLine): void;
  /** Closes the file. */
  close(): void;
}

/** A file that is appended to: a run costs three short writes, and nothing is made or removed for it. */
export function openJournal(file: string): Journal {
  /** The lines of what is under way, by its mark. */
  const underWay = new Map<string, string>();
  let underWayBytes = 0;
  let writtenBytes = 0;
  let descriptor = fs.openSync(file, 'a', 0o600);
  let append = createLineAppender(descriptor);

  function keep(mark: string, line: JournalLine, text: string): void {
    const before = underWay.get(mark);
    underWayBytes -= before?.length ?? 0;
    if ('end' in line) return void underWay.delete(mark);
    const all = before === undefined ? text : `${before}\n${text}`;
    underWay.set(mark, all);
    underWayBytes += all.length;
  }

  /** Under another name first: a daemon that dies meanwhile leaves one whole journal or the other. */
  function renew(): void {
    const draft = `${file}.draft`;
    fs.writeFileSync(draft, [...underWay.values()].map((lines) => `${lines}\n`).join(''), { mode: 0o600 });
    fs.renameSync(draft, file);
    fs.closeSync(descriptor);
    descriptor = fs.openSync(file, 'a', 0o600);
    append = createLineAppender(descriptor);
    writtenBytes = underWayBytes;
  }

  return {
    write(mark, line) {
      const text = JSON.stringify(line);
      keep(mark, line, text);
      append(text);
      writtenBytes += text.length;
      if (writtenBytes > LONG_JOURNAL_BYTES && underWayBytes < writtenBytes / 2) renew();
    },
    close: () => fs.closeSync(descriptor),
  };
}

/** A run that was under way. */
export interface OpenRun {
  readonly record: RunRecord;
  readonly spawned: RecordedProcess | null;
}

/** The runs that were under way. A line that is not whole stems from a full disk, or a daemon that died while it wrote it. */
export function readJournal(file: string): Iterable<OpenRun> {
  const open = new Map<string, OpenRun>();
  for (const text of readText(file).split('\n')) {
    const line = parseJson(text) as JournalLine | null;
    if (line === null) continue;
    if ('open' in line) open.set(line.open.mark, { record: line.open, spawned: null });
    else if ('end' in line) open.delete(line.end);
    else {
      const run = open.get(line.spawned);
      if (run !== undefined) open.set(line.spawned, { record: run.record, spawned: line.as });
    }
  }
  return open.values();
}

/** Empty: the daemon died before its first run. */
function readText(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}
