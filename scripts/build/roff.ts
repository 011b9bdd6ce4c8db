/** Words of a page for man(7). */

/** Text as it is to be seen: no character of it is an instruction. */
export function escapeRoff(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll(/[\u0080-\u{10ffff}]/gu, (character) => `\\[u${toHex(character)}]`);
  return escaped.replaceAll(/^\./gm, '\\&.');
}

/** In capitals, of four digits at least, as groff_char(7) has it. */
function toHex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

export const bold = (text: string): string => `\\fB${escapeRoff(text)}\\fR`;
export const italic = (text: string): string => `\\fI${escapeRoff(text)}\\fR`;

/** A page's first lines. */
export function makeTitle(name: string, section: number, version: string, manual: string): string {
  const words = [name.toUpperCase(), String(section), '', `rexa ${version}`, manual];
  return `.TH ${words.map((word) => `"${escapeRoff(word)}"`).join(' ')}\n.nh\n.ad l`;
}

export const section = (title: string): string => `.SH ${escapeRoff(title)}`;
export const subsection = (title: string): string => `.SS ${escapeRoff(title)}`;
export const paragraph = (text: string): string => `.PP\n${text}`;

/** A term and what it means. */
export const tagged = (term: string, text: string): string => `.TP\n${term}\n${text}`;

/** Lines that stay as they are. */
export function listing(lines: readonly string[]): string {
  return ['.PP', '.RS 4', '.nf', ...lines.map(escapeRoff), '.fi', '.RE'].join('\n');
}
