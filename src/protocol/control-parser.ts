/** What a parser finds in an output. */
export interface ControlListener {
  /** SO or SI. */
  handleShift(isOut: boolean): void;
  /** An escape sequence, without its ESC: `=`, `(0`, `c`. */
  handleEscape(sequence: string): void;
  /** A control sequence behind its CSI: parameters with what stands in front of them, intermediates, and the last character. */
  handleControl(parameters: string, intermediates: string, final: string): void;
  /** The text of an OSC, cut at MAX_STRING_CHARACTERS. */
  handleCommand(text: string): void;
}

/**
 * Follows the control functions of an output in UTF-8, byte by byte (ECMA-48, and what DEC's parser and xterm make of it). What
 * begins and ends where is the same as for the parser of xterm.js, but for the strings that tmux passes on.
 */
export interface ControlParser {
  take(byte: number): void;
  /** Whether nothing has begun: no sequence, no control string, no character. Only then others may write. */
  readonly isSettled: boolean;
}

/** Longer strings are passed on as ever; of what they say the begin is enough. */
const MAX_STRING_CHARACTERS = 256;
const MAX_SEQUENCE_CHARACTERS = 64;

const BEL = 0x07;
const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;
const CAN = 0x18;
const SUB = 0x1a;
const ESC = 0x1b;
const DELETE = 0x7f;
const STRING_TERMINATOR = 0x9c;
/** The first byte of U+0080 to U+00BF: the controls of C1 are among them. */
const C1_LEAD = 0xc2;
/** A mark in front of a text, which is no character. */
const BYTE_ORDER_MARK = 0xfeff;
/** The least character of UTF-8 that has so many bytes more than one. */
const LEAST_CHARACTERS = [0, 0x80, 0x800, 0x10000];
/** How a string begins that tmux passes to the terminal around it: each ESC in it is written twice. */
const TMUX = 'tmux;';

/**
 * - `control`: behind CSI; `ignored`: of one that is not well formed, whose end is looked for.
 * - `command`: OSC, which BEL ends too; `string`: APC, PM, SOS.
 * - `device`: DCS up to its first letter; `data`: what follows; `data-escape`: an ESC in a string of tmux.
 */
type State =
  | 'text'
  | 'escape'
  | 'control'
  | 'ignored'
  | 'command'
  | 'string'
  | 'device'
  | 'data'
  | 'data-escape';

/** What begins behind an ESC, or as that character of C1 (0x40 higher). */
const BEGINNINGS: ReadonlyMap<number, State> = new Map([
  [0x5b, 'control'],
  [0x5d, 'command'],
  [0x50, 'device'],
  [0x58, 'string'],
  [0x5e, 'string'],
  [0x5f, 'string'],
]);

