import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeArmored } from '../../../src/auth/base64.ts';
import type { OfferedKey } from '../../../src/auth/offered-key.ts';
import {
  checkProof,
  makeProof,
  makeProofMessage,
  PROOF_NAMESPACE,
  type ProofFields,
} from '../../../src/auth/proof.ts';
import { signMessage } from '../../../src/auth/signature.ts';
import { makeSshsig } from '../../../src/auth/sshsig.ts';
import {
  codeOf,
  codeOfAsync,
  fixtureCertificate,
  fixtureKey,
  fixtureOffer,
  fixtureSecret,
  fixtureText,
  makeTestFolder,
  PLAIN_KEYS,
  runTool,
} from '../../fixtures/auth/fixtures.ts';

const CONNECTION = {
  exporter: Buffer.alloc(32, 0xaa),
  role: 'client',
  alpn: 'rexa/1',
  account: 'alice',
  hostKey: fixtureKey('ecdsa256').blob,
} as const;

async function prove(
  offered: OfferedKey,
  secretName = 'ed25519',
  fields: Partial<ProofFields> = {},
): Promise<Buffer> {
  const secret = await fixtureSecret(secretName);
  return makeProof({ ...CONNECTION, publicKey: offered.blob, ...fields }, async (data) =>
    signMessage(secret, data),
  );
}

describe('a proof of a key', () => {
  it('is made over exactly these bytes', () => {
    const message = makeProofMessage({ ...CONNECTION, hostKey: Buffer.of(1, 2), publicKey: Buffer.of(3) });
    const hex = [
      '0000000c726578612d617574682d7631', // rexa-auth-v1
      `00000020${'aa'.repeat(32)}`,
      '00000006636c69656e74', // client
      '00000006726578612f31', // rexa/1
      '00000005616c696365', // alice
      '000000020102',
      '0000000103',
    ].join('');
    expect(message.toString('hex')).toBe(hex);
  });

  it.each(PLAIN_KEYS)('is taken on the connection that it was made for: %s', async (name) => {
    const offered = fixtureOffer(name);
    expect(codeOf(() => checkProof(Buffer.alloc(0), offered, CONNECTION))).toBe('AUTH_SIGNATURE_MALFORMED');
    const proof = await prove(offered, name);
    expect(codeOf(() => checkProof(proof, offered, CONNECTION))).toBeNull();
  });

  it('is taken for a certificate, and then for that certificate alone', async () => {
    const certified = fixtureCertificate('ed25519');
    const proof = await prove(certified);
    expect(codeOf(() => checkProof(proof, certified, CONNECTION))).toBeNull();
    expect(codeOf(() => checkProof(proof, fixtureOffer('ed25519'), CONNECTION))).toBe(
      'AUTH_SIGNATURE_MALFORMED',
    );
    expect(codeOf(() => checkProof(proof, fixtureCertificate('forced'), CONNECTION))).toBe(
      'AUTH_SIGNATURE_MALFORMED',
    );
  });

  it.each([
    ['on another connection', { exporter: Buffer.alloc(32, 0xab) }],
    ['with another protocol', { alpn: 'rexa/2' }],
    ['for another user', { account: 'bob' }],
    ['for no user', { account: '' }],
    ['to another host', { hostKey: fixtureKey('ecdsa384').blob }],
  ])('is worth nothing %s', async (_, change) => {
    const offered = fixtureOffer('ed25519');
    const proof = await prove(offered);
    expect(codeOf(() => checkProof(proof, offered, { ...CONNECTION, ...change }))).toBe(
      'AUTH_SIGNATURE_WRONG',
    );
  });

  it('is worth nothing when somebody else signed it', async () => {
    const offered = fixtureOffer('ed25519');
    const proof = await prove(offered, 'authority');
    expect(codeOf(() => checkProof(proof, offered, CONNECTION))).toBe('AUTH_SIGNATURE_WRONG');
  });

  it('is not what was signed for another purpose', async () => {
    const secret = await fixtureSecret('ed25519');
    const offered = fixtureOffer('ed25519');
    const message = makeProofMessage({ ...CONNECTION, publicKey: offered.blob });
    const forGit = await makeSshsig(offered.blob, 'git', message, async (data) => signMessage(secret, data));
    expect(codeOf(() => checkProof(forGit, offered, CONNECTION))).toBe('AUTH_SIGNATURE_MALFORMED');
    expect(codeOf(() => checkProof(signMessage(secret, message), offered, CONNECTION))).toBe(
      'AUTH_SIGNATURE_MALFORMED',
    );
  });

  it('cannot be shifted from one field into the next', () => {
    const one = makeProofMessage({ ...CONNECTION, account: 'ab', alpn: 'c', publicKey: Buffer.of(1) });
    const other = makeProofMessage({ ...CONNECTION, account: 'b', alpn: 'ca', publicKey: Buffer.of(1) });
    expect(one.equals(other)).toBe(false);
  });

  it.each([
    ['an account that is no text', { account: '\ud800' }, 'AUTH_ACCOUNT_INVALID'],
    ['an account that is too long', { account: 'a'.repeat(300) }, 'AUTH_ACCOUNT_INVALID'],
    ['an exporter that is cut', { exporter: Buffer.alloc(31) }, 'INTERNAL'],
    ['no exporter', { exporter: Buffer.alloc(0) }, 'INTERNAL'],
  ])('is not made for %s', async (_, fields, code) => {
    expect(await codeOfAsync(() => prove(fixtureOffer('ed25519'), 'ed25519', fields))).toBe(code);
  });

  it('is good to ssh-keygen -Y verify, for a key and for a certificate', async () => {
    const folder = makeTestFolder();
    const allowed = path.join(folder, 'allowed');
    fs.writeFileSync(
      allowed,
      `alice ${fixtureText('keys/ed25519.pub')}alice cert-authority ${fixtureText('keys/authority.pub')}`,
    );
    for (const offered of [fixtureOffer('ed25519'), fixtureCertificate('forever')]) {
      const proof = await prove(offered);
      const file = path.join(folder, 'proof');
      fs.writeFileSync(file, encodeArmored(proof, 'SSH SIGNATURE'));
      const args = ['-Y', 'verify', '-f', allowed, '-I', 'alice', '-n', PROOF_NAMESPACE, '-s', file];
      const input = makeProofMessage({ ...CONNECTION, publicKey: offered.blob });
      expect(runTool('ssh-keygen', args, { input })).toMatch(/^Good "auth@rexa" signature for alice/);
    }
  });
});
