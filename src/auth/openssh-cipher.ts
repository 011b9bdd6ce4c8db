import { type CipherGCMTypes, createDecipheriv } from 'node:crypto';
import { RexaError } from '../protocol/errors.ts';
import { deriveBcrypt } from './derive-bcrypt.ts';
import { MAX_BCRYPT_ROUNDS } from './limits.ts';
import type { OpensshContainer } from './openssh-key.ts';
import { WireReader } from './wire-reader.ts';

/** A cipher of OpenSSH's private key files: its name in OpenSSL, and its sizes in bytes. */
interface FileCipher {
  readonly openssl: string;
  readonly keyBytes: number;
  readonly ivBytes: number;
  readonly authenticated: boolean;
}

/** The block size of AES. */
const BLOCK_BYTES = 16;
const TAG_BYTES = 16;

const CIPHERS: ReadonlyMap<string, FileCipher> = new Map([
  ['aes128-ctr', plainCipher('aes-128-ctr', 16)],
  ['aes192-ctr', plainCipher('aes-192-ctr', 24)],
  ['aes256-ctr', plainCipher('aes-256-ctr', 32)],
  ['aes128-cbc', plainCipher('aes-128-cbc', 16)],
  ['aes192-cbc', plainCipher('aes-192-cbc', 24)],
  ['aes256-cbc', plainCipher('aes-256-cbc', 32)],
  ['aes128-gcm@openssh.com', { openssl: 'aes-128-gcm', keyBytes: 16, ivBytes: 12, authenticated: true }],
  ['aes256-gcm@openssh.com', { openssl: 'aes-256-gcm', keyBytes: 32, ivBytes: 12, authenticated: true }],
]);

function plainCipher(openssl: string, keyBytes: number): FileCipher {
  return { openssl, keyBytes, ivBytes: BLOCK_BYTES, authenticated: false };
}

/**
 * Decrypts the private part of an OpenSSH key file.
 * @throws RexaError KEY_PASSPHRASE_NEEDED, KEY_PASSPHRASE_WRONG, KEY_MALFORMED, KEY_UNSUPPORTED
 */
export async function decryptSection(
  container: OpensshContainer,
  name: string,
  passphrase: string | undefined,
): Promise<Buffer> {
  if (container.cipher === 'none') {
    if (container.kdf !== 'none' || container.tag.length > 0)
      throw malformed(name, 'its parts contradict each other');
    return container.section;
  }
  const cipher = CIPHERS.get(container.cipher);
  if (cipher === undefined || container.kdf !== 'bcrypt') {
    throw new RexaError('KEY_UNSUPPORTED', [
      name,
      `it is encrypted with ${container.cipher} (${container.kdf}); 'ssh-keygen -p -Z aes256-ctr' changes that`,
    ]);
  }
  const tagBytes = cipher.authenticated ? TAG_BYTES : 0;
  const { section, tag } = container;
  if (tag.length !== tagBytes || section.length === 0 || section.length % BLOCK_BYTES !== 0) {
    throw malformed(name, 'its encrypted part has a wrong length');
  }
  if (passphrase === undefined || passphrase === '') throw new RexaError('KEY_PASSPHRASE_NEEDED', [name]);
  const secret = await deriveSecret(container, cipher.keyBytes + cipher.ivBytes, passphrase, name);
  return decrypt(cipher, secret, container, name);
}

function decrypt(
  cipher: FileCipher,
  secret: Buffer,
  { section, tag }: OpensshContainer,
  name: string,
): Buffer {
  const key = secret.subarray(0, cipher.keyBytes);
  const iv = secret.subarray(cipher.keyBytes);
  try {
    if (cipher.authenticated) {
      const decipher = createDecipheriv(cipher.openssl as CipherGCMTypes, key, iv, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(section), decipher.final()]);
    }
    const decipher = createDecipheriv(cipher.openssl, key, iv).setAutoPadding(false);
    return Buffer.concat([decipher.update(section), decipher.final()]);
  } catch (cause) {
    throw new RexaError('KEY_PASSPHRASE_WRONG', [name], { cause });
  }
}

async function deriveSecret(
  { kdfOptions }: OpensshContainer,
  bytes: number,
  passphrase: string,
  name: string,
): Promise<Buffer> {
  const reader = new WireReader(kdfOptions, (reason) => malformed(name, reason));
  const salt = reader.readString();
  const rounds = reader.readU32();
  reader.expectEnd();
  if (salt.length === 0 || rounds === 0) throw malformed(name, 'its passphrase options are empty');
  if (rounds > MAX_BCRYPT_ROUNDS) {
    throw new RexaError('KEY_UNSUPPORTED', [
      name,
      `it asks for ${rounds} rounds; ${MAX_BCRYPT_ROUNDS} are the most`,
    ]);
  }
  const phrase = Buffer.from(passphrase, 'utf8');
  const secret = await deriveBcrypt({ passphrase: phrase, salt, keyBytes: bytes, rounds });
  if (secret === null) throw malformed(name, 'its passphrase options make no key');
  return Buffer.from(secret);
}

function malformed(name: string, reason: string): RexaError {
  return new RexaError('KEY_MALFORMED', [name, reason]);
}
