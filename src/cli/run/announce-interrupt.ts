import type { Interrupt } from './interrupts.ts';

/** A command that takes longer to end is not about to. */
const PATIENCE_MS = 1_000;

/** Says what another Ctrl-C does, where the last one has not ended the run. */
export interface InterruptAnnouncer {
  handleInterrupt(asked: Interrupt): void;
  stop(): void;
}

/** @param say shows a sentence to a person */
export function announceInterrupts(say: (sentence: string) => void, escalates: boolean): InterruptAnnouncer {
  let timer: NodeJS.Timeout | undefined;
  return {
    handleInterrupt({ kind }) {
      clearTimeout(timer);
      const sentence = kind === 'abandon' ? null : SENTENCES[kind];
      if (sentence !== null && escalates) timer = setTimeout(say, PATIENCE_MS, sentence).unref();
    },
    stop: () => clearTimeout(timer),
  };
}

const SENTENCES = {
  forward: 'the command still runs after SIGINT; press Ctrl-C again to end it',
  cancel: 'the command is being ended; press Ctrl-C again to exit at once',
} as const;
