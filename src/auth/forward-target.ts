import { RexaError } from '../protocol/errors.ts';

/** A host and port that forwarding may open or listen on; `*` is any port. */
export interface ForwardTarget {
  /** As written, an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number | '*';
}

/** NI_MAXHOST of glibc, its NUL included. */
const MAX_HOST_CHARACTERS = 1024;

/**
 * Reads `host:port` or `[address]:port` of `permitopen=`.
 * @throws RexaError KEY_OPTION_INVALID
 */
export function parseForwardTarget(option: string, text: string): ForwardTarget {
  const [, bracketed, plain, portText = ''] = /^(?:\[([^\]]*)\]|([^:/]*)):([^:]*)$/s.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = portText === '*' ? '*' : Number(/^[0-9]{1,5}$/.test(portText) ? portText : 0);
  const isPort = port === '*' || (port > 0 && port < 65_536);
  if (host === undefined || host.length > MAX_HOST_CHARACTERS || !isPort) {
    throw new RexaError('KEY_OPTION_INVALID', [option, `${text} is no host:port`]);
  }
  return { host, port };
}

/**
 * Reads `[host:]port` of `permitlisten=`; without a host it is any.
 * @throws RexaError KEY_OPTION_INVALID
 */
export function parseListenTarget(option: string, text: string): ForwardTarget {
  return parseForwardTarget(option, text.includes(':') ? text : `*:${text}`);
}
