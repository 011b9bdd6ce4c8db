import { RexaError } from '../protocol/errors.ts';
import { type Address, parseAddress } from './address.ts';
import { formatTlsAddress, parseTlsAddress, type TlsAddress } from './tls-address.ts';

/** A place where a daemon listens: for clients, or for peers that speak something simpler. */
export type ListenAddress = Address | TalkAddress | UdpAddress;

/** A server of plain lines, on this machine. */
export interface TalkAddress {
  readonly kind: 'talk';
  readonly host: string;
  readonly port: number;
}

/** A place that answers probes. It is written as one over TLS, and has the same port where none is written. */
export type UdpAddress = Omit<TlsAddress, 'kind'> & { readonly kind: 'udp' };

const UDP = 'udp://';

/** Reads an address of `rexad --listen`. @throws RexaError ADDRESS_INVALID, ADDRESS_UNSUPPORTED */
export function parseListenAddress(text: string): ListenAddress {
  if (text.startsWith('talk://')) return parseTalkAddress(text);
  if (text.startsWith(UDP)) return { ...parseTlsAddress(text.slice(UDP.length)), kind: 'udp' };
  return parseAddress(text);
}

/** Writes it without a pin. */
export function showUdpAddress(address: Pick<UdpAddress, 'host' | 'port'>): string {
  return formatTlsAddress(address).replace(/^tls:\/\//, UDP);
}

/** Writes it as `parseTalkAddress` reads it. */
export function showTalkAddress({ host, port }: TalkAddress): string {
  return `talk://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** @throws RexaError ADDRESS_INVALID */
export function parseTalkAddress(text: string): TalkAddress {
  const [, bracketed, plain, digits] =
    /^talk:\/\/(?:\[([^\]/]+)\]|([^:/?#[\]]+)):(\d{1,5})\/?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535)
    throw new RexaError('ADDRESS_INVALID', [text, 'write talk://127.0.0.1:PORT']);
  return { kind: 'talk', host, port };
}
