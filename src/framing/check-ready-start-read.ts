import { CARRIAGE_RETURN, NEWLINE } from './ready-start.ts';
import { findBytes, joinBytes, toAscii } from './ready-start-bytes.ts';

/** Why a read is no part of a Ready/Start conversation. */
export type ReadRefusal = 'too-long' | 'nul' | 'http' | 'tls' | 'carriage-return';

const HTTP = toAscii('HTTP/');
/** A TLS record of type handshake, major version 3 (RFC 8446, section 5.1). */
const TLS_HANDSHAKE = Uint8Array.of(0x16, 0x03);

/**
 * Judges a read as a whole, before a byte of it is taken for a command: a web page must not reach a shell, whichever
 * method, header or body it makes a browser send.
 * @param held the bytes of the unfinished line before it, which passed the same judgement: a word that the two halves
 * put together counts
 * @returns why the connection is to be closed, null when the read may be taken
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

/** A hello whose second byte is still on its way; as a command this byte alone has no meaning. */
function startsRecord(seen: Uint8Array): boolean {
  return seen.length === 1 && seen[0] === TLS_HANDSHAKE[0];
}

/** Only one is allowed: in a `\r\n` that ends the read. Header lines have one each. */
function hasMisplacedCarriageReturn(read: Uint8Array): boolean {
  const at = read.indexOf(CARRIAGE_RETURN);
  return at !== -1 && !(at === read.length - 2 && read[at + 1] === NEWLINE);
}
