import { sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkSignature, signMessage } from '../../../src/auth/signature.ts';
import { wireString } from '../../../src/auth/wire-writer.ts';
import { codeOf, fixtureKey, fixtureSecret, PLAIN_KEYS } from '../../fixtures/auth/fixtures.ts';
import { makeToken } from '../../fixtures/auth/security-key.ts';

const MESSAGE = Buffer.from('what is signed');

/** A signature blob without its own length checks. */
function blob(algorithm: string, value: Uint8Array): Buffer {
  return Buffer.concat([wireString(algorithm), wireString(value)]);
}

describe('signatures', () => {
  it.each(PLAIN_KEYS)(
    'are taken from the key that made them, over what they were made over: %s',
    async (name) => {
      const key = await fixtureSecret(name);
      const signature = signMessage(key, MESSAGE);
      expect(codeOf(() => checkSignature(key.publicKey, MESSAGE, signature))).toBeNull();
      expect(codeOf(() => checkSignature(key.publicKey, Buffer.from('another'), signature))).toBe(
        'AUTH_SIGNATURE_WRONG',
      );
      expect(codeOf(() => checkSignature(key.publicKey, Buffer.alloc(0), signature))).toBe(
        'AUTH_SIGNATURE_WRONG',
      );
    },
  );

  it.each(
    PLAIN_KEYS.flatMap((one) => PLAIN_KEYS.filter((other) => other !== one).map((other) => [one, other])),
  )('by %s are not taken for ones by %s', async (one, other) => {
    const signature = signMessage(await fixtureSecret(one), MESSAGE);
    expect(codeOf(() => checkSignature(fixtureKey(other), MESSAGE, signature))).toMatch(/^AUTH_SIGNATURE_/);
  });

  it('of another key of the same type are wrong', async () => {
    const signature = signMessage(await fixtureSecret('authority'), MESSAGE);
    expect(codeOf(() => checkSignature(fixtureKey('ed25519'), MESSAGE, signature))).toBe(
      'AUTH_SIGNATURE_WRONG',
    );
  });

  it('by RSA are made and taken with SHA-512 alone', async () => {
    const { keyObject, publicKey } = await fixtureSecret('rsa');
    const made = signMessage({ keyObject, publicKey, comment: '' }, MESSAGE);
    expect(made.subarray(4, 16).toString()).toBe('rsa-sha2-512');
    const weak = blob('ssh-rsa', sign('sha1', MESSAGE, keyObject));
    const middling = blob('rsa-sha2-256', sign('sha256', MESSAGE, keyObject));
    expect(codeOf(() => checkSignature(publicKey, MESSAGE, weak))).toBe('AUTH_SIGNATURE_MALFORMED');
    expect(codeOf(() => checkSignature(publicKey, MESSAGE, middling))).toBe('AUTH_SIGNATURE_MALFORMED');
    const both = { rsaAlgorithms: ['rsa-sha2-256', 'rsa-sha2-512'] } as const;
    expect(codeOf(() => checkSignature(publicKey, MESSAGE, middling, both))).toBeNull();
    expect(codeOf(() => checkSignature(publicKey, MESSAGE, weak, both))).toBe('AUTH_SIGNATURE_MALFORMED');
    const mislabelled = blob('rsa-sha2-512', sign('sha1', MESSAGE, keyObject));
    expect(codeOf(() => checkSignature(publicKey, MESSAGE, mislabelled))).toBe('AUTH_SIGNATURE_WRONG');
  });

  it('by ECDSA are not taken in the form of DER', async () => {
    const { keyObject, publicKey } = await fixtureSecret('ecdsa256');
    const der = blob(publicKey.type, sign('sha256', MESSAGE, keyObject));
    expect(codeOf(() => checkSignature(publicKey, MESSAGE, der))).toBe('AUTH_SIGNATURE_MALFORMED');
  });

  it('by ECDSA of nothing but zeros are wrong', () => {
    const zeros = blob('ecdsa-sha2-nistp256', Buffer.concat([wireString(''), wireString('')]));
    expect(codeOf(() => checkSignature(fixtureKey('ecdsa256'), MESSAGE, zeros))).toBe('AUTH_SIGNATURE_WRONG');
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a name alone', wireString('ssh-ed25519')],
    ['an empty signature', blob('ssh-ed25519', Buffer.alloc(0))],
    ['a signature that is too long', blob('ssh-ed25519', Buffer.alloc(65))],
    ['more bytes than any signature has', Buffer.alloc(10_000)],
  ])('of %s are refused', (_, signature) => {
    expect(codeOf(() => checkSignature(fixtureKey('ed25519'), MESSAGE, signature))).toMatch(
      /^AUTH_SIGNATURE_/,
    );
  });

  it('with something behind their end are refused', async () => {
    const key = await fixtureSecret('ed25519');
    const signature = Buffer.concat([signMessage(key, MESSAGE), Buffer.of(0)]);
    expect(codeOf(() => checkSignature(key.publicKey, MESSAGE, signature))).toBe('AUTH_SIGNATURE_MALFORMED');
  });
});

describe.each(['ed25519', 'ecdsa'] as const)('signatures of a token (%s)', (kind) => {
  it('are taken when somebody touched it', () => {
    const token = makeToken(kind);
    expect(codeOf(() => checkSignature(token.key, MESSAGE, token.sign(MESSAGE)))).toBeNull();
    expect(codeOf(() => checkSignature(token.key, MESSAGE, token.sign(MESSAGE, { flags: 5 })))).toBeNull();
  });

  it.each([
    ['that nobody touched', { flags: 0 }],
    ['that only verified its user', { flags: 4 }],
    ['for another application', { application: 'web:' }],
  ])('are refused from one %s', (_, options) => {
    const token = makeToken(kind);
    expect(codeOf(() => checkSignature(token.key, MESSAGE, token.sign(MESSAGE, options)))).toMatch(
      /^AUTH_SIGNATURE_/,
    );
  });

  it('are refused with flags or a counter unlike those that were signed', () => {
    const token = makeToken(kind);
    for (const fromEnd of [1, 4, 5]) {
      const signature = token.sign(MESSAGE);
      const at = signature.length - fromEnd;
      signature[at] = (signature[at] ?? 0) ^ 0x10;
      expect(codeOf(() => checkSignature(token.key, MESSAGE, signature))).toBe('AUTH_SIGNATURE_WRONG');
    }
  });

  it('are refused without flags and counter', () => {
    const token = makeToken(kind);
    expect(codeOf(() => checkSignature(token.key, MESSAGE, token.sign(MESSAGE).subarray(0, -5)))).toBe(
      'AUTH_SIGNATURE_MALFORMED',
    );
  });
});
