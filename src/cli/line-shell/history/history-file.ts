import {
  appendFileSync,
  chmodSync,
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../../../places/make-folder.ts';
import { MAX_HISTORY_BYTES, MAX_HISTORY_ENTRIES, MAX_HISTORY_ENTRY_CHARACTERS } from '../../limits.ts';
import { readEntries, writeEntry } from './history-entries.ts';

/** The lines of all shells of this user, oldest first. */
export interface HistoryFile {
  /** The entries when it was opened, and what was added since. */
  readonly entries: readonly string[];
  /** Adds a line, unless it begins with a space or is the one before once more. Never throws: history is no reason to fail. */
  add(line: string): void;
}

/**
 * Reads the history, and adds to it line by line, so that two shells at once lose nothing. What is too long is trimmed
 * when it is opened.
 */
export function openHistory(path: string): HistoryFile {
  const entries = [...load(path)];
  return {
    entries,
    add(line) {
      if (!isWorthKeeping(line) || line === entries.at(-1)) return;
      entries.push(line);
      try {
        append(path, writeEntry(line));
      } catch {
        // A full disk, a folder that may not be written: the shell remembers it as long as it runs
      }
    },
  };
}

/** A leading space says that a line is private; a pasted file is no line that anybody looks for. */
function isWorthKeeping(line: string): boolean {
  return line.trim() !== '' && !line.startsWith(' ') && line.length <= MAX_HISTORY_ENTRY_CHARACTERS;
}

function load(path: string): readonly string[] {
  try {
    const text = readFileSync(path, 'utf8');
    // Another program may have made it
    chmodSync(path, 0o600);
    const entries = readEntries(text);
    if (entries.length <= MAX_HISTORY_ENTRIES && text.length <= MAX_HISTORY_BYTES) return entries;
    return trim(path);
  } catch {
    return [];
  }
}

/** One write at the end of the file, so that two shells that add at the same time do not mix. */
function append(path: string, text: string): void {
  makeFolder(dirname(path));
  appendFileSync(path, text, { mode: 0o600 });
}

/**
 * Keeps the younger half. The new file takes the place of the old one at once; what others added to the old one
 * meanwhile is read from it and added to the new one.
 */
function trim(path: string): readonly string[] {
  const old = openSync(path, 'r');
  const temporary = `${path}.${process.pid}`;
  try {
    const text = readFileSync(old, 'utf8');
    const kept = keepYounger(readEntries(text));
    const fresh = openSync(temporary, 'wx', 0o600);
    try {
      writeSync(fresh, kept.map(writeEntry).join(''));
    } finally {
      closeSync(fresh);
    }
    renameSync(temporary, path);
    const added = readFrom(old, Buffer.byteLength(text));
    if (added !== '') append(path, added);
    return [...kept, ...readEntries(added)];
  } finally {
    closeSync(old);
    rmSync(temporary, { force: true });
  }
}

function keepYounger(entries: readonly string[]): readonly string[] {
  let bytes = 0;
  const mostBytes = MAX_HISTORY_BYTES / 2;
  const first = entries.findLastIndex((entry, index) => {
    bytes += Buffer.byteLength(writeEntry(entry));
    return bytes > mostBytes || index < entries.length - MAX_HISTORY_ENTRIES / 2;
  });
  return entries.slice(first + 1);
}

function readFrom(descriptor: number, offset: number): string {
  const rest = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - offset));
  return rest.toString('utf8', 0, rest.length === 0 ? 0 : readSync(descriptor, rest, 0, rest.length, offset));
}
