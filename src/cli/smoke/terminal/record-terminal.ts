import type { OpenHost } from '../../../client/host.ts';
import type { RunResult } from '../../../client/run-types.ts';
import { usageError } from '../../../command-line/usage-error.ts';
import { type LocalTerminal, openLocalTerminal } from '../../terminal/local-terminal.ts';
import { createModeTracker } from '../../terminal/terminal-modes.ts';
import { MAX_SCREEN_CELLS } from '../limits.ts';
import { createTypedReader } from './read-typed.ts';
import { createStepRecorder, type RecordedStep } from './recorded-steps.ts';
import { createScreen } from './screen.ts';

/** What a person did on a terminal, and what became of the command. */
export interface TerminalRecording {
  readonly columns: number;
  readonly rows: number;
  readonly steps: readonly RecordedStep[];
  readonly result: RunResult<string | Uint8Array>;
}

/** Runs a command on our terminal, for the person who sits there, and writes down what they do. @throws RexaError */
export async function recordOnTerminal(
  host: OpenHost,
  file: string,
  args: readonly string[],
): Promise<TerminalRecording> {
  const terminal = await openLocalTerminal();
  if (!terminal.hasKeys || !process.stdout.isTTY)
    throw usageError('record --terminal needs a terminal as stdin and stdout');
  const { columns, rows } = sizeOf(terminal);
  // The person's terminal answers to programs itself
  const screen = await createScreen(columns, rows, () => undefined);
  const recorder = createStepRecorder();
  const readTyped = createTypedReader();
  const modes = createModeTracker();
  const request = { ...terminal.describe(), columns, rows, term: 'xterm-256color' };
  const run = host.run(file, [...args], { terminal: request, stdin: 'pipe', buffer: false, reject: false });
  const giveBack = (): void => {
    terminal.writeLast(modes.restore(true));
    terminal.leave();
  };
  const handleKeys = (bytes: Buffer): void => {
    for (const part of readTyped(bytes)) recorder.type(part, screen.rows());
    if (run.stdin?.writable) run.stdin.write(bytes);
  };
  process.once('exit', giveBack);
  run.stdin?.on('error', () => undefined);
  run.stderr.on('error', () => undefined).resume();
  const stopResizing = terminal.onResize(() => {
    const now = sizeOf(terminal);
    recorder.resize(now.columns, now.rows);
    screen.resize(now.columns, now.rows);
    run.resize(now.columns, now.rows);
  });
  try {
    if ((await run.pid) !== null) {
      await terminal.enter();
      process.stdin.on('data', handleKeys);
    }
    for await (const bytes of run.stdout as AsyncIterable<Uint8Array>) {
      modes.take(bytes);
      // First, so that the screen that a key is recorded with holds all that the person has seen
      await screen.write(bytes);
      await terminal.output.write(bytes);
    }
    const result = await run;
    return { columns, rows, steps: recorder.finish(screen.rows()), result };
  } finally {
    process.stdin.off('data', handleKeys).pause();
    stopResizing();
    process.off('exit', giveBack);
    giveBack();
    screen.close();
  }
}

function sizeOf(terminal: LocalTerminal): { readonly columns: number; readonly rows: number } {
  const { columns, rows } = terminal.size();
  return {
    columns: Math.min(Math.max(columns, 2), MAX_SCREEN_CELLS),
    rows: Math.min(rows, MAX_SCREEN_CELLS),
  };
}
