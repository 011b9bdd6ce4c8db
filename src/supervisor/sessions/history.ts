import { HISTORY_BLOCK_LINES, MAX_HISTORY_CHARACTERS, MAX_HISTORY_LINES } from '../limits.ts';

/** The lines that have left a screen at its top, the newest last, each as text with SGR. */
export interface History {
  /** @param isContinued whether the row continues the line before it, which was wrapped at the right edge */
  push(text: string, isContinued: boolean): void;
  /** Adds many lines that are joined by newlines. None of them continues another one. */
  pushJoined(text: string, count: number): void;
  /** Returns the last lines, at most so many. */
  last(count: number): readonly string[];
  clear(): void;
}

const NEWLINE = '\n';

/** Lines that are joined by newlines. */
interface Block {
  readonly text: string;
  readonly lines: number;
}

/**
 * Creates a history. It is kept as blocks of joined lines: cells of xterm take twelve bytes each, and strings that are put
 * together from parts take more than their characters.
 */
export function createHistory(): History {
  let blocks: Block[] = [];
  let blockLines = 0;
  let recent: string[] = [];
  let characters = 0;

  /** Puts the recent lines but so many into a block. The limits hold up to a block. */
  function closeBlock(but: number): void {
    const text = recent.slice(0, recent.length - but).join(NEWLINE);
    addBlock(text, recent.length - but);
    recent = recent.slice(recent.length - but);
  }

  function addBlock(text: string, lines: number): void {
    blocks.push({ text, lines });
    blockLines += lines;
    const isTooLong = (first: Block): boolean =>
      characters > MAX_HISTORY_CHARACTERS || blockLines + recent.length - first.lines >= MAX_HISTORY_LINES;
    for (let [first] = blocks; first !== undefined && isTooLong(first); [first] = blocks) {
      blocks.shift();
      characters -= first.text.length + 1;
      blockLines -= first.lines;
    }
  }

  return {
    push(text, isContinued) {
      const last = recent.at(-1);
      characters += text.length + 1;
      if (isContinued && last !== undefined && last.length < MAX_HISTORY_CHARACTERS / HISTORY_BLOCK_LINES)
        recent[recent.length - 1] = last + text;
      else recent.push(text);
      // The last one may be continued
      if (recent.length > HISTORY_BLOCK_LINES) closeBlock(1);
    },
    pushJoined(text, count) {
      if (recent.length > 0) closeBlock(0);
      characters += text.length + 1;
      addBlock(text, count);
    },
    last(count) {
      const parts = [recent];
      for (let index = blocks.length - 1, lines = recent.length; index >= 0 && lines < count; index--) {
        const block = blocks[index] as Block;
        parts.unshift(block.text.split(NEWLINE));
        lines += block.lines;
      }
      const found = parts.flat();
      return found.slice(Math.max(0, found.length - count));
    },
    clear() {
      blocks = [];
      blockLines = 0;
      recent = [];
      characters = 0;
    },
  };
}
