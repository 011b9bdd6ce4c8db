import { RexaError } from '../../protocol/errors.ts';

/** An event of a recording, by its time from the beginning. */
export interface CastStep {
  readonly atMs: number;
  readonly code: string;
  readonly data: string;
}

/** A recording that was read. */
export interface Cast {
  readonly steps: readonly CastStep[];
  /** The exit status of what was recorded; null: it is not in the recording. */
  readonly status: number | null;
}

/**
 * Reads a recording in asciicast v2 or v3. A last line that was cut off is passed over.
 * @param file for messages
 * @throws RexaError CAST_INVALID
 */
export function readCast(text: string, file: string): Cast {
  const lines = text.split('\n');
  const version = readVersion(lines[0] ?? '', file);
  const steps: CastStep[] = [];
  let atMs = 0;
  for (const [index, line] of lines.entries()) {
    // The line behind the last newline was not finished
    if (index === 0 || line === '' || line.startsWith('#') || index === lines.length - 1) continue;
    const event = readEvent(line);
    if (event === null) throw new RexaError('CAST_INVALID', [file, `line ${index + 1} is no event`]);
    const [seconds, code, data] = event;
    atMs = version === 3 ? atMs + seconds * 1000 : seconds * 1000;
    steps.push({ atMs, code, data });
  }
  const end = steps.findLast(({ code }) => code === 'x');
  const status = end === undefined || !/^\d{1,3}$/.test(end.data) ? null : Number(end.data);
  return { steps, status };
}

function readVersion(line: string, file: string): 2 | 3 {
  const header = parse(line) as { readonly version?: unknown } | null;
  const version = header?.version;
  if (version === 2 || version === 3) return version;
  throw new RexaError('CAST_INVALID', [file, 'its first line is no header of asciicast v2 or v3']);
}

function readEvent(line: string): readonly [number, string, string] | null {
  const event = parse(line);
  if (!Array.isArray(event)) return null;
  const [seconds, code, data] = event as readonly unknown[];
  const isEvent =
    typeof seconds === 'number' && seconds >= 0 && typeof code === 'string' && typeof data === 'string';
  return isEvent ? [seconds, code, data] : null;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return null;
  }
}

/** Cuts pauses that are longer. @param limitMs null: none is cut */
export function cutPauses(steps: readonly CastStep[], limitMs: number | null): readonly CastStep[] {
  if (limitMs === null) return steps;
  let lastMs = 0;
  let cutMs = 0;
  return steps.map((step) => {
    cutMs += Math.max(0, step.atMs - lastMs - limitMs);
    lastMs = step.atMs;
    return { ...step, atMs: step.atMs - cutMs };
  });
}
