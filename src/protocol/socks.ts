import type { SocketPlace } from './socket-place.ts';

/** What the server does next, after it has sent `reply`. */
export type SocksStep = { readonly reply: Uint8Array } & (
  | { readonly kind: 'more' }
  /** The client asks for a connection; `rest` is what it has sent behind the request. */
  | { readonly kind: 'request'; readonly to: SocketPlace; readonly rest: Uint8Array }
  /** It closes. */
  | { readonly kind: 'refused'; readonly reason: string }
);

/** How a connection that was asked for came out. */
export type SocksResult = 'granted' | 'failed' | 'refused' | 'unreachable' | 'prohibited';

/** The server's side of one SOCKS handshake: 4 and 4a (CONNECT), 5 (RFC 1928, CONNECT without authentication). */
export interface SocksServer {
  /** Takes what the client has sent. Not called again after `request` and `refused`. */
  handleBytes(bytes: Uint8Array): SocksStep;
  /** What is sent once the connection that was asked for is there, or failed. */
  answer(result: SocksResult): Uint8Array;
}

const NOTHING = new Uint8Array(0);
const COMMAND_CONNECT = 1;
/** A handshake that is longer is none: a user name of SOCKS 4 has no length of its own. */
const MAX_HANDSHAKE_BYTES = 1024;

const STATUS_4: Readonly<Record<SocksResult, number>> = {
  granted: 0x5a,
  failed: 0x5b,
  refused: 0x5b,
  unreachable: 0x5b,
  prohibited: 0x5b,
};
const STATUS_5: Readonly<Record<SocksResult, number>> = {
  granted: 0,
  failed: 1,
  prohibited: 2,
  unreachable: 4,
  refused: 5,
};
const COMMAND_UNSUPPORTED_5 = 7;
const ADDRESS_UNSUPPORTED_5 = 8;

const answer4 = (status: number): Uint8Array => Uint8Array.of(0, status, 0, 0, 0, 0, 0, 0);
const answer5 = (status: number): Uint8Array => Uint8Array.of(5, status, 0, 1, 0, 0, 0, 0, 0, 0);

/** Starts a handshake: which version it is, its first byte says. */
export function createSocksServer(): SocksServer {
  let bytes: Uint8Array = NOTHING;
  let state: 'start' | 'greeted' = 'start';
  let version: 4 | 5 = 5;

  function step(): SocksStep {
    if (bytes[0] === 4) return readRequest4(bytes);
    // The request of SOCKS 5 begins with its version, too
    if (bytes[0] !== 5) return refuse(NOTHING, `a handshake that begins with ${bytes[0]}`);
    if (state === 'greeted') return readRequest5(bytes);
    const count = bytes[1];
    if (count === undefined || bytes.length < 2 + count) return readOn();
    const methods = bytes.subarray(2, 2 + count);
    if (!methods.includes(0)) return refuse(Uint8Array.of(5, 0xff), 'a client that needs authentication');
    state = 'greeted';
    bytes = bytes.subarray(2 + count);
    const reply = Uint8Array.of(5, 0);
    // The request may follow at once
    const next = bytes.length === 0 ? readOn() : step();
    return { ...next, reply: join(reply, next.reply) };
  }

  return {
    handleBytes(more) {
      bytes = join(bytes, more);
      if (bytes.length === 0) return readOn();
      version = bytes[0] === 4 ? 4 : 5;
      const next = step();
      if (next.kind === 'more' && bytes.length > MAX_HANDSHAKE_BYTES)
        return refuse(NOTHING, `a handshake of more than ${MAX_HANDSHAKE_BYTES} bytes`);
      return next;
    },
    answer: (result) => (version === 4 ? answer4(STATUS_4[result]) : answer5(STATUS_5[result])),
  };
}

/** Version, command, port, IPv4 address, user name and NUL; 4a: the address is 0.0.0.x, and a name and NUL follow. */
function readRequest4(bytes: Uint8Array): SocksStep {
  const userEnd = bytes.indexOf(0, 8);
  if (bytes.length < 9 || userEnd === -1) return readOn();
  const port = readPort(bytes, 2);
  const isName = bytes[4] === 0 && bytes[5] === 0 && bytes[6] === 0 && bytes[7] !== 0;
  const nameEnd = isName ? bytes.indexOf(0, userEnd + 1) : userEnd;
  if (nameEnd === -1) return readOn();
  if (bytes[1] !== COMMAND_CONNECT) return refuse(answer4(STATUS_4.failed), `the command ${bytes[1]}`);
  const host = isName ? readName(bytes.subarray(userEnd + 1, nameEnd)) : bytes.subarray(4, 8).join('.');
  if (host === null || port === 0) return refuse(answer4(STATUS_4.failed), 'a place that is none');
  return { kind: 'request', reply: NOTHING, to: { host, port }, rest: bytes.subarray(nameEnd + 1) };
}

/** Version, command, 0, kind of the address, address, port. */
function readRequest5(bytes: Uint8Array): SocksStep {
  const [, command, , kind, first = 0] = bytes;
  if (bytes.length < 5) return readOn();
  const start = kind === 3 ? 5 : 4;
  const length = kind === 1 ? 4 : kind === 4 ? 16 : kind === 3 ? first : null;
  if (length === null) return refuse(answer5(ADDRESS_UNSUPPORTED_5), `the kind of address ${kind}`);
  const end = start + length;
  if (bytes.length < end + 2) return readOn();
  if (command !== COMMAND_CONNECT) return refuse(answer5(COMMAND_UNSUPPORTED_5), `the command ${command}`);
  const address = bytes.subarray(start, end);
  const host = kind === 3 ? readName(address) : kind === 1 ? address.join('.') : writeIpv6(address);
  const port = readPort(bytes, end);
  if (host === null || port === 0) return refuse(answer5(STATUS_5.failed), 'a place that is none');
  return { kind: 'request', reply: NOTHING, to: { host, port }, rest: bytes.subarray(end + 2) };
}

function readPort(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}

/** A name as DNS and addresses have it; null: something else. */
function readName(bytes: Uint8Array): string | null {
  const name = String.fromCharCode(...bytes);
  return /^[\x21-\x7e]{1,255}$/.test(name) ? name : null;
}

function writeIpv6(address: Uint8Array): string {
  return Array.from({ length: 8 }, (_, index) => readPort(address, 2 * index).toString(16)).join(':');
}

function readOn(): SocksStep {
  return { kind: 'more', reply: NOTHING };
}

function refuse(reply: Uint8Array, reason: string): SocksStep {
  return { kind: 'refused', reply, reason };
}

function join(one: Uint8Array, other: Uint8Array): Uint8Array {
  if (one.length === 0) return other;
  const joined = new Uint8Array(one.length + other.length);
  joined.set(one);
  joined.set(other, one.length);
  return joined;
}
