import { type ForwardSpec, showListen } from '../../config/ssh/forward-spec.ts';
import type { RexaError } from '../../protocol/errors.ts';

/** What strerror(3) calls what libuv calls otherwise. */
const SYSTEM_TEXTS: Readonly<Record<string, string>> = {
  'address not available': 'Cannot assign requested address',
  'host is unreachable': 'No route to host',
};

/** Why ssh opens no channel, in its words. */
const OPEN_FAILURES: Readonly<Record<string, string>> = {
  NOT_PERMITTED: 'administratively prohibited',
  FORWARD_DENIED: 'administratively prohibited',
  FORWARD_PROHIBITED: 'administratively prohibited',
  QUOTA_EXHAUSTED: 'resource shortage',
  CHANNELS_EXHAUSTED: 'resource shortage',
};

/** Names a forwarding for messages: `-L 8080`. */
export function nameSpec({ letter, from }: ForwardSpec): string {
  return `-${letter} ${showListen(from)}`;
}

/** Says why a connection was not established, as ssh does: `channel 1: open failed: connect failed: Connection refused`. */
export function describeOpenFailure(channel: number, error: RexaError): string {
  const [, place, reason] = /^cannot connect to (.*): ([^:]*)$/s.exec(error.message) ?? [];
  if (error.code === 'FORWARD_FAILED' && reason !== undefined)
    return `channel ${channel}: open failed: connect failed: ${systemText(reason)} (${place})`;
  const why = OPEN_FAILURES[error.code];
  return `channel ${channel}: ${why === undefined ? '' : `open failed: ${why}: `}${error.message}`;
}

/** Says why a forwarding does not listen, as ssh does. */
export function describeListenFailure(
  { letter, from }: ForwardSpec,
  error: RexaError,
  isFatal: boolean,
): string {
  const reason = systemText(/^cannot listen on .*: ([^:]*)$/s.exec(error.message)?.[1] ?? error.message);
  const port = 'path' in from ? `path ${from.path}` : `port ${from.port}`;
  if (letter === 'R')
    return `${isFatal ? 'Error' : 'Warning'}: remote port forwarding failed for listen ${port}: ${reason}`;
  if ('path' in from) return `unix_listener: cannot bind to path ${from.path}: ${reason}`;
  return `bind [${from.host ?? 'localhost'}]:${from.port}: ${reason}; could not request local forwarding`;
}

function systemText(text: string): string {
  return SYSTEM_TEXTS[text] ?? text.charAt(0).toUpperCase() + text.slice(1);
}
