import { RexaError } from '../protocol/errors.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { findCertificateType } from './key-types.ts';
import { type PublicKey, readPublicKey, splitKeyText } from './public-key.ts';
import { WireReader } from './wire-reader.ts';

/** A key offered by a user, with or without a certificate. */
export interface OfferedKey {
  /** The signing key. */
  readonly key: PublicKey;
  readonly certificate: Certificate | null;
  /** The blob that is sent and signed: that of the certificate if there is one, otherwise of the key. */
  readonly blob: Buffer;
}

/**
 * Parses an offered blob. This proves nothing about possession.
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
 * Parses the text of a .pub file of a certificate or a key.
 * @throws RexaError KEY_MALFORMED (also if declared and encoded type differ), KEY_UNSUPPORTED
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
