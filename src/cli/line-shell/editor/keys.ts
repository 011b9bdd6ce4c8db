/** What a terminal sent: a text, a key by its name (`ctrl-a`, `left`, `alt-b`, `enter` ...), or a pasted block. */
export type Key =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'paste'; readonly text: string };

/** Makes keys of what a terminal sends, however it is cut. */
export interface KeyDecoder {
  take(text: string): Key[];
  /** Whether an ESC waits for the rest of its sequence. */
  readonly isWaiting: boolean;
  /** Nothing more came: a lone ESC is the key. */
  flush(): Key[];
}

const PASTE_START = '\x1b[200~';
const PASTE_END = '\x1b[201~';
const ESC = '\x1b';
/** CSI: parameters, intermediates, a final byte (ECMA-48, 5.4); or SS3 and one byte. */
const SEQUENCE = new RegExp(`^${ESC}(?:\\[(?<parameters>[0-?]*)[ -/]*(?<final>[@-~])|O(?<single>[ -~]))`);
/**
 * What a terminal answers, which is no key: a control string (OSC, DCS, APC, PM, SOS) up to BEL or ST, or a mouse
 * report by X10. Another control character ends it too.
 */
const ANSWER = new RegExp(
  `^${ESC}(?:[\\]P_^X]\\P{Cc}+(?:\\x07|${ESC}\\\\|(?=${ESC}[^\\\\]|[^\\P{Cc}${ESC}]))|\\[M[^${ESC}]{3})`,
  'u',
);
/** Behind Alt and one of these keys nothing comes at once. */
const BEGUN_ANSWER = new RegExp(`^${ESC}(?:[\\]P_^X]\\P{Cc}+${ESC}?|\\[M[^${ESC}]{0,2})$`, 'u');
const MAX_ANSWER_CHARACTERS = 4096;
const BEGUN_SEQUENCE = new RegExp(`^${ESC}(?:\\[[0-?]*[ -/]*|[O\\]P_^X])?$`);
/** A text without controls. */
const TEXT = /^\P{Cc}+/u;

const FINALS: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  Z: 'shift-tab',
};
const NUMBERS: Readonly<Record<string, string>> = {
  '1': 'home',
  '2': 'insert',
  '3': 'delete',
  '4': 'end',
  '5': 'page-up',
  '6': 'page-down',
  '7': 'home',
  '8': 'end',
};
const CONTROLS: Readonly<Record<string, string>> = {
  '\t': 'tab',
  '\r': 'enter',
  '\n': 'enter',
  [ESC]: 'escape',
  '\x7f': 'backspace',
  '\x1c': 'ctrl-backslash',
  '\x1d': 'ctrl-]',
  '\x1e': 'ctrl-^',
  '\x1f': 'ctrl-_',
  '\x00': 'ctrl-space',
};

export function createKeyDecoder(): KeyDecoder {
  let held = '';
  /** What was pasted so far; null outside of a paste. */
  let pasted: string | null = null;

  function decode(isOver: boolean): Key[] {
    const keys: Key[] = [];
    while (held !== '') {
      const key = pasted === null ? decodeKey(isOver) : decodePaste();
      if (key === null) break;
      if (key !== 'none') keys.push(key);
    }
    return keys;
  }

  /** Null: more must come first. */
  function decodeKey(isOver: boolean): Key | 'none' | null {
    if (held.startsWith(PASTE_START)) {
      held = held.slice(PASTE_START.length);
      pasted = '';
      return 'none';
    }
    const [text] = TEXT.exec(held) ?? [];
    if (text !== undefined) return consume(text.length, { kind: 'text', text });
    if (!held.startsWith(ESC)) return consume(1, named(nameControl(held.charAt(0))));
    const [answer] = ANSWER.exec(held) ?? [];
    if (answer !== undefined) return skip(answer.length);
    // Its end may come late, and its begin is no key
    if (BEGUN_ANSWER.test(held) && held.length < MAX_ANSWER_CHARACTERS) return null;
    const sequence = SEQUENCE.exec(held);
    if (sequence !== null) return consume(sequence[0].length, named(nameSequence(sequence)));
    if (BEGUN_SEQUENCE.test(held) && !isOver) return null;
    if (held === ESC) return consume(1, named('escape'));
    return decodeAlt();
  }

  /** ESC and a character are that character with Alt. */
  function decodeAlt(): Key {
    const character = String.fromCodePoint(held.codePointAt(1) ?? 0);
    const name = TEXT.test(character) ? character : nameControl(character);
    return consume(1 + character.length, named(`alt-${name}`));
  }

  function decodePaste(): Key | null {
    const end = held.indexOf(PASTE_END);
    const safe = end === -1 ? held.length - countBegun(held, PASTE_END) : end;
    pasted += held.slice(0, safe);
    held = held.slice(safe);
    if (end === -1) return null;
    const key: Key = { kind: 'paste', text: tidyPaste(pasted ?? '') };
    pasted = null;
    return consume(PASTE_END.length, key);
  }

  function skip(length: number): 'none' {
    held = held.slice(length);
    return 'none';
  }

  function consume(length: number, key: Key): Key {
    held = held.slice(length);
    return key;
  }

  return {
    take(text) {
      held += text;
      return decode(false);
    },
    get isWaiting() {
      return held !== '' && pasted === null;
    },
    flush: () => decode(true),
  };
}

function named(name: string): Key {
  return { kind: 'key', name };
}

function nameControl(character: string): string {
  return CONTROLS[character] ?? `ctrl-${String.fromCharCode(character.charCodeAt(0) + 0x60)}`;
}

/** xterm's way: the last parameter is 1 plus the sum of shift 1, alt 2, ctrl 4. */
function nameSequence({ groups = {} }: RegExpExecArray): string {
  const { parameters = '', final = '', single = '' } = groups;
  const [number = '', modifier = '1'] = parameters.split(';');
  const name = single === '' ? (final === '~' ? NUMBERS[number] : FINALS[final]) : FINALS[single];
  if (name === undefined) return 'unknown';
  const bits = Number(modifier) - 1;
  const prefix = `${bits & 4 ? 'ctrl-' : ''}${bits & 2 ? 'alt-' : ''}${bits & 1 ? 'shift-' : ''}`;
  return `${prefix}${name}`;
}

/** Terminals send line ends as CR. Other controls are no text; the last line end is left to Enter. */
function tidyPaste(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\p{Cc}--[\t\n]]/gv, '')
    .replace(/\n+$/, '');
}

/** Characters at the end that could be the beginning of `word`. */
function countBegun(text: string, word: string): number {
  for (let length = Math.min(word.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(word.slice(0, length))) return length;
  }
  return 0;
}