/** Creates a parser of one output. */
export function createControlParser(listener: ControlListener): ControlParser {
  let state: State = 'text';
  let held = '';
  /** Of a character of UTF-8 so many bytes have to come. */
  let bytesLeft = 0;
  let character = 0;
  /** A character that is lower has too many bytes, and is none. */
  let least = 0;

  function begin(next: State): void {
    state = next;
    held = '';
  }

  function hold(code: number, most: number): void {
    if (held.length < most) held += String.fromCodePoint(code);
  }

  function take(byte: number): void {
    const goesOn = byte >= 0x80 && byte < 0xc0;
    if (bytesLeft === 0 || !goesOn) return takeFirst(byte);
    character = (character << 6) | (byte & 0x3f);
    bytesLeft -= 1;
    if (bytesLeft === 0 && isCharacter()) takeCharacter(character);
  }

  function isCharacter(): boolean {
    const isSurrogate = character >= 0xd800 && character < 0xe000;
    return character >= least && character <= 0x10ffff && !isSurrogate && character !== BYTE_ORDER_MARK;
  }

  /** A byte that can't begin a character is passed over. */
  function takeFirst(byte: number): void {
    bytesLeft = byte < 0xc0 || byte > 0xf7 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    character = byte & (0x3f >> bytesLeft);
    least = LEAST_CHARACTERS[bytesLeft] ?? 0;
    if (byte < 0x80) takeCharacter(byte);
  }

  function takeCharacter(code: number): void {
    if (state === 'data-escape') takeEscapedData(code);
    else if (code === CAN || code === SUB) begin('text');
    else if (code === ESC) takeEsc();
    else if (code >= 0x80 && code < 0xa0) takeC1(code);
    else if (code !== DELETE) steps[state](code);
  }

  function takeEsc(): void {
    if (state === 'command') endCommand();
    if (state === 'data' && held === TMUX) state = 'data-escape';
    else begin('escape');
  }

  function takeEscapedData(code: number): void {
    if (code === ESC) {
      state = 'data';
      return;
    }
    begin('escape');
    takeCharacter(code);
  }

  /** Each of them ends whatever has begun. */
  function takeC1(code: number): void {
    if (state === 'command' && code === STRING_TERMINATOR) endCommand();
    begin(BEGINNINGS.get(code - 0x40) ?? 'text');
  }

  /** A control character inside a sequence is obeyed, and the sequence goes on. */
  function takeText(code: number): void {
    if (code === SHIFT_OUT || code === SHIFT_IN) listener.handleShift(code === SHIFT_OUT);
  }

  function takeEscape(code: number): void {
    if (code < 0x20) return takeText(code);
    const beginning = held === '' ? BEGINNINGS.get(code) : undefined;
    if (beginning !== undefined) return begin(beginning);
    hold(code, MAX_SEQUENCE_CHARACTERS);
    if (code < 0x30) return;
    const sequence = held;
    begin('text');
    if (code < DELETE) listener.handleEscape(sequence);
  }

  function takeControl(code: number): void {
    if (code < 0x20) return takeText(code);
    if (code < 0x40) return isMisplaced(code) ? begin('ignored') : hold(code, MAX_SEQUENCE_CHARACTERS);
    const [, parameters = '', intermediates = ''] = /^([0-?]*)([ -/]*)$/.exec(held) ?? [];
    begin('text');
    if (code < DELETE) listener.handleControl(parameters, intermediates, String.fromCharCode(code));
  }

  /** Parameters stand in front of intermediates, and `<`, `=`, `>` and `?` in front of parameters. */
  function isMisplaced(code: number): boolean {
    return code >= 0x30 && (/[ -/]$/.test(held) || (code >= 0x3c && held !== ''));
  }

  function takeIgnored(code: number): void {
    if (code < 0x20) takeText(code);
    else if (code >= 0x40 && code < DELETE) begin('text');
  }

  function takeCommand(code: number): void {
    if (code === BEL) {
      endCommand();
      begin('text');
    } else if (code >= 0x20) hold(code, MAX_STRING_CHARACTERS);
  }

  function endCommand(): void {
    listener.handleCommand(held);
  }

  /** xterm.js takes no other characters here. */
  function takeString(code: number): void {
    if (code > DELETE) begin('text');
  }

  function takeDevice(code: number): void {
    if (code > DELETE) return begin('text');
    if (code < 0x20) return;
    if (code >= 0x40) begin('data');
    else if (isMisplaced(code)) return begin('data');
    hold(code, MAX_SEQUENCE_CHARACTERS);
  }

  const steps: Readonly<Record<Exclude<State, 'data-escape'>, (code: number) => void>> = {
    text: takeText,
    escape: takeEscape,
    control: takeControl,
    ignored: takeIgnored,
    command: takeCommand,
    string: takeString,
    device: takeDevice,
    data: (code) => hold(code, TMUX.length),
  };

  return {
    take,
    get isSettled() {
      return state === 'text' && bytesLeft === 0;
    },
  };
}

/** Where the first byte may stand that is not plain text; all bytes before it leave a settled parser settled. */
export function findControl(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === ESC || byte === SHIFT_OUT || byte === SHIFT_IN || byte === C1_LEAD) return at;
  }
  return bytes.length;
}
