import { isIPv6 } from 'node:net';
import { RexaError } from '../protocol/errors.ts';

/** A daemon that is reached through the stdin and stdout of a program. */
export interface ExecAddress {
  readonly kind: 'exec';
  /** The program, and its arguments as it gets them. */
  readonly words: readonly string[];
}

/** A daemon that is reached through the user's OpenSSH. */
export interface SshAddress {
  readonly kind: 'ssh';
  /** Null: as ssh_config has it, else our own. */
  readonly user: string | null;
  /** A name, one of ssh_config, or an IP address without brackets. */
  readonly host: string;
  /** Null: as ssh_config has it, else 22. */
  readonly port: number | null;
}

/**
 * Reads `exec:WORDS`: blanks separate words, quotes and backslashes work as in sh, and nothing else does: no shell reads it.
 * @throws RexaError ADDRESS_INVALID
 */
export function parseExecAddress(text: string): ExecAddress {
  const words = splitWords(text.slice('exec:'.length));
  if (words === null) throw new RexaError('ADDRESS_INVALID', [text, 'a quote or a backslash is not closed']);
  if (words.length === 0 || words[0] === '')
    throw new RexaError('ADDRESS_INVALID', [
      text,
      'write exec: and a program, as in exec:sudo -n rexad --stdio',
    ]);
  if (text.includes('\0')) throw new RexaError('ADDRESS_INVALID', [text, 'a word has no NUL']);
  return { kind: 'exec', words };
}

/** One part of a word: quoted singly, quoted doubly, a character behind a backslash, or plain. */
const PART = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/gsy;

/** @returns null where a quote is not closed */
function splitWords(text: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      if (word !== null) words.push(word);
      word = null;
      at++;
      continue;
    }
    PART.lastIndex = at;
    const found = PART.exec(text);
    if (found === null) return null;
    const [all, single, double, escaped, plain] = found;
    word = (word ?? '') + (single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '');
    at += all.length;
  }
  return word === null ? words : [...words, word];
}

/** ssh would take a name or a user that begins so for an option. */
const SSH_HOST = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._-]*$/u;
const SSH_USER = /^[\p{L}\p{N}_.][^\s:/\p{C}'"`$;&<>|(){}\\]*$/u;

/** Reads `ssh://[USER@]HOST[:PORT]`; an IPv6 address stands in brackets. @throws RexaError ADDRESS_INVALID */
export function parseSshAddress(text: string): SshAddress {
  const [, user, inBrackets, name, port] =
    /^ssh:\/\/(?:([^@]*)@)?(?:\[([^\]]*)\]|([^:/[\]@]*))(?::(\d{1,5}))?\/?$/s.exec(text) ?? [];
  const host = inBrackets ?? name;
  if (host === undefined)
    throw invalidSsh(text, 'write ssh://[USER@]HOST[:PORT], an IPv6 address in brackets');
  if (inBrackets === undefined ? !SSH_HOST.test(host) : !isIPv6(host))
    throw invalidSsh(text, 'a host is a name, or an IPv6 address in brackets');
  if (user !== undefined) checkSshUser(user, text);
  const number = port === undefined ? null : Number(port);
  if (number !== null && (number < 1 || number > 65_535)) throw invalidSsh(text, 'a port is 1 to 65535');
  return { kind: 'ssh', user: user ?? null, host, port: number };
}

/** @throws RexaError ADDRESS_INVALID for one that ssh could take for something else */
export function checkSshUser(user: string, text: string): void {
  if (!SSH_USER.test(user)) throw invalidSsh(text, 'that is no name of a user');
}

function invalidSsh(text: string, reason: string): RexaError {
  return new RexaError('ADDRESS_INVALID', [text, reason]);
}

/**
 * How OpenSSH is called for it. What a person's ssh_config says of the host holds, but for what would be in the way: a
 * command of its own, a terminal, forwards that another ssh may have already.
 * @param mayAsk whether ssh may ask for anything
 */
export function sshWords({ user, host, port }: SshAddress, mayAsk: boolean): string[] {
  const options = ['RemoteCommand=none', 'ClearAllForwardings=yes', 'EscapeChar=none', 'StdinNull=no'];
  return [
    'ssh',
    '-T',
    ...[...options, ...(mayAsk ? [] : ['BatchMode=yes'])].flatMap((option) => ['-o', option]),
    ...(user === null ? [] : ['-l', user]),
    ...(port === null ? [] : ['-p', String(port)]),
    '--',
    host,
    'rexad --stdio',
  ];
}
