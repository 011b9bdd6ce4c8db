import { CARRIAGE_RETURN, NEWLINE } from './ready-start.ts';
import { findBytes, joinBytes, toAscii } from './ready-start-bytes.ts';

/** Why a read is refused. */
export type ReadRefusal = 'too-long' | 'nul' | 'http' | 'tls' | 'carriage-return';

const HTTP = toAscii('HTTP/');
/** A TLS record of type handshake, major version 3 (RFC 8446, section 5.1). */
const TLS_HANDSHAKE = Uint8Array.of(0x16, 0x03);

/**
 * Checks a whole read before any byte of it is used as a command: a web page must not reach a shell, whatever method,
 * header or body it makes a browser send.
 * @param held the bytes of the incomplete line before it, which passed the same check: a pattern may span both
 * @returns why the connection must be closed; null if the read is acceptable
 */
export function checkRead(held: Uint8Array, read: Uint8Array, maxReadBytes: number): ReadRefusal | null {
  if (held.length + read.length > maxReadBytes) return 'too-long';
  if (read.includes(0)) return 'nul';
  const seen = joinBytes(held, read);
  if (findBytes(seen, TLS_HANDSHAKE, 0) !== -1 || startsRecord(seen)) return 'tls';
  if (findBytes(seen, HTTP, 0) !== -1) return 'http';
  if (hasMisplacedCarriageReturn(read)) return 'carriage-return';
  return null;
}

/** A ClientHello of which only the first byte has arrived; this byte alone is no meaningful command. */
function startsRecord(seen: Uint8Array): boolean {
  return seen.length === 1 && seen[0] === TLS_HANDSHAKE[0];
}

/** Only one is allowed: in a `\r\n` at the end of the read. HTTP has one in each header line. */
function hasMisplacedCarriageReturn(read: Uint8Array): boolean {
  const at = read.indexOf(CARRIAGE_RETURN);
  return at !== -1 && !(at === read.length - 2 && read[at + 1] === NEWLINE);
}
