import { RexaError } from '../protocol/errors.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { findCertificateType } from './key-types.ts';
import { type PublicKey, readPublicKey, splitKeyText } from './public-key.ts';
import { WireReader } from './wire-reader.ts';

/** What a user offers to prove: a plain key, or a key with its certificate. */
export interface OfferedKey {
  /** The key that signs. */
  readonly key: PublicKey;
  readonly certificate: Certificate | null;
  /** What is sent and signed: the certificate's blob if there is one, the key's otherwise. */
  readonly blob: Buffer;
}

/**
 * Reads what somebody offers. Nothing is proven by it.
 * @throws RexaError KEY_MALFORMED, KEY_UNSUPPORTED
 */
export function readOfferedKey(blob: Uint8Array, name: string): OfferedKey {
  if (findCertificateType(peekType(blob, name)) === null) {
    const key = readPublicKey(blob, name);
    return { key, certificate: null, blob: key.blob };
  }
  const certificate = readCertificate(blob, name);
  return { key: certificate.key, certificate, blob: certificate.blob };
}

/**
 * Reads the text of a .pub file, a certificate's or a key's.
 * @throws RexaError KEY_MALFORMED (also when the declared type isn't the encoded one), KEY_UNSUPPORTED
 */
export function parseOfferedKey(text: string, name: string): { offered: OfferedKey; comment: string } {
  const { type, blob, comment } = splitKeyText(text, name);
  const encoded = peekType(blob, name);
  if (encoded !== type) {
    throw new RexaError('KEY_MALFORMED', [name, `it is declared as ${type} but encoded as ${encoded}`]);
  }
  return { offered: readOfferedKey(blob, name), comment };
}

/** @throws RexaError KEY_MALFORMED */
export function peekType(blob: Uint8Array, name: string): string {
  return new WireReader(blob, (reason) => new RexaError('KEY_MALFORMED', [name, reason])).readText();
}
