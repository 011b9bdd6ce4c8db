import { hostname } from 'node:os';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { homeFolder, homeFolderOf, userName } from '../../places/home-folder.ts';
import { checkHostName } from './check-host-name.ts';
import { nameLastJump } from './jump-host.ts';

/** What stands for `%` and a letter (TOKENS in ssh_config(5)). */
export type Tokens = Readonly<Record<string, string>>;

/** What a connection says of itself in paths and commands. */
export interface TokenSource {
  /** HOST as it was written. */
  readonly host: string;
  readonly hostName: string;
  readonly port: number;
  /** Undefined: our own user's name. */
  readonly user: string | undefined;
  /** The name under which the host's key is known. */
  readonly hostKeyAlias: string;
  /** Undefined: none. */
  readonly proxyJump?: readonly string[] | undefined;
}

/** Returns the tokens of one connection. */
export function makeTokens({ host, hostName, port, user, hostKeyAlias, proxyJump }: TokenSource): Tokens {
  const [name, account, jump] = [hostname(), user ?? userName(), nameLastJump(proxyJump)];
  return {
    '%': '%',
    C: hashConnection(`${name}${hostName}${port}${account}${jump}`),
    get d() {
      return homeFolder();
    },
    h: hostName,
    i: String(process.getuid?.() ?? ''),
    j: jump,
    k: hostKeyAlias,
    L: name.replace(/\..*$/s, ''),
    l: name,
    n: host,
    p: String(port),
    r: account,
    u: userName(),
  };
}

/**
 * Expands a path as ssh does: `~/` is our home folder, `~USER/` that of a user, `%` and a letter is a token, `${NAME}` a variable of ours.
 * @throws RexaError USAGE for a token or a variable that stands for nothing
 */
export function expandPath(text: string, tokens: Tokens, own: NodeJS.ProcessEnv = process.env): string {
  return expandText(expandTilde(text), tokens, own);
}

/** @throws RexaError USAGE for a user who is not known */
function expandTilde(text: string): string {
  const [whole, user = ''] = /^~([^/]*)(?:\/|$)/.exec(text) ?? [];
  if (whole === undefined) return text;
  const folder = user === '' ? homeFolder() : homeFolderOf(user);
  if (folder === null) throw usageError(`no such user ${quoteWord(user)} in ${text}`);
  // As in ssh, a bare ~ gets a slash
  return `${folder}/${text.slice(whole.length)}`;
}

/**
 * Expands the tokens and variables of a text.
 * @throws RexaError USAGE for a token or a variable that stands for nothing
 */
export function expandText(text: string, tokens: Tokens, own: NodeJS.ProcessEnv = process.env): string {
  return text.replaceAll(/%(.?)|\$\{([^}]*)\}/gs, (written, letter?: string, name?: string) =>
    give(text, written, name === undefined ? readToken(tokens, letter ?? '') : own[name]),
  );
}

/** Replaces `%h` and `%%` in HostName, which may have no other token. */
export function expandHostName(host: string, hostName: string): string {
  return expandTokens(hostName, { '%': '%', h: host });
}

/**
 * Expands the tokens of a text, and nothing else of it.
 * @throws RexaError USAGE for a token that stands for nothing
 */
function expandTokens(text: string, tokens: Tokens): string {
  return text.replaceAll(/%(.?)/gs, (written, letter: string) =>
    give(text, written, readToken(tokens, letter)),
  );
}

/** Tokens with a name of the host, which may come from whoever has written HOST. */
const NAMES_OF_HOST = ['h', 'k', 'n'];

/**
 * Expands the tokens of a command, which a shell reads.
 * @throws RexaError USAGE for a token that stands for nothing, or for a name that a shell could take for more than one
 */
export function expandCommand(text: string, tokens: Tokens): string {
  for (const [, letter = ''] of text.matchAll(/%(.?)/gs))
    if (NAMES_OF_HOST.includes(letter)) checkHostName(readToken(tokens, letter) ?? '');
  return expandTokens(text, tokens);
}

/** Expands the tokens and variables of a text that are known; all else stays as it is. */
export function expandKnown(text: string, tokens: Tokens, own: NodeJS.ProcessEnv = process.env): string {
  return text.replaceAll(
    /%(.?)|\$\{([^}]*)\}/gs,
    (written, letter?: string, name?: string) =>
      (name === undefined ? readToken(tokens, letter ?? '') : own[name]) ?? written,
  );
}

function give(text: string, written: string, value: string | undefined): string {
  if (value === undefined) throw usageError(`${written} in ${text} is unknown or not set`);
  return value;
}

/** %C: the SHA-1 of %l%h%p%r%j, in hex. */
function hashConnection(text: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha1').update(text).digest('hex');
}

function readToken(tokens: Tokens, letter: string): string | undefined {
  return Object.hasOwn(tokens, letter) ? tokens[letter] : undefined;
}
