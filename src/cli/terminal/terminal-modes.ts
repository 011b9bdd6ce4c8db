import { createControlParser, findControl } from '../../protocol/control-parser.ts';
import { createModeTable } from './mode-table.ts';

/** Follows what programs make of a terminal, to know what to take back. */
export interface ModeTracker {
  take(bytes: Uint8Array): void;
  /** Whether the other screen is shown, which full-screen programs use. */
  readonly isOtherScreen: boolean;
  /** Whether what is written next looks and goes as on a new terminal. */
  readonly isPlain: boolean;
  /** What gives a new terminal those modes that say what kind of program is shown. */
  writeModes(): string;
  /** Whether what was shown last was whole: no sequence, string or character is still to be ended. */
  readonly isSettled: boolean;
  /**
   * What gives the terminal back as it was found: empty where nothing was changed.
   * @param isLeftEarly the programs had no chance to tidy up: colours and characters are put right too
   */
  restore(isLeftEarly: boolean): string;
}

/** Ends whatever has begun: CAN ends a sequence or string, and is nothing elsewhere; ST is nothing elsewhere. */
const ABORT = '\x18\x1b\\';
/** The usual characters, no attributes. */
const PLAIN = '\x1b(B\x0f\x1b[0m';
/** At the end of a chunk the rest of a character may be missing. */
const LONGEST_CHARACTER_BYTES = 4;

/** Nothing is held back, and no sequence that is cut at a chunk's end is missed. */
export function createModeTracker(): ModeTracker {
  const table = createModeTable();
  const parser = createControlParser(table);
  let isStyled = false;

  return {
    get isOtherScreen() {
      return table.isOtherScreen;
    },
    get isPlain() {
      return table.isPlain;
    },
    writeModes: () =>
      `${table.isOtherScreen ? '\x1b[?1049h' : ''}${table.hasBracketedPaste ? '\x1b[?2004h' : ''}`,
    get isSettled() {
      return parser.isSettled;
    },
    take(bytes) {
      let at = 0;
      while (at < bytes.length) {
        if (parser.isSettled) {
          const control = findControl(bytes, at);
          isStyled ||= control < bytes.length;
          // A character that has begun is followed to its end
          at = Math.max(at, Math.min(control, bytes.length - LONGEST_CHARACTER_BYTES));
        }
        parser.take(bytes[at++] ?? 0);
      }
    },
    restore(isLeftEarly) {
      const undone = table.undo();
      const abort = parser.isSettled ? '' : ABORT;
      if (undone === '' && abort === '' && !(isLeftEarly && isStyled)) return '';
      return `${abort}${undone}${PLAIN}`;
    },
  };
}
