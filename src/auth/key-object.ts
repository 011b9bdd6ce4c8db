import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { RexaError } from '../protocol/errors.ts';
import { type Curve, findCurve, findKeyType } from './key-types.ts';
import { checkRsa, makePublicKey, type PublicKey } from './public-key.ts';

/**
 * Converts an OpenSSH public key to a KeyObject.
 * @throws RexaError KEY_MALFORMED if the point is not on the curve
 */
export function toKeyObject(key: PublicKey, name: string): KeyObject {
  try {
    return createPublicKey({ key: toPublicJwk(key), format: 'jwk' });
  } catch (cause) {
    throw new RexaError('KEY_MALFORMED', [name, 'its numbers are not those of a key'], { cause });
  }
}

/** Converts a public key to a JSON Web Key (RFC 7517). */
export function toPublicJwk({ material }: PublicKey): JsonWebKey {
  switch (material.family) {
    case 'ed25519':
      return { kty: 'OKP', crv: 'Ed25519', x: material.point.toString('base64url') };
    case 'ecdsa': {
      const { curve, point } = material;
      const x = point.subarray(1, 1 + curve.bytes).toString('base64url');
      const y = point.subarray(1 + curve.bytes).toString('base64url');
      return { kty: 'EC', crv: curve.jwk, x, y };
    }
    case 'rsa':
      return {
        kty: 'RSA',
        e: material.exponent.toString('base64url'),
        n: material.modulus.toString('base64url'),
      };
    default:
      return material satisfies never;
  }
}

/**
 * Returns the OpenSSH public key of a KeyObject, public or private.
 * @throws RexaError KEY_UNSUPPORTED for key types that OpenSSH does not have
 */
export function fromKeyObject(keyObject: KeyObject, name: string): PublicKey {
  const jwk = exportJwk(keyObject);
  switch (keyObject.asymmetricKeyType) {
    case 'ed25519':
      return makePublicKey('ssh-ed25519', { family: 'ed25519', point: readNumber(jwk.x) }, null);
    case 'ec': {
      const curve = findCurve(keyObject.asymmetricKeyDetails?.namedCurve ?? '');
      const row = curve === null ? null : findKeyType(`ecdsa-sha2-${curve.ssh}`);
      if (curve === null || row === null) break;
      return makePublicKey(row.type, { family: 'ecdsa', curve, point: joinPoint(jwk, curve) }, null);
    }
    case 'rsa': {
      const exponent = readNumber(jwk.e);
      const modulus = readNumber(jwk.n);
      checkRsa(exponent, modulus, name);
      return makePublicKey('ssh-rsa', { family: 'rsa', exponent, modulus }, null);
    }
    default:
  }
  throw new RexaError('KEY_UNSUPPORTED', [
    name,
    'use a key of type Ed25519, ECDSA (P-256, P-384, P-521) or RSA',
  ]);
}

/** Returns an empty object for a key without a JWK form; the caller then refuses it by its type. */
function exportJwk(keyObject: KeyObject): JsonWebKey {
  try {
    return keyObject.export({ format: 'jwk' });
  } catch {
    return {};
  }
}

function readNumber(text: string | undefined): Buffer {
  return Buffer.from(text ?? '', 'base64url');
}

function joinPoint({ x, y }: JsonWebKey, curve: Curve): Buffer {
  const pad = (number: Buffer) => Buffer.concat([Buffer.alloc(curve.bytes - number.length), number]);
  return Buffer.concat([Buffer.of(4), pad(readNumber(x)), pad(readNumber(y))]);
}
