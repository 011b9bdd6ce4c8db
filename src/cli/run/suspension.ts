import { within } from '../../runtime/in-time.ts';
import type { SignalSource } from './interrupts.ts';

/** How long the notification may take: after Ctrl-Z the user expects the prompt. */
const TELL_MS = 100;

/**
 * Calls a listener before this process is stopped (Ctrl-Z), and then stops it as any other.
 * @returns what ends that
 */
export function watchSuspension(source: SignalSource, tell: () => Promise<void>): () => void {
  let isWatching = true;

  function handleStop(): void {
    void within(
      tell().catch(() => {}),
      TELL_MS,
      undefined,
    ).then(stop);
  }

  /** Without a listener the signal does what it does by itself; behind it we have been taken up again. */
  function stop(): void {
    source.off('SIGTSTP', handleStop);
    process.kill(process.pid, 'SIGTSTP');
    setImmediate(() => {
      if (isWatching) source.on('SIGTSTP', handleStop);
    });
  }

  source.on('SIGTSTP', handleStop);
  return () => {
    isWatching = false;
    source.off('SIGTSTP', handleStop);
  };
}
