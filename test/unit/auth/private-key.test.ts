import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeArmored, encodeArmored } from '../../../src/auth/base64.ts';
import { fromKeyObject } from '../../../src/auth/key-object.ts';
import { formatEd25519Key, OPENSSH_LABEL } from '../../../src/auth/openssh-key.ts';
import { isSameKey } from '../../../src/auth/public-key.ts';
import { readPrivateKey, summarizePrivateKey } from '../../../src/auth/read-private-key.ts';
import { wireString, wireU32 } from '../../../src/auth/wire-writer.ts';
import {
  codeOf,
  codeOfAsync,
  fixtureKey,
  fixtureText,
  makeTestFolder,
  PASSPHRASE,
  PLAIN_KEYS,
  runTool,
} from '../../fixtures/auth/fixtures.ts';

const LOCKED_OPENSSH = [
  'ed25519.locked',
  'ecdsa.locked',
  'rsa.locked',
  'ed25519.locked.aes128-ctr',
  'ed25519.locked.aes256-cbc',
  'ed25519.locked.aes256-gcm',
];
const LOCKED_PEM = ['ecdsa.locked.pem', 'rsa.locked.pem', 'ecdsa.locked.pkcs8', 'rsa.locked.pkcs8'];

/** An OpenSSH key file put together from its parts. */
function container(
  parts: Partial<Record<'magic' | 'cipher' | 'kdf' | 'options' | 'public' | 'section' | 'rest', Buffer>> & {
    count?: number;
  },
): string {
  const key = fixtureKey('ed25519');
  return encodeArmored(
    Buffer.concat([
      parts.magic ?? Buffer.from('openssh-key-v1\0'),
      wireString(parts.cipher ?? 'none'),
      wireString(parts.kdf ?? 'none'),
      wireString(parts.options ?? ''),
      wireU32(parts.count ?? 1),
      wireString(parts.public ?? key.blob),
      wireString(parts.section ?? Buffer.alloc(8)),
      parts.rest ?? Buffer.alloc(0),
    ]),
    OPENSSH_LABEL,
  );
}

