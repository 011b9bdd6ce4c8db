import type { RemoteRun } from '../../../client/run-types.ts';
import type { TestedTerminal } from './follow-steps.ts';
import { createScreen } from './screen.ts';

/** The terminal of a run. */
export interface RunTerminalScreen extends TestedTerminal {
  /** What it shows, for who looks for texts that were wrapped. */
  unwrapped(): string;
  /** Resolves with true when the command has ended and all of its output is shown; false: not in so many ms. */
  ended(waitMs: number | null): Promise<boolean>;
  /** Shows no more. */
  close(): void;
}

/** Shows what a run writes on a screen. Its `stdin` has to be `pipe`, and nothing else reads its output. */
export async function openTestedTerminal(
  run: RemoteRun<string | Uint8Array>,
  columns: number,
  rows: number,
): Promise<RunTerminalScreen> {
  const { stdin } = run;
  let version = 0;
  let isOver = false;
  let isClosed = false;
  let announce = Promise.withResolvers<void>();

  // A command that has ended takes no more
  stdin?.on('error', () => undefined);
  const type = (text: string): void => void (stdin?.writable && stdin.write(text));
  const screen = await createScreen(columns, rows, type);
  run.stderr.on('error', () => undefined).resume();

  function tell(): void {
    version++;
    announce.resolve();
    announce = Promise.withResolvers();
  }

  async function show(): Promise<void> {
    try {
      for await (const bytes of run.stdout as AsyncIterable<Uint8Array>) {
        if (isClosed) continue;
        await screen.write(bytes);
        tell();
      }
    } catch {
      // The connection was lost, which the result says
    }
    isOver = true;
    tell();
  }

  async function changed(since: number, signal: AbortSignal | null): Promise<boolean> {
    if (version !== since || isOver) return true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = (): void => resolve();
    if (signal?.aborted) return false;
    signal?.addEventListener('abort', stop, { once: true });
    await Promise.race([announce.promise, promise]);
    signal?.removeEventListener('abort', stop);
    return version !== since || isOver;
  }

  void show();
  return {
    get version() {
      return version;
    },
    get isOver() {
      return isOver;
    },
    get hasApplicationCursor() {
      return screen.hasApplicationCursor;
    },
    rows: screen.rows,
    unwrapped: screen.unwrapped,
    type,
    resize(newColumns, newRows) {
      screen.resize(newColumns, newRows);
      run.resize(newColumns, newRows);
    },
    changed,
    async ended(waitMs) {
      const deadline = waitMs === null ? null : AbortSignal.timeout(waitMs);
      while (!isOver && (await changed(version, deadline)));
      return isOver;
    },
    close() {
      isClosed = true;
      screen.close();
    },
  };
}
