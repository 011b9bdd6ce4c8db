/** How much of a text from elsewhere is shown in one of our own messages. */
const MAX_SHOWN_CHARACTERS = 400;

/**
 * Control characters (C0, DEL, C1), invisible and bidirectional marks, line separators and halves of surrogate pairs.
 * The two joiners stay: words of several scripts are spelt with them, and they move no text.
 */
const UNSAFE_CHARACTERS = /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--[\u200c\u200d]]/gv;

/**
 * A text from the other side, made safe for a message, a log or a report: what could steer a terminal or reorder
 * the line is shown as an escape, and a long text is cut.
 */
export function showText(text: string): string {
  return escapeText(text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text);
}

/** The same for a text of any length. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE_CHARACTERS, escapeCharacter);
}

/**
 * A text of JSON with the same meaning in which no character can steer a terminal: a log is read on one. What JSON.stringify
 * leaves as it is (C1, invisible and bidirectional marks) stands there as `\u009b`. Newlines between texts stay.
 */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE_CHARACTERS, (character) =>
    character === '\n' ? character : escapeUnits(character),
  );
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