describe('private keys', () => {
  it.each([...PLAIN_KEYS, 'ecdsa256.pkcs8', 'rsa.pem'])('reads what ssh-keygen made: %s', async (name) => {
    const text = fixtureText(`keys/${name}`);
    const key = await readPrivateKey(text, name);
    expect(isSameKey(key.publicKey, fixtureKey(name))).toBe(true);
    expect(key.comment).toBe(name.includes('.') ? '' : `${name} of the tests`);
    expect(summarizePrivateKey(text, name)).toEqual({ publicKey: key.publicKey, encrypted: false });
  });

  it.each([...LOCKED_OPENSSH, ...LOCKED_PEM])('opens %s with its passphrase alone', async (name) => {
    const text = fixtureText(`keys/${name}`);
    const key = await readPrivateKey(text, name, PASSPHRASE);
    expect(isSameKey(key.publicKey, fixtureKey(name))).toBe(true);
    expect(await codeOfAsync(() => readPrivateKey(text, name))).toBe('KEY_PASSPHRASE_NEEDED');
    expect(await codeOfAsync(() => readPrivateKey(text, name, ''))).toBe('KEY_PASSPHRASE_NEEDED');
    expect(await codeOfAsync(() => readPrivateKey(text, name, `${PASSPHRASE} `))).toBe(
      'KEY_PASSPHRASE_WRONG',
    );
  });

  it.each(LOCKED_OPENSSH)('shows the public part of %s without its passphrase', (name) => {
    expect(summarizePrivateKey(fixtureText(`keys/${name}`), name)).toEqual({
      publicKey: fixtureKey(name),
      encrypted: true,
    });
  });

  it.each(LOCKED_PEM)('says that the public part of %s is hidden', (name) => {
    expect(summarizePrivateKey(fixtureText(`keys/${name}`), name)).toEqual({
      publicKey: null,
      encrypted: true,
    });
  });

  it('takes a passphrase in any script', async () => {
    const file = path.join(makeTestFolder(), 'key');
    runTool('ssh-keygen', ['-q', '-t', 'ed25519', '-a', '1', '-N', '密码 пароль', '-f', file]);
    const key = await readPrivateKey(fs.readFileSync(file, 'latin1'), file, '密码 пароль');
    expect(key.publicKey.type).toBe('ssh-ed25519');
  });

  it('reads a file with Windows line ends', async () => {
    const text = fixtureText('keys/ed25519').replaceAll('\n', '\r\n');
    expect((await readPrivateKey(text, 'it')).publicKey).toEqual(fixtureKey('ed25519'));
  });

  it.each([
    ['a cipher that it does not know', fixtureText('keys/ed25519.locked.chacha20-poly1305')],
    ['DSA', fixtureText('keys/dsa')],
    ['an RSA key of 1024 bits', fixtureText('keys/rsa1024')],
    ['two keys in one file', container({ count: 2 })],
    [
      'another way to stretch a passphrase',
      container({ cipher: Buffer.from('aes256-ctr'), kdf: Buffer.from('argon9') }),
    ],
    [
      'rounds that would take hours',
      container({
        cipher: Buffer.from('aes256-ctr'),
        kdf: Buffer.from('bcrypt'),
        options: Buffer.concat([wireString(Buffer.alloc(16)), wireU32(0xffff_ffff)]),
        section: Buffer.alloc(16),
      }),
    ],
    ['a public key instead', fixtureText('keys/ed25519.pub')],
    ['nothing', ''],
  ])('does not take %s', async (_, text) => {
    expect(await codeOfAsync(() => readPrivateKey(text, 'it', 'x'))).toBe('KEY_UNSUPPORTED');
  });

  it.each([
    ['damaged base64', fixtureText('keys/ed25519').replace('b3Blb', 'b3B=lb')],
    ['another beginning', container({ magic: Buffer.from('openssh-key-v2\0') })],
    ['a private part that is cut', container({ section: Buffer.alloc(4) })],
    ['check numbers that differ', container({ section: Buffer.from([0, 0, 0, 1, 0, 0, 0, 2]) })],
    ['something behind its end', container({ rest: Buffer.of(0) })],
    ['no cipher and yet a passphrase', container({ kdf: Buffer.from('bcrypt') })],
    ['a megabyte of anything', 'x'.repeat(1_000_000)],
    ['PEM with nothing in it', '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n'],
  ])('refuses %s', async (_, text) => {
    expect(await codeOfAsync(() => readPrivateKey(text, 'it', 'x'))).toBe('KEY_MALFORMED');
  });

  it('refuses a secret beside the public part of another key', async () => {
    const own = decodeArmored(fixtureText('keys/ed25519'), OPENSSH_LABEL) ?? Buffer.alloc(0);
    const other = fixtureKey('authority').blob;
    const at = own.indexOf(fixtureKey('ed25519').blob);
    const mixed = Buffer.concat([own.subarray(0, at), other, own.subarray(at + other.length)]);
    expect(await codeOfAsync(() => readPrivateKey(encodeArmored(mixed, OPENSSH_LABEL), 'it'))).toBe(
      'KEY_MALFORMED',
    );
  });

  it('refuses a PKCS#8 file that would keep OpenSSL busy for hours', async () => {
    const der =
      decodeArmored(fixtureText('keys/rsa.locked.pkcs8'), 'ENCRYPTED PRIVATE KEY') ?? Buffer.alloc(0);
    const at = der.indexOf(Buffer.from([0x02, 0x02, 0x08, 0x00]));
    expect(at).toBeGreaterThan(0);
    // A longer number in the place of the count of rounds, its bytes taken from the salt before it.
    const saltEnd = at;
    const patched = Buffer.from(der);
    const salt = patched.subarray(saltEnd - 10, saltEnd);
    expect(salt[0]).toBe(0x04);
    Buffer.from([0x04, 0x06, 1, 2, 3, 4, 5, 6, 0x02, 0x04]).copy(patched, saltEnd - 10);
    Buffer.from([0x7f, 0xff, 0xff, 0xff]).copy(patched, saltEnd);
    const text = encodeArmored(patched, 'ENCRYPTED PRIVATE KEY');
    expect(await codeOfAsync(() => readPrivateKey(text, 'it', PASSPHRASE))).toBe('KEY_UNSUPPORTED');
  });

  it('refuses a PKCS#8 file in another encoding than DER, whose rounds it could not count', async () => {
    const der =
      decodeArmored(fixtureText('keys/rsa.locked.pkcs8'), 'ENCRYPTED PRIVATE KEY') ?? Buffer.alloc(0);
    const [first, second] = [der[0], der[1]];
    expect([first, second]).toEqual([0x30, 0x82]);
    const indefinite = Buffer.concat([Buffer.of(0x30, 0x80), der.subarray(4), Buffer.of(0, 0)]);
    const text = encodeArmored(indefinite, 'ENCRYPTED PRIVATE KEY');
    expect(await codeOfAsync(() => readPrivateKey(text, 'it', PASSPHRASE))).toBe('KEY_MALFORMED');
  });

  it('says of a key in a token what to do with it', async () => {
    const type = 'sk-ssh-ed25519@openssh.com';
    const publicBlob = Buffer.concat([wireString(type), wireString(Buffer.alloc(32, 1)), wireString('ssh:')]);
    const section = Buffer.concat([wireU32(1), wireU32(1), wireString(type)]);
    const text = container({ public: publicBlob, section });
    await expect(readPrivateKey(text, 'it')).rejects.toThrow(/ssh-add/);
    expect(summarizePrivateKey(text, 'it')).toMatchObject({ encrypted: false, publicKey: { type } });
  });

  it('writes an Ed25519 key that ssh-keygen reads, and reads it back', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const publicKey = fromKeyObject(privateKey, 'it');
    const text = formatEd25519Key(privateKey, publicKey, 'made by rexa', 0xdead_beef);
    const read = await readPrivateKey(text, 'it');
    expect(read.publicKey).toEqual(publicKey);
    expect(read.comment).toBe('made by rexa');
    const file = path.join(makeTestFolder(), 'key');
    fs.writeFileSync(file, text, { mode: 0o600 });
    expect(runTool('ssh-keygen', ['-y', '-f', file]).trim()).toBe(
      `ssh-ed25519 ${publicKey.blob.toString('base64')} made by rexa`,
    );
  });

  it('has no summary of what is no key', () => {
    expect(codeOf(() => summarizePrivateKey('hello', 'it'))).toBe('KEY_UNSUPPORTED');
  });
});
