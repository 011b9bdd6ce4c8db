import { createHash } from 'node:crypto';
import { RexaError } from '../protocol/errors.ts';
import { MAX_KEY_BLOB_BYTES } from '../protocol/limits.ts';
import { decodeBase64 } from './base64.ts';
import { type Curve, findCertificateType, findKeyType, type KeyType, type KeyTypeRow } from './key-types.ts';
import { MAX_RSA_BITS, MAX_RSA_EXPONENT_BYTES, MIN_RSA_BITS } from './limits.ts';
import { type Malformed, WireReader } from './wire-reader.ts';
import { wireMpint, wireString } from './wire-writer.ts';

/** The numbers of a key. */
export type KeyMaterial =
  | { readonly family: 'ed25519'; readonly point: Buffer }
  | { readonly family: 'ecdsa'; readonly curve: Curve; readonly point: Buffer }
  | { readonly family: 'rsa'; readonly exponent: Buffer; readonly modulus: Buffer };

/** An OpenSSH public key. Two keys are equal if and only if their blobs are. */
export interface PublicKey {
  readonly type: KeyType;
  readonly material: KeyMaterial;
  /** The application of a FIDO key (usually `ssh:`); null for all others. */
  readonly application: string | null;
  /** The canonical encoding (RFC 4253 section 6.6, RFC 5656, RFC 8709, PROTOCOL.u2f). */
  readonly blob: Buffer;
}

/**
 * Parses a public key blob. Only the canonical encoding is accepted.
 * @param name the key's name in messages
 * @throws RexaError KEY_MALFORMED, KEY_UNSUPPORTED (an unknown type, a certificate, a key that is too short)
 */
export function readPublicKey(blob: Uint8Array, name: string): PublicKey {
  const malformed: Malformed = (reason) => new RexaError('KEY_MALFORMED', [name, reason]);
  if (blob.length > MAX_KEY_BLOB_BYTES) throw malformed(`it has more than ${MAX_KEY_BLOB_BYTES} bytes`);
  const reader = new WireReader(Buffer.from(blob), malformed);
  const type = reader.readText();
  const row = findKeyType(type);
  if (row === null) throw refuseType(type, name);
  const key = readKeyFields(reader, row, name);
  reader.expectEnd();
  return key;
}

/** Parses the fields of a key, which have the same order in plain keys and certificates. */
export function readKeyFields(reader: WireReader, row: KeyTypeRow, name: string): PublicKey {
  const material = readMaterial(reader, row, name);
  const application = row.securityKey ? reader.readText() : null;
  return makePublicKey(row.type, material, application);
}

export function makePublicKey(type: KeyType, material: KeyMaterial, application: string | null): PublicKey {
  const parts = [wireString(type), ...encodeMaterial(material)];
  if (application !== null) parts.push(wireString(application));
  return { type, material, application, blob: Buffer.concat(parts) };
}

function readMaterial(reader: WireReader, { of }: KeyTypeRow, name: string): KeyMaterial {
  switch (of.family) {
    case 'ed25519':
      return { family: 'ed25519', point: expectLength(reader.readString(), 32, name) };
    case 'ecdsa': {
      const { curve } = of;
      const declared = reader.readText();
      if (declared !== curve.ssh) {
        throw new RexaError('KEY_MALFORMED', [name, `its type says ${curve.ssh}, its curve ${declared}`]);
      }
      const point = expectLength(reader.readString(), 1 + 2 * curve.bytes, name);
      if (point[0] !== 4) throw new RexaError('KEY_MALFORMED', [name, 'its point is not uncompressed']);
      return { family: 'ecdsa', curve, point };
    }
    case 'rsa': {
      const exponent = reader.readMpint(MAX_RSA_EXPONENT_BYTES);
      const modulus = reader.readMpint(MAX_RSA_BITS / 8);
      checkRsa(exponent, modulus, name);
      return { family: 'rsa', exponent, modulus };
    }
    default:
      return of satisfies never;
  }
}

/** @throws RexaError KEY_MALFORMED, KEY_UNSUPPORTED */
export function checkRsa(exponent: Uint8Array, modulus: Uint8Array, name: string): void {
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits < MIN_RSA_BITS) {
    throw new RexaError('KEY_UNSUPPORTED', [
      name,
      `an RSA key of ${bits} bits is too weak; ${MIN_RSA_BITS} are the least`,
    ]);
  }
  const isOdd = (number: Uint8Array) => ((number.at(-1) ?? 0) & 1) === 1;
  const isOne = exponent.length === 1 && exponent[0] === 1;
  if (!isOdd(modulus) || !isOdd(exponent) || isOne) {
    throw new RexaError('KEY_MALFORMED', [name, 'its numbers are not those of an RSA key']);
  }
}

