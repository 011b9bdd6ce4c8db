import type { RemoteRun } from '../../../client/run-types.ts';
import { RexaError } from '../../../protocol/errors.ts';
import type { RunningLine } from '../backend.ts';

/** What is done to a line that is being run, whether its run exists already or waits for a connection. */
export interface LineControl extends Omit<RunningLine, 'ended' | 'over'> {
  /** Everything that was asked for until now is done to the run, and all that comes later. */
  attach(run: RemoteRun): void;
  /** Aborted when the line should end before its run exists: then it is not run. */
  readonly unwanted: AbortSignal;
  /** What was typed for it, in UTF-8. */
  typed(): Buffer;
  readonly isCanceled: boolean;
  /** Whether SIGINT was sent. */
  readonly isInterrupted: boolean;
}

export function createLineControl(): LineControl {
  const unwanted = new AbortController();
  const typed: Buffer[] = [];
  let run: RemoteRun | null = null;
  let inputIsOver = false;
  let isCanceled = false;
  let isInterrupted = false;

  /** Before the run exists, whatever ends a line takes it back. */
  function end(act: (run: RemoteRun) => void): void {
    if (run === null) unwanted.abort(new RexaError('ABANDONED'));
    else act(run);
  }

  return {
    write(text) {
      if (inputIsOver) return;
      const bytes = Buffer.from(text);
      typed.push(bytes);
      run?.stdin?.write(bytes);
    },
    endInput() {
      inputIsOver = true;
      run?.stdin?.end();
    },
    signal(name) {
      isInterrupted ||= name === 'SIGINT';
      end((started) => started.kill(name));
    },
    cancel() {
      isCanceled = true;
      end((started) => started.cancel());
    },
    abandon: () => end((started) => started.abandon()),
    attach(started) {
      run = started;
      // A command that ends does not read what is on its way: the end of the run says so
      run.stdin?.on('error', () => {});
      for (const bytes of typed) run.stdin?.write(bytes);
      if (inputIsOver) run.stdin?.end();
    },
    unwanted: unwanted.signal,
    typed: () => Buffer.concat(typed),
    get isCanceled() {
      return isCanceled;
    },
    get isInterrupted() {
      return isInterrupted;
    },
  };
}
