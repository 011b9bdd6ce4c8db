/**
 * Decodes strict base64: padded, no blanks, no leftover bits, so that each byte sequence has exactly one text. Returns null
 * for any other text, which Node's decoder would accept partially.
 */
export function decodeBase64(text: string): Buffer | null {
  if (text.length % 4 !== 0) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

/** Decodes base64 between a begin and an end line, as in PEM; returns null if there is none. */
export function decodeArmored(text: string, label: string): Buffer | null {
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  const from = text.indexOf(begin);
  if (from === -1) return null;
  const to = text.indexOf(end, from);
  if (to === -1) return null;
  return decodeBase64(text.slice(from + begin.length, to).replaceAll(/[\r\n\t ]/g, ''));
}

/** The inverse of {@link decodeArmored}, in lines of 70 characters like OpenSSH. */
export function encodeArmored(bytes: Uint8Array, label: string): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,70}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
