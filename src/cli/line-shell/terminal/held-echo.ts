import { ECHO_AFTER_MS } from '../../limits.ts';

/** The echo of what is typed while a line runs. */
export interface HeldEcho {
  write(text: string): void;
  /** Shows it from now on: the line does something. */
  release(): void;
  /** What was held back is not shown: no program has read the typed text, and it will be seen at the prompt. */
  discard(): void;
}

/**
 * Holds the echo back for a moment: most lines end at once, and then what was typed ahead of the prompt need not stand on
 * the terminal twice.
 */
export function createHeldEcho(show: (text: string) => void): HeldEcho {
  let held: string | null = '';
  const timer = setTimeout(release, ECHO_AFTER_MS);

  function release(): void {
    clearTimeout(timer);
    if (held !== null && held !== '') show(held);
    held = null;
  }

  return {
    write(text) {
      if (held === null) show(text);
      else held += text;
    },
    release,
    discard() {
      clearTimeout(timer);
      held = null;
    },
  };
}
