/** All that XML 1.0 may not hold, and what steers a terminal: control characters, marks of
 * direction, lone surrogates, two that are no characters. */
const NOT_IN_XML = /[[\p{Cc}\p{Cf}\p{Cs}\ufffe\uffff]--[\t\n\r\u200c\u200d]]/gv;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

/** A text for XML, for elements and for attributes in double quotes. What XML cannot hold is shown as `\x1b`. */
export function escapeXml(text: string): string {
  return text
    .replace(NOT_IN_XML, (character) => {
      const digits = (character.codePointAt(0) ?? 0).toString(16);
      if (digits.length > 4) return `\\u{${digits}}`;
      return digits.length > 2 ? `\\u${digits.padStart(4, '0')}` : `\\x${digits.padStart(2, '0')}`;
    })
    .replace(/[&<>"\r]/g, (character) => ENTITIES[character] ?? character);
}
