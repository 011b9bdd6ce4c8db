import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromKeyObject, toKeyObject } from '../../../src/auth/key-object.ts';
import { findKeyType } from '../../../src/auth/key-types.ts';
import { parseOfferedKey, readOfferedKey } from '../../../src/auth/offered-key.ts';
import {
  fingerprint,
  formatPublicKey,
  isSameKey,
  makePublicKey,
  parsePublicKey,
  readPublicKey,
} from '../../../src/auth/public-key.ts';
import { wireMpint, wireString } from '../../../src/auth/wire-writer.ts';
import {
  codeOf,
  fixtureKey,
  fixturePath,
  fixtureText,
  PLAIN_KEYS,
  runTool,
} from '../../fixtures/auth/fixtures.ts';

const MODULUS = Buffer.alloc(256, 0xff);
const EXPONENT = Buffer.of(1, 0, 1);

function blob(...fields: readonly (Uint8Array | string)[]): Buffer {
  return Buffer.concat(fields.map(wireString));
}

function rsa(exponent: Buffer, modulus: Buffer): Buffer {
  return Buffer.concat([wireString('ssh-rsa'), wireMpint(exponent), wireMpint(modulus)]);
}

describe('public keys', () => {
  it.each(PLAIN_KEYS)('reads and writes a key of ssh-keygen: %s', (name) => {
    const text = fixtureText(`keys/${name}.pub`).trim();
    const { key, comment } = parsePublicKey(text, name);
    expect(comment).toBe(`${name} of the tests`);
    expect(formatPublicKey(key, comment)).toBe(text);
    expect(formatPublicKey(key)).toBe(text.split(' ').slice(0, 2).join(' '));
  });

  it.each(PLAIN_KEYS)('has the fingerprint that ssh-keygen shows: %s', (name) => {
    const shown = runTool('ssh-keygen', ['-l', '-f', fixturePath(`keys/${name}.pub`)]);
    expect(shown.split(' ')[1]).toBe(fingerprint(fixtureKey(name)));
  });

  it.each(PLAIN_KEYS)('is the same after a turn through a key of Node: %s', (name) => {
    const key = fixtureKey(name);
    expect(isSameKey(fromKeyObject(toKeyObject(key, name), name), key)).toBe(true);
  });

  it.each([
    ['sk-ssh-ed25519@openssh.com', blob('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 7), 'ssh:')],
    [
      'sk-ecdsa-sha2-nistp256@openssh.com',
      blob(
        'sk-ecdsa-sha2-nistp256@openssh.com',
        'nistp256',
        Buffer.concat([Buffer.of(4), Buffer.alloc(64, 7)]),
        'ssh:',
      ),
    ],
  ])('reads a key that lives in a token: %s', (type, bytes) => {
    expect(readPublicKey(bytes, 'it')).toMatchObject({ type, application: 'ssh:', blob: bytes });
  });

  it.each([
    ['a point that is too short', blob('ssh-ed25519', Buffer.alloc(31))],
    ['a point that is too long', blob('ssh-ed25519', Buffer.alloc(33))],
    ['bytes behind its end', Buffer.concat([fixtureKey('ed25519').blob, Buffer.of(0)])],
    ['a curve unlike its type', blob('ecdsa-sha2-nistp256', 'nistp384', Buffer.alloc(97, 4))],
    ['a curve unlike its type and its point', blob('ecdsa-sha2-nistp256', 'nistp384', Buffer.alloc(65, 4))],
    [
      'a compressed point',
      blob('ecdsa-sha2-nistp256', 'nistp256', Buffer.concat([Buffer.of(2), Buffer.alloc(32, 1)])),
    ],
    ['a point marked as compressed', blob('ecdsa-sha2-nistp256', 'nistp256', Buffer.alloc(65, 2))],
    ['an even modulus', rsa(EXPONENT, Buffer.alloc(256, 0xfe))],
    ['an even exponent', rsa(Buffer.of(2), MODULUS)],
    ['an exponent of one', rsa(Buffer.of(1), MODULUS)],
    ['an exponent of nothing', rsa(Buffer.alloc(0), MODULUS)],
    ['an exponent that takes long', rsa(Buffer.alloc(9, 0xff), MODULUS)],
    ['a modulus that takes long', rsa(EXPONENT, Buffer.alloc(2049, 0xff))],
    [
      'a modulus with a leading zero',
      Buffer.concat([
        wireString('ssh-rsa'),
        wireMpint(EXPONENT),
        wireString(Buffer.concat([Buffer.of(0, 0), MODULUS])),
      ]),
    ],
    ['a negative modulus', blob('ssh-rsa', EXPONENT, MODULUS)],
    ['more bytes than any key has', Buffer.alloc(40_000)],
    ['nothing in it', Buffer.alloc(0)],
  ])('refuses one with %s', (_, bytes) => {
    expect(codeOf(() => readPublicKey(bytes, 'it'))).toBe('KEY_MALFORMED');
  });

  it.each([
    ['of a type that nobody knows', blob('ssh-unheard-of', 'x')],
    ['that is a certificate', parseOfferedKey(fixtureText('certificates/ed25519').trim(), 'it').offered.blob],
    ['of 2047 bits', rsa(EXPONENT, Buffer.concat([Buffer.of(0x7f), Buffer.alloc(255, 0xff)]))],
  ])('does not take one %s', (_, bytes) => {
    expect(codeOf(() => readPublicKey(bytes, 'it'))).toBe('KEY_UNSUPPORTED');
  });

  it.each(['dsa', 'rsa1024'])('does not take what ssh-keygen made as %s', (name) => {
    expect(codeOf(() => fixtureKey(name))).toBe('KEY_UNSUPPORTED');
  });

  it('says how short a short RSA key is', () => {
    expect(() => fixtureKey('rsa1024')).toThrow(/1024 bits .* 2048/);
  });

  it('finds a point that is not on its curve when the key is used', () => {
    const point = Buffer.concat([Buffer.of(4), Buffer.alloc(64, 7)]);
    const key = readPublicKey(blob('ecdsa-sha2-nistp256', 'nistp256', point), 'it');
    expect(codeOf(() => toKeyObject(key, 'it'))).toBe('KEY_MALFORMED');
  });

  it.each([
    ['declared as another type', (text: string) => text.replace('ssh-ed25519', 'ssh-rsa')],
    [
      'declared as its certificate',
      (text: string) => text.replace('ssh-ed25519', 'ssh-ed25519-cert-v01@openssh.com'),
    ],
    ['without its base64', () => 'ssh-ed25519'],
    ['with base64 that is cut', (text: string) => text.split(' ').slice(0, 2).join(' ').slice(0, -1)],
    ['with base64 in two pieces', (text: string) => text.replace('AAAA', 'AAAA ')],
    ['that is empty', () => ''],
  ])('refuses a text %s', (_, change) => {
    const text = change(fixtureText('keys/ed25519.pub').trim());
    expect(codeOf(() => parsePublicKey(text, 'it'))).toBe('KEY_MALFORMED');
    expect(codeOf(() => parseOfferedKey(text, 'it'))).toBe('KEY_MALFORMED');
  });

  it('keeps its own copy of the bytes', () => {
    const bytes = Buffer.from(fixtureKey('ed25519').blob);
    const key = readPublicKey(bytes, 'it');
    bytes.fill(0);
    expect(isSameKey(key, fixtureKey('ed25519'))).toBe(true);
  });

  it.each([
    ['ed448', () => generateKeyPairSync('ed448').publicKey],
    ['x25519', () => generateKeyPairSync('x25519').publicKey],
    ['another curve', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey],
    ['RSA-PSS', () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey],
    ['short RSA', () => generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey],
  ])('has no form for a key of Node of kind %s', (_, make) => {
    expect(codeOf(() => fromKeyObject(make(), 'it'))).toBe('KEY_UNSUPPORTED');
  });

  it('takes the public part of a private key of Node', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp521r1' });
    expect(fromKeyObject(privateKey, 'it').blob).toEqual(
      fromKeyObject(createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })), 'it').blob,
    );
  });

  it('offers a plain key by its own blob, and a certificate by the whole of it', () => {
    const key = fixtureKey('ed25519');
    expect(readOfferedKey(key.blob, 'it')).toMatchObject({ certificate: null, blob: key.blob });
    const { offered } = parseOfferedKey(fixtureText('certificates/ed25519').trim(), 'it');
    expect(isSameKey(offered.key, key)).toBe(true);
    expect(offered.blob.length).toBeGreaterThan(key.blob.length);
    expect(offered.certificate?.blob).toEqual(offered.blob);
  });

  it('makes the same blob from its numbers', () => {
    const key = fixtureKey('rsa');
    expect(makePublicKey(key.type, key.material, null).blob).toEqual(key.blob);
    expect(findKeyType('ssh-rsa')?.certificateType).toBe('ssh-rsa-cert-v01@openssh.com');
    expect(findKeyType('sk-ssh-ed25519@openssh.com')?.certificateType).toBe(
      'sk-ssh-ed25519-cert-v01@openssh.com',
    );
  });
});
