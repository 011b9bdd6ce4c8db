import { formatDuration } from '../../../command-line/duration.ts';

/** How much of a reply is there; `totalBytes` is null where the whole size isn't known. */
export interface Progress {
  readonly doneBytes: number;
  readonly totalBytes: number | null;
}

const FRAMES = { unicode: Array.from('⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'), ascii: Array.from('|/-\\') } as const;
const BAR_COLUMNS = 20;
const UNITS = ['bytes', 'kB', 'MB', 'GB'] as const;

/** The line that says that something still goes on: a spinner and the time, or a bar where the size is known. */
export function describeWaiting(
  elapsedMs: number,
  { doneBytes, totalBytes }: Progress,
  charset: keyof typeof FRAMES,
): string {
  const time = formatDuration(Math.floor(elapsedMs / 1000) * 1000);
  if (totalBytes === null || totalBytes === 0) {
    const frames = FRAMES[charset];
    return `${frames[Math.floor(elapsedMs / FRAME_MS) % frames.length]} ${time}`;
  }
  const share = Math.min(1, doneBytes / totalBytes);
  const full = Math.round(share * BAR_COLUMNS);
  const [done, open] = charset === 'unicode' ? ['█', '░'] : ['#', '.'];
  const bar = done.repeat(full) + open.repeat(BAR_COLUMNS - full);
  return `${bar} ${Math.floor(share * 100)}% of ${formatBytes(totalBytes)}, ${time}`;
}

/** How long a frame of the spinner stands. */
export const FRAME_MS = 100;

function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
}