function expectLength(bytes: Buffer, length: number, name: string): Buffer {
  if (bytes.length === length) return bytes;
  throw new RexaError('KEY_MALFORMED', [name, `its point has ${bytes.length} bytes where ${length} belong`]);
}

function encodeMaterial(material: KeyMaterial): Buffer[] {
  switch (material.family) {
    case 'ed25519':
      return [wireString(material.point)];
    case 'ecdsa':
      return [wireString(material.curve.ssh), wireString(material.point)];
    case 'rsa':
      return [wireMpint(material.exponent), wireMpint(material.modulus)];
    default:
      return material satisfies never;
  }
}

function refuseType(type: string, name: string): RexaError {
  if (findCertificateType(type) !== null) {
    return new RexaError('KEY_UNSUPPORTED', [name, 'it is a certificate, where a plain key belongs']);
  }
  return new RexaError('KEY_UNSUPPORTED', [name, `keys of type ${type} are not known`]);
}

/**
 * Parses `TYPE BASE64 [COMMENT]`, as in a .pub file.
 * @throws RexaError KEY_MALFORMED (also if declared and encoded type differ), KEY_UNSUPPORTED
 */
export function parsePublicKey(
  text: string,
  name: string,
): { readonly key: PublicKey; readonly comment: string } {
  const { type, blob, comment } = splitKeyText(text, name);
  const key = readPublicKey(blob, name);
  if (key.type !== type) {
    throw new RexaError('KEY_MALFORMED', [name, `it is declared as ${type} but encoded as ${key.type}`]);
  }
  return { key, comment };
}

/**
 * Splits the text of a key or certificate into its three words.
 * @throws RexaError KEY_MALFORMED
 */
export function splitKeyText(text: string, name: string): { type: string; blob: Buffer; comment: string } {
  const [, type, base64, comment] = /^[ \t]*([^ \t]+)[ \t]+([^ \t]+)(?:[ \t]+(.*))?$/su.exec(text) ?? [];
  if (text.trimStart().startsWith('SHA256:'))
    throw new RexaError('KEY_MALFORMED', [
      name,
      'it is a fingerprint, where the public key itself is needed',
    ]);
  const blob = decodeBase64(base64 ?? '');
  if (type === undefined || base64 === undefined || !isKeyType(type, blob))
    throw new RexaError('KEY_MALFORMED', [name, `a public key is expected: ${PUBLIC_KEY_FORM}`]);
  if (blob === null) throw new RexaError('KEY_MALFORMED', [name, 'its base64 is damaged']);
  return { type, blob, comment: (comment ?? '').trim() };
}

/** Whether a text begins as a public key does, valid or not. */
export function isPublicKeyLine(text: string): boolean {
  const [type = '', base64] = text.trimStart().split(/[ \t]+/, 2);
  return base64 !== undefined && isKeyType(type, decodeBase64(base64));
}

/** How a public key is written, for messages. */
const PUBLIC_KEY_FORM = 'TYPE BASE64 [COMMENT], as in a .pub file';

/** A type that rexa does not know is one if the blob names it too; any other word is not a key's. */
function isKeyType(type: string, blob: Buffer | null): boolean {
  if (findKeyType(type) !== null || findCertificateType(type) !== null) return true;
  return (
    blob?.subarray(4, 4 + type.length).toString('latin1') === type && blob.readUInt32BE(0) === type.length
  );
}

/** Formats `TYPE BASE64`, with the comment if there is one. */
export function formatPublicKey(key: PublicKey, comment = ''): string {
  const text = `${key.type} ${key.blob.toString('base64')}`;
  return comment === '' ? text : `${text} ${comment}`;
}

/** Returns `SHA256:` and 43 characters, as printed by `ssh-keygen -l`. */
export function fingerprint(key: Pick<PublicKey, 'blob'>): string {
  return `SHA256:${createHash('sha256').update(key.blob).digest('base64').replace(/=+$/, '')}`;
}

export function isSameKey(one: Pick<PublicKey, 'blob'>, other: Pick<PublicKey, 'blob'>): boolean {
  return one.blob.equals(other.blob);
}
