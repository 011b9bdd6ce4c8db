import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFileIdentities, readTextIdentity } from '../../../src/auth/file-identities.ts';
import { checkSignature } from '../../../src/auth/signature.ts';
import {
  codeOf,
  codeOfAsync,
  fixtureKey,
  fixtureText,
  makeTestFolder,
  PASSPHRASE,
  PLAIN_KEYS,
} from '../../fixtures/auth/fixtures.ts';

const MESSAGE = Buffer.from('sign this');

/** A key file, with what stands beside it. */
function makeFile(key: string, beside: { pub?: string; certificate?: string } = {}): string {
  const file = path.join(makeTestFolder(), 'id');
  fs.writeFileSync(file, fixtureText(`keys/${key}`), { mode: 0o600 });
  if (beside.pub !== undefined) fs.writeFileSync(`${file}.pub`, fixtureText(`keys/${beside.pub}.pub`));
  if (beside.certificate !== undefined)
    fs.writeFileSync(`${file}-cert.pub`, fixtureText(`certificates/${beside.certificate}`));
  return file;
}

describe('the identities of a key file', () => {
  it('are none when it is not there', async () => {
    expect(await readFileIdentities(path.join(makeTestFolder(), 'id'))).toEqual([]);
  });

  it.each(PLAIN_KEYS)('sign at once when it has no passphrase: %s', async (name) => {
    const file = makeFile(name);
    const [identity, ...others] = await readFileIdentities(file);
    expect(others).toEqual([]);
    expect(identity).toMatchObject({ source: file, offered: { certificate: null, key: fixtureKey(name) } });
    expect(identity?.isLocked()).toBe(false);
    const signature = (await identity?.sign(MESSAGE)) ?? Buffer.alloc(0);
    expect(codeOf(() => checkSignature(fixtureKey(name), MESSAGE, signature))).toBeNull();
  });

  it('are its certificate and itself', async () => {
    const identities = await readFileIdentities(makeFile('ed25519', { certificate: 'forever' }));
    expect(identities.map(({ offered }) => offered.certificate?.keyId)).toEqual(['forever', undefined]);
    for (const identity of identities) {
      const signature = await identity.sign(MESSAGE);
      expect(codeOf(() => checkSignature(identity.offered.key, MESSAGE, signature))).toBeNull();
    }
  });

  it('are not the certificate of another key', async () => {
    const identities = await readFileIdentities(makeFile('ed25519', { certificate: 'rsa' }));
    expect(identities.map(({ offered }) => offered.certificate)).toEqual([null]);
  });

  it.each([
    ['ed25519.locked', {}],
    ['rsa.locked.pkcs8', { pub: 'rsa.locked.pkcs8' }],
    ['ecdsa.locked.pem', { pub: 'ecdsa.locked.pem' }],
  ])('are offered without the passphrase, and sign with it: %s', async (name, beside) => {
    const [identity] = await readFileIdentities(makeFile(name, beside));
    if (identity === undefined) throw new Error('no identity');
    expect(identity.offered.key).toEqual(fixtureKey(name));
    expect(identity.isLocked()).toBe(true);
    expect(await codeOfAsync(() => identity.sign(MESSAGE))).toBe('KEY_PASSPHRASE_NEEDED');
    expect(await codeOfAsync(() => identity.unlock('wrong'))).toBe('KEY_PASSPHRASE_WRONG');
    expect(identity.isLocked()).toBe(true);
    await identity.unlock(PASSPHRASE);
    expect(identity.isLocked()).toBe(false);
    const signature = await identity.sign(MESSAGE);
    expect(codeOf(() => checkSignature(identity.offered.key, MESSAGE, signature))).toBeNull();
  });

  it('are unlocked together', async () => {
    const file = makeFile('ed25519.locked');
    fs.writeFileSync(`${file}-cert.pub`, fixtureText('certificates/forever'));
    const identities = await readFileIdentities(file);
    expect(identities).toHaveLength(1);
    await identities[0]?.unlock(PASSPHRASE);
    expect(identities.every((identity) => !identity.isLocked())).toBe(true);
  });

  it('are unlocked while everything else goes on', async () => {
    const [identity] = await readFileIdentities(makeFile('ed25519.locked'));
    let turns = 0;
    const take = (): void => {
      turns++;
      if (identity?.isLocked()) setImmediate(take);
    };
    setImmediate(take);
    await identity?.unlock(PASSPHRASE);
    expect(turns).toBeGreaterThan(10);
  });

  it('are those of a key without a file, too', async () => {
    const identity = readTextIdentity({ name: 'CI_KEY', text: fixtureText('keys/ed25519') });
    expect([identity.source, identity.isLocked()]).toEqual(['CI_KEY', false]);
    const signature = await identity.sign(MESSAGE);
    expect(() => checkSignature(identity.offered.key, MESSAGE, signature)).not.toThrow();
  });

  it('cannot be told of a locked PEM file without its .pub', async () => {
    expect(await codeOfAsync(() => readFileIdentities(makeFile('rsa.locked.pem')))).toBe('KEY_UNSUPPORTED');
  });

  it('do not sign when the .pub beside it is of another key', async () => {
    const [identity] = await readFileIdentities(makeFile('rsa.locked.pem', { pub: 'rsa' }));
    await identity?.unlock(PASSPHRASE);
    expect(await codeOfAsync(async () => identity?.sign(MESSAGE))).toBe('KEY_MALFORMED');
  });

  it.each([
    ['others may read it', (file: string) => fs.chmodSync(file, 0o640), 'AUTH_FILE_UNSAFE'],
    ['it is damaged', (file: string) => fs.truncateSync(file, 100), 'KEY_MALFORMED'],
    ['it is huge', (file: string) => fs.truncateSync(file, 100_000), 'AUTH_FILE_TOO_LARGE'],
    ['it is something else', (file: string) => fs.writeFileSync(file, 'hello'), 'KEY_UNSUPPORTED'],
    [
      'its certificate is damaged',
      (file: string) => fs.writeFileSync(`${file}-cert.pub`, 'ssh-ed25519-cert-v01@openssh.com AAAA'),
      'KEY_MALFORMED',
    ],
  ])('are not read when %s', async (_, spoil, code) => {
    const file = makeFile('ed25519');
    spoil(file);
    expect(await codeOfAsync(() => readFileIdentities(file))).toBe(code);
  });
});
