import type { CheckedOutput } from '../assertions/checked-output.ts';
import { normalizeText } from '../assertions/go-text.ts';

/** What a terminal shows of a program's output. */
export interface Screen {
  /** Resolves when it is shown. */
  write(bytes: Uint8Array): Promise<void>;
  resize(columns: number, rows: number): void;
  /** The rows without white space at their ends, and without empty ones below the last text. */
  rows(): readonly string[];
  /** The same text where a line that was wrapped at the right edge is one line. */
  unwrapped(): string;
  /** Whether the program has asked for application cursor keys (DECCKM). */
  readonly hasApplicationCursor: boolean;
  close(): void;
}

/** @param reply takes what the terminal answers to questions of programs */
export async function createScreen(
  columns: number,
  rows: number,
  reply: (text: string) => void,
): Promise<Screen> {
  const { Terminal } = (await import('@xterm/headless')).default;
  const terminal = new Terminal({
    cols: columns,
    rows,
    scrollback: 0,
    allowProposedApi: true,
    logLevel: 'off',
  });
  terminal.onData(reply);

  function readRows(): readonly string[] {
    const { active } = terminal.buffer;
    const found = Array.from(
      { length: terminal.rows },
      (_, row) =>
        active
          .getLine(active.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? '',
    );
    return found.slice(0, found.findLastIndex((row) => row !== '') + 1);
  }

  return {
    write: (bytes) => new Promise((resolve) => terminal.write(bytes, resolve)),
    resize: (newColumns, newRows) => terminal.resize(newColumns, newRows),
    rows: readRows,
    unwrapped() {
      const { active } = terminal.buffer;
      return readRows().reduce((text, row, index) => {
        const isWrapped = active.getLine(active.baseY + index)?.isWrapped === true;
        return index === 0 ? row : `${text}${isWrapped ? '' : '\n'}${row}`;
      }, '');
    },
    get hasApplicationCursor() {
      return terminal.modes.applicationCursorKeysMode;
    },
    close: () => terminal.dispose(),
  };
}

/** A screen as assertions see it: `lines` are its rows, empty ones at its top included. */
export function checkableScreen(rows: readonly string[]): CheckedOutput {
  const whole = rows.join('\n');
  return { bytes: Buffer.from(whole), whole, text: normalizeText(whole), lines: rows, replaced: 0 };
}
