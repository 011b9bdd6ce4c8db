import { localSocketPath } from '../places/local-socket.ts';
import { RexaError } from '../protocol/errors.ts';
import { type ExecAddress, parseExecAddress, parseSshAddress, type SshAddress } from './exec-address.ts';
import { parseTlsAddress, type TlsAddress } from './tls-address.ts';

/** Where a daemon is, or should listen. */
export type Address =
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'unix'; readonly path: string }
  | TlsAddress
  | ExecAddress
  | SshAddress
  | {
      readonly kind: 'ready';
      readonly host: string;
      readonly port: number;
      readonly options: ReadonlyMap<string, string>;
    };

/**
 * Reads an address as it is written on a command line. What has no scheme is a host that is reached over TLS.
 * @param defaultPort of a host over TLS, where none is written
 * @throws RexaError ADDRESS_INVALID, ADDRESS_UNSUPPORTED
 */
export function parseAddress(text: string, defaultPort?: number): Address {
  if (text === 'local') return { kind: 'local', path: localSocketPath() };
  if (text.startsWith('unix:')) return parseUnix(text);
  if (text.startsWith('ready://')) return parseReady(text);
  if (text.startsWith('exec:')) return parseExecAddress(text);
  if (text.startsWith('ssh://')) return parseSshAddress(text);
  if (text.startsWith('pipe:'))
    throw new RexaError('ADDRESS_UNSUPPORTED', [text, 'named pipes are for Windows']);
  if (text.startsWith('talk://'))
    throw new RexaError('ADDRESS_UNSUPPORTED', [text, 'no commands run there; use rexa talk']);
  if (text.startsWith('udp://'))
    throw new RexaError('ADDRESS_UNSUPPORTED', [text, 'no commands run there; use rexa ping']);
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? [];
  if (scheme !== undefined && scheme !== 'tls') {
    throw new RexaError('ADDRESS_UNSUPPORTED', [
      text,
      'rexa reaches local, unix:/path/rexad.sock, tls://HOST:PORT, ssh://HOST, exec:PROGRAM and ready://127.0.0.1:PORT',
    ]);
  }
  return parseTlsAddress(text, defaultPort);
}

function parseUnix(text: string): Address {
  const path = text.slice('unix:'.length).replace(/^\/\/(?=\/)/, '');
  if (!path.startsWith('/'))
    throw new RexaError('ADDRESS_INVALID', [text, 'write unix: and an absolute path']);
  if (path.includes('\0')) throw new RexaError('ADDRESS_INVALID', [text, 'a path has no NUL']);
  return { kind: 'unix', path };
}

function parseReady(text: string): Address {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new RexaError('ADDRESS_INVALID', [text, 'write ready://127.0.0.1:PORT'], { cause });
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '' || url.port === '') {
    throw new RexaError('ADDRESS_INVALID', [text, 'a host and a port are needed: ready://127.0.0.1:PORT']);
  }
  return { kind: 'ready', host, port: Number(url.port), options: new Map(url.searchParams) };
}
