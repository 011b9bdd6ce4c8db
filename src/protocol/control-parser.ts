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

/** Follows the control functions of an output, byte by byte (ECMA-48, and what xterm makes of it). */
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
const BACKSLASH = 0x5c;
/** The first byte of U+0080 to U+00BF: the controls of C1 are among them. */
const C1_LEAD = 0xc2;

/**
 * - `character`: more bytes of a character of UTF-8 have to come.
 * - `c1`: a character that may be a control of C1.
 * - `command`: OSC, which BEL ends too; `string`: APC, PM, SOS; `device`: DCS, in which an ESC may stand (tmux).
 * - `…-escape`: the end of the string may follow.
 */
type State =
  | 'text'
  | 'character'
  | 'c1'
  | 'escape'
  | 'control'
  | 'command'
  | 'command-escape'
  | 'string'
  | 'string-escape'
  | 'device'
  | 'device-escape';

/** What begins behind an ESC, or as that character of C1 (0x40 higher). */
const BEGINNINGS: ReadonlyMap<number, State> = new Map([
  [0x5b, 'control'],
  [0x5d, 'command'],
  [0x50, 'device'],
  [0x58, 'string'],
  [0x5e, 'string'],
  [0x5f, 'string'],
]);

export function createControlParser(listener: ControlListener): ControlParser {
  let state: State = 'text';
  let held = '';
  let bytesLeft = 0;

  function begin(next: State): void {
    state = next;
    held = '';
  }

  function takeText(byte: number): void {
    if (byte === ESC) begin('escape');
    else if (byte === SHIFT_OUT || byte === SHIFT_IN) listener.handleShift(byte === SHIFT_OUT);
    else if (byte === C1_LEAD) begin('c1');
    else if (byte > C1_LEAD && byte < 0xf5) {
      bytesLeft = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      begin('character');
    }
  }

  function takeCharacter(byte: number): void {
    const goesOn = byte >= 0x80 && byte < 0xc0;
    bytesLeft -= 1;
    if (!goesOn || bytesLeft === 0) begin('text');
    if (!goesOn) takeText(byte);
  }

  function takeC1(byte: number): void {
    const goesOn = byte >= 0x80 && byte < 0xc0;
    begin((goesOn && BEGINNINGS.get(byte - 0x40)) || 'text');
    if (!goesOn) takeText(byte);
  }

  function takeEscape(byte: number): void {
    const beginning = held === '' ? BEGINNINGS.get(byte) : undefined;
    if (beginning !== undefined) return begin(beginning);
    if (held.length < MAX_SEQUENCE_CHARACTERS) held += String.fromCharCode(byte);
    if (byte >= 0x20 && byte < 0x30) return;
    const sequence = held;
    begin('text');
    if (byte >= 0x30 && byte < 0x7f) listener.handleEscape(sequence);
  }

  function takeControl(byte: number): void {
    // A control character inside is obeyed, and the sequence goes on
    if (byte < 0x20) return;
    if (byte < 0x40) {
      if (held.length < MAX_SEQUENCE_CHARACTERS) held += String.fromCharCode(byte);
      return;
    }
    const [, parameters = '', intermediates = ''] = /^([0-?]*)([ -/]*)$/.exec(held) ?? [];
    begin('text');
    if (byte < 0x7f) listener.handleControl(parameters, intermediates, String.fromCharCode(byte));
  }

  function takeCommand(byte: number): void {
    if (byte === ESC) state = 'command-escape';
    else if (byte === BEL) endCommand();
    else if (held.length < MAX_STRING_CHARACTERS) held += String.fromCharCode(byte);
  }

  function endCommand(): void {
    const text = held;
    begin('text');
    listener.handleCommand(text);
  }

  /** Behind an ESC in a string: all but the end of it begins something new. */
  function takeStringEscape(byte: number): void {
    if (state === 'command-escape') endCommand();
    if (byte === BACKSLASH) return begin('text');
    begin('escape');
    take(byte);
  }

  function takeString(byte: number): void {
    if (byte === ESC) state = state === 'string' ? 'string-escape' : 'device-escape';
  }

  function takeDeviceEscape(byte: number): void {
    if (byte === BACKSLASH) begin('text');
    else if (byte !== ESC) state = 'device';
  }

  const steps: Readonly<Record<State, (byte: number) => void>> = {
    text: takeText,
    character: takeCharacter,
    c1: takeC1,
    escape: (byte) => (byte === ESC ? begin('escape') : takeEscape(byte)),
    control: (byte) => (byte === ESC ? begin('escape') : takeControl(byte)),
    command: takeCommand,
    'command-escape': takeStringEscape,
    string: takeString,
    'string-escape': takeStringEscape,
    device: takeString,
    'device-escape': takeDeviceEscape,
  };

  function take(byte: number): void {
    if (state !== 'text' && (byte === CAN || byte === SUB)) begin('text');
    else steps[state](byte);
  }

  return {
    take,
    get isSettled() {
      return state === 'text';
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
