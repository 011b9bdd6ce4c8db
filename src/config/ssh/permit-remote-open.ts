import { permitsConnection } from '../../auth/principal.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import type { SocketPlace } from '../../protocol/socket-place.ts';
import type { SshSettings } from './settings.ts';
import { readPort } from './values.ts';

/**
 * Checks the words of a `PermitRemoteOpen`: `any`, `none`, or `HOST:PORT` with `*` for any of them.
 * @throws RexaError USAGE
 */
export function checkRemoteOpen(words: readonly string[]): readonly string[] {
  if (words.length === 0) throw usageError('a value is missing');
  const alone =
    words.length > 1 ? words.find((word) => isWord(word, 'any') || isWord(word, 'none')) : undefined;
  if (alone !== undefined) throw usageError(`${quoteWord(alone)} must appear alone`);
  readTargets(words);
  return words;
}

/** Returns whether a SOCKS client on the host may be connected with a place here. */
export function permitsRemoteOpen(
  { permitRemoteOpen = ['any'] }: Pick<SshSettings, 'permitRemoteOpen'>,
  to: SocketPlace,
): boolean {
  return permitsConnection(readTargets(permitRemoteOpen), to);
}

/** Null: any. As in ssh, hosts are compared as they are written. */
function readTargets(words: readonly string[]) {
  const [first = ''] = words;
  if (isWord(first, 'any')) return null;
  return isWord(first, 'none') ? [] : words.map(readTarget);
}

function readTarget(text: string) {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:/]*)):(.+)$/s.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (!host || port === undefined) throw usageError(`${quoteWord(text)} is not of the form HOST:PORT`);
  return { host, port: port === '*' ? port : readPort(port) } as const;
}

function isWord(text: string, word: string): boolean {
  return text.toLowerCase() === word;
}
