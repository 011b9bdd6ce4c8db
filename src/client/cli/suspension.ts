import type { SignalSource } from './interrupts.ts';

/** How long telling may take: whoever presses Ctrl-Z wants the prompt. */
const TELL_MS = 100;

/**
 * Has somebody told before this process is stopped (Ctrl-Z), and then stops it as any other.
 * @returns what ends that
 */
export function watchSuspension(source: SignalSource, tell: () => Promise<void>): () => void {
  async function handleStop(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, TELL_MS);
    });
    await Promise.race([tell().catch(() => {}), late]);
    clearTimeout(timer);
    // Without a listener the signal does what it does by itself; behind it we have been taken up again.
    source.off('SIGTSTP', handleStop);
    process.kill(process.pid, 'SIGTSTP');
    setImmediate(() => source.on('SIGTSTP', handleStop));
  }

  source.on('SIGTSTP', handleStop);
  return () => void source.off('SIGTSTP', handleStop);
}
