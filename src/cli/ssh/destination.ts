import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import type { JumpHost } from '../../config/ssh/jump-host.ts';

/** Addresses of rexa are what they are: only `USER@` in front is told apart. */
const REXA_ADDRESS = /^(?:([^@:/]*)@)?((?:unix|pipe):.*|(?!ssh:)[a-z][a-z0-9+.-]*:\/\/.*)$/s;
/** As ssh has it: `ssh://[user[;parameters]@]host[:port][/]`. */
const SSH_URI = /^ssh:\/\/(?:([^/]*)@)?(\[[^\]]*\]|[^:@/[\]]*)(?::([^/]*))?\/?$/is;
const MAX_PORT = 65_535;

/**
 * Reads `HOST`, `USER@HOST`, `ssh://USER@HOST:PORT`, or an address of rexa. The user is what stands before the last `@`.
 * @throws RexaError USAGE
 */
export function readDestination(text: string): JumpHost {
  if (/^ssh:\/\//i.test(text)) return readUri(text);
  const [, rexaUser, address] = REXA_ADDRESS.exec(text) ?? [];
  if (address !== undefined) return finish(text, address, rexaUser ?? null, null);
  const at = text.lastIndexOf('@');
  return finish(text, text.slice(at + 1), at < 0 ? null : text.slice(0, at), null);
}

function readUri(text: string): JumpHost {
  const [whole, userPart, host = '', portText] = SSH_URI.exec(text) ?? [];
  if (whole === undefined) {
    throw usageError(`${quoteWord(text)} is not of the form ssh://USER@HOST:PORT`);
  }
  const port = portText === undefined || portText === '' ? null : readPort(text, portText);
  const user = userPart === undefined ? null : decode(text, userPart.replace(/;.*$/s, ''));
  return finish(text, decode(text, host), user, port);
}

function readPort(text: string, portText: string): number {
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port < 1 || port > MAX_PORT) throw usageError(`${quoteWord(text)} has no port from 1 to ${MAX_PORT}`);
  return port;
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw usageError(`${quoteWord(text)} has an invalid % escape`, { cause });
  }
}

function finish(text: string, host: string, user: string | null, port: number | null): JumpHost {
  if (user === '') throw usageError(`${quoteWord(text)} has no name before the @`);
  const bare = host.replace(/^\[([^\]]*)\]$/s, '$1');
  if (bare === '' || bare.startsWith('-')) throw usageError(`${quoteWord(text)} is not a valid host name`);
  return { host: bare, user, port };
}
