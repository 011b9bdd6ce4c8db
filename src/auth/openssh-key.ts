import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { RexaError } from '../protocol/errors.ts';
import { encodeArmored } from './base64.ts';
import { toPublicJwk } from './key-object.ts';
import { findKeyType, type KeyTypeRow } from './key-types.ts';
import { MAX_RSA_BITS } from './limits.ts';
import type { PrivateKey } from './private-key.ts';
import { isSameKey, makePublicKey, type PublicKey, readPublicKey } from './public-key.ts';
import { type Malformed, WireReader } from './wire-reader.ts';
import { dropLeadingZeros, wireString, wireU32 } from './wire-writer.ts';

export const OPENSSH_LABEL = 'OPENSSH PRIVATE KEY';
const MAGIC = 'openssh-key-v1\0';

/** An OpenSSH private key file (PROTOCOL.key), with its private part as stored. */
export interface OpensshContainer {
  readonly publicKey: PublicKey;
  readonly cipher: string;
  readonly kdf: string;
  readonly kdfOptions: Buffer;
  /** The private part, encrypted unless the cipher is `none`. */
  readonly section: Buffer;
  /** The authentication tag after it, with an AEAD cipher. */
  readonly tag: Buffer;
}

/** @throws RexaError KEY_MALFORMED, KEY_UNSUPPORTED */
export function readContainer(bytes: Buffer, name: string): OpensshContainer {
  const malformed: Malformed = (reason) => new RexaError('KEY_MALFORMED', [name, reason]);
  const reader = new WireReader(bytes, malformed);
  if (reader.readBytes(MAGIC.length).toString('latin1') !== MAGIC)
    throw malformed('it does not begin as it should');
  const cipher = reader.readText();
  const kdf = reader.readText();
  const kdfOptions = reader.readString();
  const count = reader.readU32();
  if (count !== 1)
    throw new RexaError('KEY_UNSUPPORTED', [name, `the file holds ${count} keys; one is expected`]);
  const publicKey = readPublicKey(reader.readString(), name);
  const section = reader.readString();
  const tag = reader.readRest();
  return { publicKey, cipher, kdf, kdfOptions, section, tag };
}

/**
 * Parses the decrypted private part.
 * @throws RexaError KEY_PASSPHRASE_WRONG if an encrypted one is invalid; KEY_MALFORMED, KEY_UNSUPPORTED
 */
export function readPrivateSection(section: Buffer, container: OpensshContainer, name: string): PrivateKey {
  const malformed: Malformed = (reason) => new RexaError('KEY_MALFORMED', [name, reason]);
  const reader = new WireReader(section, malformed);
  const check = reader.readU32();
  if (reader.readU32() !== check) {
    throw container.cipher === 'none'
      ? malformed('its two check numbers differ')
      : new RexaError('KEY_PASSPHRASE_WRONG', [name]);
  }
  const row = findKeyType(reader.readText());
  if (row === null || row.type !== container.publicKey.type) {
    throw malformed('its private and public parts are of different types');
  }
  if (row.securityKey) {
    throw new RexaError('KEY_UNSUPPORTED', [
      name,
      'it lives in a FIDO token; add it to ssh-agent with ssh-add',
    ]);
  }
  const { publicKey, keyObject } = readPrivateFields(reader, row, name);
  if (!isSameKey(publicKey, container.publicKey)) {
    throw malformed('its private part belongs to another public key');
  }
  const comment = reader.readString().toString('utf8');
  if (!reader.readRest().every((byte, index) => byte === (index + 1) % 256))
    throw malformed('its padding is wrong');
  return { publicKey, keyObject, comment };
}

