import { homedir, hostname, userInfo } from 'node:os';
import { usageError } from '../../../command-line/usage-error.ts';

/** What stands for `%` and a letter in a path (TOKENS in ssh_config(5)). */
export type Tokens = Readonly<Record<string, string>>;

/** What a connection says of itself in paths. */
export interface TokenSource {
  /** HOST as it was written. */
  readonly host: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
}

export function makeTokens({ host, hostName, port, user }: TokenSource): Tokens {
  const own = userInfo();
  return {
    '%': '%',
    d: homedir(),
    h: hostName,
    i: String(own.uid),
    k: host,
    L: hostname().replace(/\..*$/s, ''),
    l: hostname(),
    n: host,
    p: String(port),
    r: user,
    u: own.username,
  };
}

/**
 * A path as ssh reads it: `~/` is our home folder, `%` and a letter is a token, `${NAME}` a variable of ours.
 * @throws RexaError USAGE
 */
export function expandPath(text: string, tokens: Tokens, own: NodeJS.ProcessEnv = process.env): string {
  const home = text === '~' || text.startsWith('~/') ? `${homedir()}${text.slice(1)}` : text;
  return home.replaceAll(/%(.?)|\$\{([^}]*)\}/gs, (written, letter?: string, name?: string) => {
    const value = name === undefined ? readToken(tokens, letter ?? '') : own[name];
    if (value === undefined) throw usageError(`${written} in ${text} stands for nothing`);
    return value;
  });
}

function readToken(tokens: Tokens, letter: string): string | undefined {
  return Object.hasOwn(tokens, letter) ? tokens[letter] : undefined;
}
