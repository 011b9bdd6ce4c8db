/**
 * How the program around a line says that it ended: `ended` by itself; `early`, when the shell was ended in the middle
 * of it (`set -e`, an error, a signal); `left` by `exit`. The others were not run: `incomplete`, since their end is
 * missing; `misread`, since the shell does not read its characters as such; `displaced`, since the folder is gone that they were meant for; `forgotten`, since the state is.
 */
export type LineEnding = 'ended' | 'early' | 'left' | 'incomplete' | 'misread' | 'displaced' | 'forgotten';

/** What the program around a line says when the line is over. */
export interface LineReport {
  readonly how: LineEnding;
  /** What `$?` is behind the line. */
  readonly status: number;
  /** Whether the state could be written down. */
  readonly isSaved: boolean;
  /** Whether `set -e` was in force. */
  readonly exitsOnError: boolean;
  /** The pids of jobs in the background. */
  readonly jobs: readonly number[];
  readonly folder: string;
}

/** A record on stderr: the report, or what was typed and not read by anybody. */
export type LineRecord =
  | { readonly kind: 'report'; readonly report: LineReport }
  | { readonly kind: 'rest'; readonly text: string };

const REPORT =
  /^(ended|early|left|incomplete|misread|displaced|forgotten) (\d{1,3}) (saved|unsaved),(errexit)?,([\d,]*) (.*)$/s;

/** Returns whether a record turns the echo of what is typed on or off; null: it is about something else. */
export function readEchoRecord(record: string): boolean | null {
  if (record === 'echo on') return true;
  return record === 'echo off' ? false : null;
}

/** Null for a record that is not ours. */
export function readLineRecord(record: string): LineRecord | null {
  if (record.startsWith('rest ')) return { kind: 'rest', text: record.slice('rest '.length) };
  const found = REPORT.exec(record);
  if (found === null) return null;
  const [, how, status, saved, errexit, jobs = '', folder = ''] = found;
  const report: LineReport = {
    how: how as LineEnding,
    status: Number(status),
    isSaved: saved === 'saved',
    exitsOnError: errexit !== undefined,
    jobs: jobs.split(',').filter(Boolean).map(Number),
    folder,
  };
  return { kind: 'report', report };
}
