/** Follows what programs make of a terminal, to know what to take back. */
export interface ModeTracker {
  take(bytes: Uint8Array): void;
  /** Whether the other screen is shown, which full-screen programs use. */
  readonly isOtherScreen: boolean;
  /** Whether what was shown last was whole: no sequence, and no character, is still to be ended. */
  readonly isSettled: boolean;
  /** What gives the terminal back as it was found: empty where nothing was changed. */
  restore(): string;
}

/** Private modes (`CSI ? n h`) that a shell does not expect, and how each is taken back. */
const OTHER_SCREENS = [47, 1047, 1049];
const RESETS: ReadonlyMap<number, string> = new Map([
  // Cursor keys, the inverse screen, mice, focus, pastes
  ...[1, 5, 9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 2004, 2026].map(
    (mode) => [mode, `\x1b[?${mode}l`] as const,
  ),
  // The other screen
  ...OTHER_SCREENS.map((mode) => [mode, `\x1b[?${mode}l`] as const),
]);
/** Modes that are usual, and how each is put back. */
const USUAL: ReadonlyMap<number, string> = new Map([
  [7, '\x1b[?7h'],
  [25, '\x1b[?25h'],
]);

const ESC = 0x1b;
/** The longest sequence of interest. */
const MAX_SEQUENCE_BYTES = 64;
const MODES = new RegExp(String.raw`${'\x1b'}(?:\[\?([\d;]{1,60})([hl])|([=>c])|\[(!p))`, 'g');
/** A control sequence behind its first character (ECMA-48, 5.4). */
const WHOLE_CONTROL = /^\[[ -?]*[@-~]/;

/** Nothing is held back, and no sequence that is cut at a chunk's end is missed. */
export function createModeTracker(): ModeTracker {
  const changed = new Map<number, string>();
  let isKeypadChanged = false;
  let isStyled = false;
  let tail = '';
  let isCutCharacter = false;

  function follow(text: string): void {
    for (const [, modes, action, single, soft] of text.matchAll(MODES)) {
      if (modes !== undefined) for (const mode of modes.split(';')) change(Number(mode), action === 'h');
      else if (single === '=') isKeypadChanged = true;
      else if (single === '>') isKeypadChanged = false;
      else if (single === 'c' || soft !== undefined) changed.clear();
    }
  }

  function change(mode: number, isSet: boolean): void {
    const [reset, usual] = [RESETS.get(mode), USUAL.get(mode)];
    const undo = isSet ? reset : usual;
    if (undo !== undefined) changed.set(mode, undo);
    else changed.delete(mode);
  }

  return {
    get isOtherScreen() {
      return OTHER_SCREENS.some((mode) => changed.has(mode));
    },
    get isSettled() {
      return tail === '' && !isCutCharacter;
    },
    take(bytes) {
      isCutCharacter = endsInCharacter(bytes);
      const first = bytes.indexOf(ESC);
      if (first === -1 && tail === '') return;
      isStyled = true;
      const text = tail + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
      follow(text);
      const last = text.lastIndexOf('\x1b');
      const isCut = last !== -1 && text.length - last < MAX_SEQUENCE_BYTES && !isWhole(text.slice(last));
      tail = isCut ? text.slice(last) : '';
    },
    restore() {
      if (!isStyled) return '';
      const modes = [...changed.values()].join('');
      return `${modes}${isKeypadChanged ? '\x1b>' : ''}\x1b(B\x0f\x1b[0m`;
    },
  };
}

/** Whether the last character of UTF-8 lacks some of its bytes. */
function endsInCharacter(bytes: Uint8Array): boolean {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return false;
    if (byte < 0xc0) continue;
    return back < (byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4);
  }
  return false;
}

/** Whether a sequence has its last character, as far as those of interest go. */
function isWhole(text: string): boolean {
  return text.length > 1 && (text[1] !== '[' || WHOLE_CONTROL.test(text.slice(1)));
}
