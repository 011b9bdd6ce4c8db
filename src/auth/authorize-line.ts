import path from 'node:path';
import { RexaError } from '../protocol/errors.ts';
import { MAX_AUTHORIZED_KEYS_BYTES } from '../protocol/limits.ts';
import { parseAuthorizedKeys, parseAuthorizedLine } from './authorized-line.ts';
import { withFileLock } from './file-lock.ts';
import { readGuardedFile } from './guarded-file.ts';
import { MAX_AUTHORIZED_LINE_BYTES } from './limits.ts';
import { checkNewOptions } from './login-obstacle.ts';
import { formatPublicKey, isSameKey, type PublicKey } from './public-key.ts';
import { splitLines } from './split-lines.ts';
import { makeFolder, replaceFile } from './write-file.ts';

/** An option to write: a flag (`restrict`), or a name with a value (`command`, `from` …). */
export type NewOption = string | { readonly name: string; readonly value: string };

/**
 * Formats a line of authorized_keys, without its newline, and parses it again to verify that it has the intended meaning.
 * @throws RexaError KEY_OPTION_INVALID for values that the format cannot represent (with a newline, or a backslash at the end),
 * KEY_OPTION_UNKNOWN
 */
export function formatAuthorizedLine(key: PublicKey, options: readonly NewOption[], comment: string): string {
  const words = options.map((option) => (typeof option === 'string' ? option : formatValue(option)));
  const start = words.length === 0 ? '' : `${words.join(',')} `;
  const line = `${start}${formatPublicKey(key, flattenComment(comment))}`;
  const parsed = parseAuthorizedLine(Buffer.from(line), 'the new line');
  if (parsed?.kind === 'unusable')
    throw parsed.problem.cause instanceof RexaError ? parsed.problem.cause : parsed.problem;
  if (parsed !== null) checkNewOptions(parsed.options, Date.now() / 1000);
  return line;
}

/** Returns a comment as it can stand on one line: without control characters and line separators. */
export function flattenComment(comment: string): string {
  return comment.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

function formatValue({ name, value }: { name: string; value: string }): string {
  if (/[\0\r\n]/.test(value) || value.endsWith('\\') || !value.isWellFormed()) {
    throw new RexaError('KEY_OPTION_INVALID', [
      name,
      'a value has no newline, no NUL, and no backslash at its end',
    ]);
  }
  return `${name}="${value.replaceAll('"', '\\"')}"`;
}

/**
 * Adds a line to an authorized_keys file. Creates the file (mode 0600) and its folder (0700) if needed.
 * @returns false if the file already has a usable line with this key, which is left unchanged
 * @throws RexaError AUTH_FILE_*; KEY_OPTION_* as {@link formatAuthorizedLine}
 */
export async function addAuthorizedKey(
  file: string,
  home: string,
  key: PublicKey,
  options: readonly NewOption[],
  comment: string,
): Promise<boolean> {
  const line = formatAuthorizedLine(key, options, comment);
  if (Buffer.byteLength(line) > MAX_AUTHORIZED_LINE_BYTES)
    throw new RexaError('AUTH_LINE_TOO_LONG', [MAX_AUTHORIZED_LINE_BYTES]);
  await makeFolder(path.dirname(file), 'trusted');
  return withFileLock(file, async () => {
    const bytes = await readBytes(file, home);
    const lines = parseAuthorizedKeys(bytes, file);
    if (lines.some((each) => each.kind === 'key' && isSameKey(each.key, key))) return false;
    const separator = bytes.length === 0 || bytes.at(-1) === 0x0a ? '' : '\n';
    await replaceFile(file, Buffer.concat([bytes, Buffer.from(`${separator}${line}\n`)]));
    return true;
  });
}

/**
 * Removes all lines with this key from an authorized_keys file, including unusable ones. All other lines stay unchanged.
 * @param isMeant selects the key
 * @returns the removed keys; none if the file does not exist
 * @throws RexaError AUTH_FILE_*
 */
export async function removeAuthorizedKey(
  file: string,
  home: string,
  isMeant: (key: PublicKey) => boolean,
): Promise<readonly PublicKey[]> {
  if ((await readBytes(file, home)).length === 0) return [];
  return withFileLock(file, async () => {
    const bytes = await readBytes(file, home);
    const gone: PublicKey[] = [];
    const kept = [...splitLines(bytes)].filter((line) => {
      const key = parseAuthorizedLine(line.bytes, file)?.key ?? null;
      if (key === null || !isMeant(key)) return true;
      gone.push(key);
      return false;
    });
    const newline = Buffer.from('\n');
    if (gone.length > 0)
      await replaceFile(file, Buffer.concat(kept.flatMap((line) => [line.bytes, newline])));
    return gone;
  });
}

async function readBytes(file: string, home: string): Promise<Buffer> {
  const content = await readGuardedFile(file, { kind: 'trusted', maxBytes: MAX_AUTHORIZED_KEYS_BYTES, home });
  return content === null || content === 'unchanged' ? Buffer.alloc(0) : content.bytes;
}
