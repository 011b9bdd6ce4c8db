import { escapeText } from '../../../protocol/show-text.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  // Characters of no meaning, which XML cannot hold
  '\ufffe': '\\ufffe',
  '\uffff': '\\uffff',
};

/** A text for XML, for elements and for attributes in double quotes. What XML cannot hold is shown as `\x1b`. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r]+/g, escapeText)
    .replaceAll(/[&<>"\r\ufffe\uffff]/g, (character) => ENTITIES[character] ?? character);
}
