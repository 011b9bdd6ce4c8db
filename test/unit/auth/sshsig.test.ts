import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeArmored, encodeArmored } from '../../../src/auth/base64.ts';
import { formatPublicKey, type PublicKey } from '../../../src/auth/public-key.ts';
import { signMessage } from '../../../src/auth/signature.ts';
import { checkSshsig, makeSshsig } from '../../../src/auth/sshsig.ts';
import { wireString } from '../../../src/auth/wire-writer.ts';
import {
  codeOf,
  fixtureKey,
  fixtureSecret,
  fixtureText,
  makeTestFolder,
  PLAIN_KEYS,
  runTool,
} from '../../fixtures/auth/fixtures.ts';
import { makeToken } from '../../fixtures/auth/security-key.ts';

const NAMESPACE = 'test@rexa';
const MESSAGE = Buffer.from('a message\nwith two lines');

async function signAs(name: string): Promise<{ key: PublicKey; sshsig: Buffer }> {
  const secret = await fixtureSecret(name);
  const { publicKey: key } = secret;
  const sshsig = await makeSshsig(key.blob, NAMESPACE, MESSAGE, async (data) => signMessage(secret, data));
  return { key, sshsig };
}

/** What `ssh-keygen -Y verify` says. */
function verifyWithKeygen(
  key: PublicKey,
  sshsig: Uint8Array,
  namespace: string,
  message: Uint8Array,
): string {
  const folder = makeTestFolder();
  fs.writeFileSync(path.join(folder, 'allowed'), `alice ${formatPublicKey(key)}\n`);
  fs.writeFileSync(path.join(folder, 'sig'), encodeArmored(sshsig, 'SSH SIGNATURE'));
  const args = ['-Y', 'verify', '-f', path.join(folder, 'allowed'), '-I', 'alice', '-n', namespace];
  return runTool('ssh-keygen', [...args, '-s', path.join(folder, 'sig')], { input: message });
}

describe('SSHSIG', () => {
  it.each(PLAIN_KEYS)('made here are good to ssh-keygen -Y verify: %s', async (name) => {
    const { key, sshsig } = await signAs(name);
    expect(verifyWithKeygen(key, sshsig, NAMESPACE, MESSAGE)).toMatch(
      /^Good "test@rexa" signature for alice/,
    );
    expect(() => verifyWithKeygen(key, sshsig, 'other@rexa', MESSAGE)).toThrow(/failed/);
  });

  it.each(['ed25519', 'ecdsa'] as const)('of a token (%s) are good to ssh-keygen and to us', async (kind) => {
    const token = makeToken(kind);
    const sshsig = await makeSshsig(token.key.blob, NAMESPACE, MESSAGE, async (data) => token.sign(data));
    expect(verifyWithKeygen(token.key, sshsig, NAMESPACE, MESSAGE)).toMatch(/^Good/);
    const claim = { key: token.key, blob: token.key.blob, namespace: NAMESPACE, message: MESSAGE };
    expect(codeOf(() => checkSshsig(sshsig, claim))).toBeNull();
  });

  it.each(PLAIN_KEYS)('made by ssh-keygen -Y sign are good to us: %s', (name) => {
    const file = path.join(makeTestFolder(), 'key');
    fs.writeFileSync(file, fixtureText(`keys/${name}`), { mode: 0o600 });
    const text = runTool('ssh-keygen', ['-Y', 'sign', '-q', '-n', NAMESPACE, '-f', file, '-'], {
      input: MESSAGE,
    });
    const sshsig = decodeArmored(text, 'SSH SIGNATURE') ?? Buffer.alloc(0);
    const key = fixtureKey(name);
    expect(
      codeOf(() => checkSshsig(sshsig, { key, blob: key.blob, namespace: NAMESPACE, message: MESSAGE })),
    ).toBeNull();
  });

  it.each([
    ['another message', { message: Buffer.from('another') }, 'AUTH_SIGNATURE_WRONG'],
    ['another namespace', { namespace: 'git' }, 'AUTH_SIGNATURE_MALFORMED'],
    ['a namespace that begins alike', { namespace: 'test@rex' }, 'AUTH_SIGNATURE_MALFORMED'],
    [
      'another key',
      { key: fixtureKey('authority'), blob: fixtureKey('authority').blob },
      'AUTH_SIGNATURE_MALFORMED',
    ],
    ['another key under the same name', { key: fixtureKey('authority') }, 'AUTH_SIGNATURE_WRONG'],
  ])('are not taken for one over %s', async (_, claim, code) => {
    const { key, sshsig } = await signAs('ed25519');
    const whole = { key, blob: key.blob, namespace: NAMESPACE, message: MESSAGE, ...claim };
    expect(codeOf(() => checkSshsig(sshsig, whole))).toBe(code);
  });

  it.each([
    ['another magic', (sig: Buffer) => Buffer.concat([Buffer.from('SSHSIH'), sig.subarray(6)])],
    ['version 2', (sig: Buffer) => Buffer.concat([sig.subarray(0, 9), Buffer.of(2), sig.subarray(10)])],
    [
      'a hash of less',
      (sig: Buffer) => Buffer.from(sig.toString('latin1').replace('sha512', 'sha256'), 'latin1'),
    ],
    ['something behind its end', (sig: Buffer) => Buffer.concat([sig, Buffer.of(0)])],
    ['its end cut off', (sig: Buffer) => sig.subarray(0, -1)],
    ['nothing in it', () => Buffer.alloc(0)],
    ['megabytes in it', () => Buffer.alloc(2_000_000)],
    [
      'something in its reserved field',
      (sig: Buffer) => {
        const at = sig.indexOf(NAMESPACE) + NAMESPACE.length;
        return Buffer.concat([sig.subarray(0, at), wireString('x'), sig.subarray(at + 4)]);
      },
    ],
  ])('are refused with %s', async (_, change) => {
    const { key, sshsig } = await signAs('ed25519');
    const claim = { key, blob: key.blob, namespace: NAMESPACE, message: MESSAGE };
    expect(codeOf(() => checkSshsig(change(sshsig), claim))).toBe('AUTH_SIGNATURE_MALFORMED');
  });
});
