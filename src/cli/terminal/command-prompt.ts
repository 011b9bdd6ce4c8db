/** What typed keys do to a line behind `~C`. */
export interface PromptStep {
  /** What the terminal shows of them. */
  readonly echo: string;
  /** The line, once Enter was typed; null: it was given up (Ctrl-C, Escape). Absent: it goes on. */
  readonly line?: string | null;
}

/** A line that is typed behind `~C`, in ASCII. */
export interface CommandPrompt {
  take(keys: Uint8Array): PromptStep;
}

const GIVEN_UP = ['\x03', '\x04', '\x1b'];
const ERASED = ['\x7f', '\b'];
const MAX_LINE_CHARACTERS = 1024;

/** Starts with an empty line. */
export function createCommandPrompt(): CommandPrompt {
  let line = '';
  return {
    take(keys) {
      let echo = '';
      for (const key of Buffer.from(keys).toString('latin1')) {
        if (key === '\r' || key === '\n') return { echo: `${echo}\r\n`, line };
        if (GIVEN_UP.includes(key)) return { echo: `${echo}\r\n`, line: null };
        if (ERASED.includes(key)) {
          if (line !== '') echo += '\b \b';
          line = line.slice(0, -1);
        } else if (/[ -~]/.test(key) && line.length < MAX_LINE_CHARACTERS) {
          line += key;
          echo += key;
        }
      }
      return { echo };
    },
  };
}
