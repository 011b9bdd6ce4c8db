import stringWidth from 'string-width';
import { showText } from '../../protocol/show-text.ts';
import { describeWord, readWord, type WireWord } from '../../protocol/word.ts';
import type { JobInfo } from '../../services/jobs/client-types.ts';

const HEAD = ['JOB', 'STATE', 'AGE', 'COMMAND'] as const;
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** A table of jobs, a line each; nothing where there are none. */
export function describeJobs(jobs: readonly JobInfo[], nowMs: number): string {
  if (jobs.length === 0) return '';
  const rows = jobs.map((job) => [
    showText(job.id),
    describeState(job),
    job.createdMs === null ? '' : describeAge(job.createdMs, nowMs),
    describeCommand(job),
  ]);
  const all = [[...HEAD], ...rows];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => stringWidth(row[column] ?? ''))));
  return all.map((row) => `${writeRow(row, widths)}\n`).join('');
}

function writeRow(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) =>
      column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell)),
    )
    .join('  ');
}

function describeState({ state, outcome }: JobInfo): string {
  if (outcome === null) return state;
  const { name, exitCode, signal } = outcome;
  if (name === 'exited') return `exited ${exitCode}`;
  return name === 'signaled' ? `signaled ${signal}` : name;
}

/** Returns how long ago a moment was, in its largest unit: `3h`. */
export function describeAge(createdMs: number, nowMs: number): string {
  const ageMs = Math.max(0, nowMs - createdMs);
  const [unit, ms] = UNITS.find(([, length]) => ageMs >= length) ?? UNITS[3];
  return `${Math.floor(ageMs / ms)}${unit}`;
}

const showWord = (word: WireWord): string => describeWord(readWord(word));

/** Returns what a job runs, for one line of text. */
export function describeCommand({ command, note }: Pick<JobInfo, 'command' | 'note'>): string {
  if (command === null) return showText(note ?? '');
  if ('line' in command) return showText(showWord(command.line));
  if ('argv' in command) return showText(command.argv.map(showWord).join(' '));
  return 'shell' in command ? 'a login shell' : showText(command.subsystem);
}
