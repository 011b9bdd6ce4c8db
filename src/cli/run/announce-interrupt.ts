import type { Interrupt } from './interrupts.ts';

/** A command that takes longer to end is not about to. */
const PATIENCE_MS = 1_000;

/** Says what another Ctrl-C does, where the last one has not ended the run. */
export interface InterruptAnnouncer {
  handleInterrupt(asked: Interrupt): void;
  stop(): void;
}

/**
 * @param say shows a sentence to a person
 * @param isLost whether there is no connection at the moment: then nothing is known of the command
 */
export function announceInterrupts(
  say: (sentence: string) => void,
  escalates: boolean,
  isLost: () => boolean,
): InterruptAnnouncer {
  let timer: NodeJS.Timeout | undefined;
  return {
    handleInterrupt({ kind }) {
      clearTimeout(timer);
      if (kind === 'abandon' || !escalates) return;
      timer = setTimeout(() => {
        say(SENTENCES[kind][isLost() ? 'lost' : 'connected']);
      }, PATIENCE_MS).unref();
    },
    stop: () => clearTimeout(timer),
  };
}

/** What another Ctrl-C does comes first: a narrow terminal may show no more. */
const SENTENCES = {
  forward: {
    connected: 'press Ctrl-C again to end the command: it still runs after SIGINT',
    lost: 'press Ctrl-C again to end the command: the connection is lost, and SIGINT is sent once it is back',
  },
  cancel: {
    connected: 'press Ctrl-C again to exit at once: the command is being ended',
    lost: 'press Ctrl-C again to exit at once: the connection is lost, and the command is ended once it is back',
  },
} as const;
