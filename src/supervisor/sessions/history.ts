import { HISTORY_BLOCK_LINES, MAX_HISTORY_CHARACTERS, MAX_HISTORY_LINES } from '../limits.ts';

/** The lines that have left a screen at its top, the newest last, each as text with SGR. */
export interface History {
  readonly lineCount: number;
  /** @param isContinued whether the row continues the line before it, which was wrapped at the right edge */
  push(text: string, isContinued: boolean): void;
  /** Returns the last lines, at most so many. */
  last(count: number): readonly string[];
  clear(): void;
}

const NEWLINE = '\n';

/**
 * Creates a history. It is kept as blocks of joined lines: cells of xterm take twelve bytes each, and strings that are put
 * together from parts take more than their characters.
 */
export function createHistory(): History {
  let blocks: string[] = [];
  let recent: string[] = [];
  let characters = 0;

  function lineCount(): number {
    return blocks.length * HISTORY_BLOCK_LINES + recent.length;
  }

  /** The limits hold up to a block. */
  function shorten(): void {
    const isTooLong = (): boolean =>
      characters > MAX_HISTORY_CHARACTERS || lineCount() > MAX_HISTORY_LINES + HISTORY_BLOCK_LINES;
    while (blocks.length > 0 && isTooLong()) characters -= blocks.shift()?.length ?? 0;
  }

  return {
    get lineCount() {
      return Math.min(lineCount(), MAX_HISTORY_LINES);
    },
    push(text, isContinued) {
      const last = recent.at(-1);
      characters += text.length + 1;
      if (isContinued && last !== undefined && last.length < MAX_HISTORY_CHARACTERS / HISTORY_BLOCK_LINES)
        recent[recent.length - 1] = last + text;
      else recent.push(text);
      if (recent.length <= HISTORY_BLOCK_LINES) return;
      const next = recent.pop() ?? '';
      blocks.push(recent.join(NEWLINE));
      recent = [next];
      shorten();
    },
    last(count) {
      const found = [...recent];
      for (let index = blocks.length - 1; index >= 0 && found.length < count; index--)
        found.unshift(...(blocks[index] ?? '').split(NEWLINE));
      return found.slice(Math.max(0, found.length - count));
    },
    clear() {
      blocks = [];
      recent = [];
      characters = 0;
    },
  };
}
