import { RexaError } from '../protocol/errors.ts';
import { INPUT_ERRORS } from '../protocol/input-errors.ts';
import { MAX_TERMINAL_CELLS, MAX_TERMINAL_PIXELS, MAX_TIMEOUT_MS } from '../protocol/limits.ts';
import { MAX_DESCRIPTORS } from './limits.ts';
import type { RunOptions, RunTerminal } from './run-types.ts';

type TerminalSize = Pick<RunTerminal, 'columns' | 'rows' | 'widthPixels' | 'heightPixels'>;

/**
 * What no types can keep out, and would be taken for something else later.
 * @throws RexaError USAGE, UNMAPPABLE
 */
export function checkRunOptions({ input, stdin, maxBuffer = 0, stdio = [], ...options }: RunOptions): void {
  checkStdio(stdio);
  readTimeout('timeout', options.timeout);
  readTimeout('forceKillAfterDelay', options.forceKillAfterDelay);
  const { encodingErrors } = options;
  if (encodingErrors !== undefined && !INPUT_ERRORS.includes(encodingErrors))
    throw new RexaError('USAGE', [
      `encodingErrors is ${INPUT_ERRORS.join(', ')}, not ${encodingErrors as string}`,
    ]);
  if (!(maxBuffer >= 0)) throw new RexaError('USAGE', [`maxBuffer is a number of bytes, not ${maxBuffer}`]);
  if (input !== undefined && stdin !== undefined)
    throw new RexaError('USAGE', ['input is the whole stdin: leave stdin out beside it']);
  if (typeof input === 'string' && !input.isWellFormed())
    throw new RexaError('UNMAPPABLE', ['input', 'half a surrogate pair', 'utf8']);
}

/** @throws RexaError USAGE */
function checkStdio(stdio: NonNullable<RunOptions['stdio']>): void {
  if (!Array.isArray(stdio)) throw new RexaError('USAGE', ['stdio is an array']);
  if (stdio.length > MAX_DESCRIPTORS)
    throw new RexaError('USAGE', [`stdio has at most ${MAX_DESCRIPTORS} descriptors, not ${stdio.length}`]);
  const wrong = stdio.findIndex((kind) => kind !== undefined && kind !== 'pipe' && kind !== 'ignore');
  if (wrong !== -1)
    throw new RexaError('USAGE', [`stdio[${wrong}] is pipe or ignore, not ${String(stdio[wrong])}`]);
}

/**
 * A time limit as a Node timer can hold it; undefined where there is none, which 0 and Infinity say too, as in execa.
 * @throws RexaError USAGE
 */
export function readTimeout(name: string, timeoutMs: number | undefined): number | undefined {
  if (timeoutMs === undefined || timeoutMs === 0 || timeoutMs === Number.POSITIVE_INFINITY) return undefined;
  if (timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
  throw new RexaError('USAGE', [`${name} is 0 to ${MAX_TIMEOUT_MS} milliseconds, not ${timeoutMs}`]);
}

/**
 * Returns a terminal's size, and nothing else of what it stands in.
 * @throws RexaError USAGE
 */
export function checkSize({ columns, rows, widthPixels = 0, heightPixels = 0 }: TerminalSize): TerminalSize {
  for (const cells of [columns, rows]) {
    if (isInteger(cells, 1, MAX_TERMINAL_CELLS)) continue;
    throw new RexaError('USAGE', [
      `a terminal has 1 to ${MAX_TERMINAL_CELLS} columns and rows, not ${cells}`,
    ]);
  }
  for (const pixels of [widthPixels, heightPixels]) {
    if (isInteger(pixels, 0, MAX_TERMINAL_PIXELS)) continue;
    throw new RexaError('USAGE', [
      `a terminal has 0 to ${MAX_TERMINAL_PIXELS} pixels each way, not ${pixels}`,
    ]);
  }
  return { columns, rows, widthPixels, heightPixels };
}

function isInteger(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
