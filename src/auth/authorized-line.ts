import { RexaError } from '../protocol/errors.ts';
import { decodeBase64 } from './base64.ts';
import { type KeyOptions, NO_OPTIONS, parseKeyOptions } from './key-options.ts';
import { findCertificateType, findKeyType } from './key-types.ts';
import { MAX_AUTHORIZED_LINE_BYTES } from './limits.ts';
import { peekType } from './offered-key.ts';
import { type PublicKey, parsePublicKey } from './public-key.ts';
import { splitFewLines } from './split-lines.ts';

/** One line of authorized_keys that is neither blank nor a comment. */
export type AuthorizedLine =
  | {
      readonly kind: 'key';
      /** `FILE:LINE`, for messages. */
      readonly where: string;
      readonly key: PublicKey;
      readonly options: KeyOptions;
      /** The options as written, for display; empty for none. */
      readonly optionText: string;
      readonly comment: string;
    }
  | {
      /** An unusable line, and the reason; with the key if that could be parsed. */
      readonly kind: 'unusable';
      readonly where: string;
      readonly key: PublicKey | null;
      readonly problem: RexaError;
    };

/**
 * Parses an authorized_keys file. An invalid or too long line does not affect the others.
 * @param path the file's name in messages
 * @throws RexaError AUTH_FILE_TOO_MANY_LINES
 */
export function parseAuthorizedKeys(bytes: Uint8Array, path: string): AuthorizedLine[] {
  const lines: AuthorizedLine[] = [];
  for (const line of splitFewLines(bytes, path)) {
    const parsed = parseAuthorizedLine(line.bytes, `${path}:${line.number}`);
    if (parsed !== null) lines.push(parsed);
  }
  return lines;
}

/** Parses a line; returns null for blank lines and comments. Never throws. */
export function parseAuthorizedLine(bytes: Uint8Array, where: string): AuthorizedLine | null {
  const unusable = (problem: RexaError, key: PublicKey | null): AuthorizedLine => ({
    kind: 'unusable',
    where,
    key,
    problem: new RexaError('AUTH_LINE_UNUSABLE', [where, problem.message], { cause: problem }),
  });
  if (bytes.length > MAX_AUTHORIZED_LINE_BYTES) {
    return unusable(new RexaError('AUTH_LINE_TOO_LONG', [MAX_AUTHORIZED_LINE_BYTES]), null);
  }
  // One character for each byte (latin1): only some parts of a line have to be UTF-8.
  const line = Buffer.from(bytes).toString('latin1').replace(/\r$/, '');
  const text = line.replace(/^[ \t]+/, '');
  if (text === '' || text.startsWith('#')) return null;
  let key: PublicKey | null = null;
  try {
    if (text.includes('\0')) throw new RexaError('KEY_MALFORMED', [where, 'there is a NUL in the line']);
    const { options, rest } = splitOptions(text, where);
    const parsed = parsePublicKey(rest, where);
    key = parsed.key;
    return {
      kind: 'key',
      where,
      key,
      options: options === '' ? NO_OPTIONS : parseKeyOptions(options),
      optionText: toText(options),
      comment: toText(parsed.comment),
    };
  } catch (error) {
    if (error instanceof RexaError) return unusable(error, key);
    throw error;
  }
}

/** Decodes a latin1 part of the line as UTF-8. */
function toText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Splits a line, which begins with the key type, or with options up to the first blank outside quotes. */
function splitOptions(text: string, where: string): { options: string; rest: string } {
  const first = /^[^ \t]*/.exec(text)?.[0] ?? '';
  if (findKeyType(first) !== null || findCertificateType(first) !== null || isUnknownKey(text, first)) {
    return { options: '', rest: text };
  }
  let quoted = false;
  let end = 0;
  for (; end < text.length && (quoted || (text[end] !== ' ' && text[end] !== '\t')); end++) {
    if (text.startsWith('\\"', end)) end++;
    else if (text[end] === '"') quoted = !quoted;
  }
  if (quoted) throw new RexaError('KEY_MALFORMED', [where, 'a quote in its options is never closed']);
  return { options: text.slice(0, end), rest: text.slice(end) };
}

/** Returns whether the line begins with an unknown key type rather than an unknown option. */
function isUnknownKey(text: string, type: string): boolean {
  const base64 = /^[^ \t]*[ \t]+([^ \t]+)/.exec(text)?.[1];
  const blob = base64 === undefined ? null : decodeBase64(base64);
  try {
    return blob !== null && blob.length > 0 && peekType(blob, '') === type;
  } catch {
    return false;
  }
}
