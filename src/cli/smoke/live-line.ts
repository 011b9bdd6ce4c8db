import { ERASE_ROW, leaveRow, mayDraw, takeRow } from '../output/drawn-lines.ts';
import { standardTerminal } from '../output/standard-streams.ts';
import type { HumanOutput } from './human-output.ts';
import { type LiveState, writeLiveText } from './report/live-text.ts';

/** The line below all others that shows what runs, by host and test. It is drawn on terminals alone. */
export interface LiveLine {
  /** Shows something as running, until what is returned is called. */
  begin(host: string, title: string): () => void;
  /** Writes whole lines above it, of so many tests that are over. */
  write(text: string, count: number): void;
  /** Removes it for good. */
  close(): void;
}

/** A terminal, whose width may change. */
export interface LiveScreen {
  write(text: string): void;
  /** Resolves when the terminal has taken what was written. */
  flush(): Promise<unknown>;
  columns(): number;
}

/** Between two looks at what runs: what is over before that is not drawn. */
const LOOK_MS = 100;

/** Returns the terminal that people read; null in CI, with -q, and where there is none that can erase. */
export function chooseLiveScreen(
  fd: 1 | 2,
  human: HumanOutput,
  isQuiet: boolean,
  { TERM, CI }: NodeJS.ProcessEnv,
): LiveScreen | null {
  const terminal = standardTerminal(fd);
  const isPlain = isQuiet || TERM === undefined || TERM === 'dumb' || (CI ?? '') !== '';
  if (terminal === null || isPlain) return null;
  return { write: human.write, flush: human.flush, columns: () => terminal.columns };
}

/** Creates the line for a run of so many tests. @param screen null: nothing is drawn */
export function createLiveLine(screen: LiveScreen | null, human: HumanOutput, total: number): LiveLine {
  if (screen === null) return { begin: () => () => undefined, write: human.write, close: () => undefined };
  return drawLiveLine(screen, total);
}

function drawLiveLine(screen: LiveScreen, total: number): LiveLine {
  const running = new Map<symbol, LiveState['running'][number]>();
  let done = 0;
  let shown = '';

  /** Writes lines, and the line below them as it is now, at once: it does not flicker. */
  function draw(lines: string): void {
    const state = { done, total, running: [...running.values()] };
    // In the last column some terminals wrap
    const isShown = mayDraw() && (lines === '' || shown !== '') && running.size > 0;
    const next = isShown ? writeLiveText(state, performance.now(), screen.columns() - 1) : '';
    put(lines, next);
  }

  function put(lines: string, next: string): void {
    if (next !== '') takeRow(erase);
    if (lines !== '' || next !== shown) screen.write((shown === '' ? '' : ERASE_ROW) + lines + next);
    shown = next;
    if (next === '') leaveRow(erase);
  }

  function erase(): Promise<unknown> {
    put('', '');
    return screen.flush();
  }

  const timer = setInterval(draw, LOOK_MS, '').unref();

  return {
    begin(host, title) {
      const key = Symbol(title);
      running.set(key, { name: `[${host}] ${title}`, sinceMs: performance.now() });
      return () => void running.delete(key);
    },
    write(text, count) {
      done += count;
      draw(text);
    },
    close() {
      clearInterval(timer);
      running.clear();
      put('', '');
    },
  };
}
