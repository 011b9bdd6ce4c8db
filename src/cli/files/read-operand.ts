import { quoteWord, usageError } from '../../command-line/usage-error.ts';

/** SRC or DST, as it is written. Paths are byte text. */
export type Operand =
  | { readonly kind: 'here'; readonly path: string }
  | { readonly kind: 'host'; readonly host: string; readonly path: string }
  | { readonly kind: 'stdio' };

const USER = '(?:[^@:/#]+@)?';
const NAME = '(?:\\[[^\\]]*\\]|[^:/#\\[\\]]+)';
/** An address as it stands before `:PATH`. */
const URL = new RegExp(`^((?:tls|ssh)://${USER}${NAME}(?::\\d+)?(?:#(?:SHA256:)?[^:]*)?):(.*)$`, 's');
const UNIX = /^(unix:[^:]+):(.*)$/s;
/** Digits alone behind a host are its port, and the path is missing. */
const ONLY_PORT = new RegExp(`^(?:tls|ssh)://${USER}${NAME}:\\d+$`);
/** The words of the program may hold colons, too. */
const EXEC = /^(exec:.+):([^:]*)$/s;
const HOST = new RegExp(`^(${USER}${NAME}):(.*)$`, 's');
const ADDRESS = /^(?:tls:\/\/|ssh:\/\/|unix:|exec:)/;

/**
 * Reads an operand of `rexa cp`. What stands before the first `:` is a host, unless a slash is in it. Digits alone behind
 * `tls://NAME:` or `ssh://NAME:` are a port.
 * @throws RexaError USAGE for an address without a path
 */
export function readOperand(text: string): Operand {
  if (text === '-') return { kind: 'stdio' };
  if (text === '') throw usageError('an empty word is no path');
  if (text.startsWith('ready://')) throw usageError('a Ready/Start peer has no files: rexa cp needs rexad');
  const [, host, path] = URL.exec(text) ?? UNIX.exec(text) ?? EXEC.exec(text) ?? [];
  const isPort = ONLY_PORT.test(text);
  if (host !== undefined && path !== undefined && !isPort) return { kind: 'host', host, path };
  if (ADDRESS.test(text))
    throw usageError(`${quoteWord(text)} has no path: write ${text.replace(/:$/, '')}:PATH`);
  const [, name, rest] = HOST.exec(text) ?? [];
  if (name === undefined || rest === undefined) return { kind: 'here', path: text };
  return { kind: 'host', host: name, path: rest };
}