function readPrivateFields(
  reader: WireReader,
  { of, type }: KeyTypeRow,
  name: string,
): { publicKey: PublicKey; keyObject: KeyObject } {
  switch (of.family) {
    case 'ed25519': {
      const point = reader.readString();
      const secret = reader.readString();
      if (secret.length !== 64) throw new RexaError('KEY_MALFORMED', [name, 'its secret has not 64 bytes']);
      const publicKey = makePublicKey(type, { family: 'ed25519', point }, null);
      const keyObject = fromJwk(publicKey, { d: secret.subarray(0, 32).toString('base64url') }, name);
      if (!secret.subarray(32).equals(point)) throw unlike(name);
      return { publicKey, keyObject };
    }
    case 'ecdsa': {
      const { curve } = of;
      if (reader.readText() !== curve.ssh) throw unlike(name);
      const point = reader.readString();
      const secret = padTo(curve.bytes, reader.readMpint(curve.bytes));
      const publicKey = makePublicKey(type, { family: 'ecdsa', curve, point }, null);
      return { publicKey, keyObject: fromJwk(publicKey, { d: secret.toString('base64url') }, name) };
    }
    case 'rsa':
      return readRsaFields(reader, type, name);
    default:
      return of satisfies never;
  }
}

function readRsaFields(
  reader: WireReader,
  type: KeyTypeRow['type'],
  name: string,
): { publicKey: PublicKey; keyObject: KeyObject } {
  const next = () => reader.readMpint(MAX_RSA_BITS / 8);
  const [modulus, exponent, d, qi, p, q] = [next(), next(), next(), next(), next(), next()];
  const [numberD, numberP, numberQ] = [toNumber(d), toNumber(p), toNumber(q)];
  if (numberP < 3n || numberQ < 3n || numberP * numberQ !== toNumber(modulus)) throw unlike(name);
  if ((toNumber(qi) * numberQ) % numberP !== 1n) throw unlike(name);
  const publicKey = makePublicKey(type, { family: 'rsa', exponent, modulus }, null);
  const secrets = {
    d: d.toString('base64url'),
    p: p.toString('base64url'),
    q: q.toString('base64url'),
    dp: fromNumber(numberD % (numberP - 1n)).toString('base64url'),
    dq: fromNumber(numberD % (numberQ - 1n)).toString('base64url'),
    qi: qi.toString('base64url'),
  };
  return { publicKey, keyObject: fromJwk(publicKey, secrets, name) };
}

function fromJwk(publicKey: PublicKey, secrets: JsonWebKey, name: string): KeyObject {
  try {
    return createPrivateKey({ key: { ...toPublicJwk(publicKey), ...secrets }, format: 'jwk' });
  } catch (cause) {
    throw new RexaError('KEY_MALFORMED', [name, 'its numbers are not those of a key'], { cause });
  }
}

function unlike(name: string): RexaError {
  return new RexaError('KEY_MALFORMED', [name, 'its secret and public numbers do not belong together']);
}

function padTo(length: number, magnitude: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(length - magnitude.length), magnitude]);
}

function toNumber(magnitude: Buffer): bigint {
  return magnitude.length === 0 ? 0n : BigInt(`0x${magnitude.toString('hex')}`);
}

function fromNumber(number: bigint): Buffer {
  const hex = number.toString(16);
  return Buffer.from(dropLeadingZeros(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')));
}

/**
 * Formats an Ed25519 key as an unencrypted OpenSSH private key file.
 * @param check any u32; OpenSSH writes a random one
 */
export function formatEd25519Key(
  keyObject: KeyObject,
  publicKey: PublicKey,
  comment: string,
  check: number,
): string {
  const { d, x } = keyObject.export({ format: 'jwk' });
  const point = Buffer.from(x ?? '', 'base64url');
  const secret = Buffer.concat([Buffer.from(d ?? '', 'base64url'), point]);
  const checkBytes = wireU32(check);
  const fields = [wireString(publicKey.type), wireString(point), wireString(secret), wireString(comment)];
  const body = Buffer.concat([checkBytes, checkBytes, ...fields]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1));
  const container = Buffer.concat([
    Buffer.from(MAGIC, 'latin1'),
    wireString('none'),
    wireString('none'),
    wireString(''),
    wireU32(1),
    wireString(publicKey.blob),
    wireString(Buffer.concat([body, padding])),
  ]);
  return encodeArmored(container, OPENSSH_LABEL);
}
