/**
 * Strict base64: padded, no blanks, no bits left over, so that each sequence of bytes has one text.
 * Null for any other text, where Node's own decoder would take what it can.
 */
export function decodeBase64(text: string): Buffer | null {
  if (text.length % 4 !== 0) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

/** Base64 between a first and a last line, as PEM and its relatives have it; null when there is none. */
export function decodeArmored(text: string, label: string): Buffer | null {
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  const from = text.indexOf(begin);
  if (from === -1) return null;
  const to = text.indexOf(end, from);
  if (to === -1) return null;
  return decodeBase64(text.slice(from + begin.length, to).replaceAll(/[\r\n\t ]/g, ''));
}

/** The opposite of {@link decodeArmored}, in lines of 70 characters as OpenSSH writes them. */
export function encodeArmored(bytes: Uint8Array, label: string): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,70}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
