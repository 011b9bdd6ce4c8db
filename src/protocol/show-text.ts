/** Maximum length of untrusted text in a message. */
const MAX_SHOWN_CHARACTERS = 400;

/**
 * Control characters (C0, DEL, C1), invisible and bidirectional marks, line separators and lone surrogates. The two joiners
 * are not included: several scripts need them in words, and they do not reorder text.
 */
const UNSAFE_CHARACTERS = /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--[\u200c\u200d]]/gv;
/** Most text needs no more than this: V8 takes a millisecond to compile a set of Unicode properties. */
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/**
 * Returns untrusted text in a form that is safe in a message, a log or a report: characters that could control a terminal or
 * reorder the line are escaped, and a long text is truncated.
 */
export function showText(text: string): string {
  return escapeText(text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text);
}

/** Like `showText`, without truncation. */
export function escapeText(text: string): string {
  return PRINTABLE_ASCII.test(text) ? text : text.replace(UNSAFE_CHARACTERS, escapeCharacter);
}

/**
 * Returns equivalent JSON in which no character can control a terminal, for logs that are read on one. Characters that
 * JSON.stringify does not escape (C1, invisible and bidirectional marks) become `\u009b` and the like. Newlines stay.
 */
export function escapeJson(json: string): string {
  if (PRINTABLE_ASCII.test(json)) return json;
  return json.replace(UNSAFE_CHARACTERS, (character) =>
    character === '\n' ? character : escapeUnits(character),
  );
}

/** Returns a value as one line of such JSON. */
export function writeJsonLine(value: object): string {
  return `${escapeJson(JSON.stringify(value))}\n`;
}

function escapeUnits(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // A byte in byte text
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
}
