import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { RexaError } from '../../protocol/errors.ts';
import { EXIT_STDOUT_CLOSED } from '../exit-status.ts';
import { createMessages } from '../output/messages.ts';
import { reportError } from '../output/report-error.ts';
import { openStandardSink } from '../output/standard-streams.ts';
import { createModeTracker } from '../terminal/terminal-modes.ts';
import { type CastStep, cutPauses, readCast } from './read-cast.ts';

/** How a recording is played. */
export interface PlayOptions {
  readonly speed: number;
  /** Null: pauses are as they were. */
  readonly idleLimitMs: number | null;
  readonly startMs: number;
}

/** What an arrow key seeks by. */
const SEEK_MS = 5_000;
const CLEAR = '\x18\x1b\\\x1b[!p\x1b[?1049l\x1b[0m\x1b[H\x1b[2J';
const LEFT = ['\x1b[D', '\x1bOD'];
const RIGHT = ['\x1b[C', '\x1bOC'];

/**
 * Plays a recording on stdout.
 * @returns the exit status: 0, whatever the recorded program's was
 */
export async function playRecording(file: string, options: PlayOptions): Promise<number> {
  try {
    const { steps } = readCast(readRecording(file), file);
    const player = createPlayer(cutPauses(steps, options.idleLimitMs), options);
    return await player.play();
  } catch (error) {
    return reportError(error, createMessages({ q: false, v: 0, color: 'auto' }));
  }
}

/** @throws RexaError CAST_INVALID */
function readRecording(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new RexaError('CAST_INVALID', [file, (error as Error).message], { cause: error });
  }
}

function createPlayer(all: readonly CastStep[], { speed, startMs }: PlayOptions) {
  const steps = all.filter(({ code }) => code === 'o');
  const output = openStandardSink(1);
  const modes = createModeTracker();
  const hasKeys = isatty(0) && isatty(1);
  const over = Promise.withResolvers<number>();
  let state: 'playing' | 'paused' = 'playing';
  let next = 0;
  /** The time of the recording at `sinceMs` of the clock. */
  let baseMs = startMs;
  let sinceMs = performance.now();
  let timer: NodeJS.Timeout | undefined;

  const nowMs = (): number => (state === 'paused' ? baseMs : baseMs + (performance.now() - sinceMs) * speed);

  function write(text: string): void {
    const bytes = Buffer.from(text);
    modes.take(bytes);
    output.write(bytes).catch(() => over.resolve(EXIT_STDOUT_CLOSED));
  }

  /** Shows all that is due, and waits for the next. */
  function advance(): void {
    clearTimeout(timer);
    let text = '';
    for (let step = steps[next]; step !== undefined && step.atMs <= nowMs(); step = steps[++next])
      text += step.data;
    if (text !== '') write(text);
    const step = steps[next];
    if (step === undefined) return over.resolve(0);
    if (state === 'playing') timer = setTimeout(advance, Math.max(0, (step.atMs - nowMs()) / speed));
  }

  function moveTo(atMs: number): void {
    baseMs = Math.max(0, atMs);
    sinceMs = performance.now();
    const first = steps.findIndex((step) => step.atMs > baseMs);
    // What was shown before is shown at once, from the beginning where that is behind
    if (first !== -1 && first < next) {
      write(CLEAR);
      next = 0;
    }
    advance();
  }

  function handleKeys(keys: Buffer): void {
    const text = keys.toString('latin1');
    if (text === 'q' || text === '\x03') over.resolve(0);
    else if (text === ' ') {
      const atMs = nowMs();
      state = state === 'playing' ? 'paused' : 'playing';
      moveTo(atMs);
    } else if (LEFT.includes(text)) moveTo(nowMs() - SEEK_MS);
    else if (RIGHT.includes(text)) moveTo(nowMs() + SEEK_MS);
  }

  return {
    async play(): Promise<number> {
      if (steps.length === 0) return 0;
      const restore = (): void => {
        clearTimeout(timer);
        if (!hasKeys) return;
        process.stdin.off('data', handleKeys).pause();
        process.stdin.setRawMode(false);
      };
      if (hasKeys) process.stdin.setRawMode(true).on('data', handleKeys);
      try {
        advance();
        const status = await over.promise;
        await output.write(Buffer.from(modes.restore(true))).catch(() => undefined);
        return status;
      } finally {
        restore();
      }
    },
  };
}
