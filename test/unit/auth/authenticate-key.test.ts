import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { authenticateKey } from '../../../src/auth/authenticate-key.ts';
import { openAuthorizedKeys } from '../../../src/auth/authorized-keys.ts';
import { makeProof } from '../../../src/auth/proof.ts';
import { formatPublicKey } from '../../../src/auth/public-key.ts';
import { RexaError } from '../../../src/protocol/errors.ts';
import type { Login } from '../../../src/protocol/login.ts';
import { fixtureKey, makeTestFolder, PLAIN_KEYS } from '../../fixtures/auth/fixtures.ts';
import { makeToken } from '../../fixtures/auth/security-key.ts';

const OFFERS = PLAIN_KEYS.map((name) => Buffer.from(fixtureKey(name).blob).toString('base64'));
const [KEY = ''] = OFFERS;
const PROOF = Buffer.from('no proof').toString('base64');

const END = { address: '192.0.2.7', port: 7522 };

/** What one login costs: how often files are read, and keys looked up in them. */
async function countWork(login: Login) {
  let reads = 0;
  let lookups = 0;
  const keys = {
    async read() {
      reads++;
      return () => {
        lookups++;
        return { kind: 'refused' as const, problems: [new RexaError('AUTH_KEY_UNKNOWN', ['SHA256:x'])] };
      };
    },
  };
  const authentication = authenticateKey(
    { keys, account: 'deploy', hostKey: fixtureKey('ed25519') },
    { exporter: new Uint8Array(32), alpn: 'rexa/1', connection: { source: END, host: END } },
  );
  const { kind } = await authentication.hear(login);
  return { kind, reads, lookups };
}

describe('the refusal of a login', () => {
  it.each([
    ['offered keys', { offers: OFFERS }, OFFERS.length],
    ['a proven key', { key: KEY, proof: PROOF }, 1],
  ])('takes the same work for an unknown user as for a refused key: %s', async (_what, login, lookups) => {
    const refused = { kind: 'refused', reads: 1, lookups };
    expect(await countWork({ ...login, account: 'deploy' })).toEqual(refused);
    expect(await countWork({ ...login, account: 'nobody-here' })).toEqual(refused);
    expect(await countWork({ ...login, account: '' })).toEqual(refused);
  });
});

const HOST_KEY = fixtureKey('ed25519');
const [UNTOUCHED, TOUCHED, VERIFIED, BOTH] = [0, 1, 4, 5];

/** How a login ends by a token whose line has these options, and whose signature these flags. */
async function logInByToken(kind: 'ed25519' | 'ecdsa', options: string, flags: number): Promise<string> {
  const token = makeToken(kind);
  const folder = makeTestFolder();
  const file = join(folder, 'authorized_keys');
  writeFileSync(file, `${options} ${formatPublicKey(token.key)}\n`.trimStart(), { mode: 0o600 });
  const keys = openAuthorizedKeys({
    files: [file],
    revokedKeys: null,
    home: folder,
    report: () => undefined,
  });
  const exporter = new Uint8Array(32);
  const authentication = authenticateKey(
    { keys, account: 'deploy', hostKey: HOST_KEY },
    { exporter, alpn: 'rexa/1', connection: { source: END, host: END } },
  );
  const proof = await makeProof(
    {
      exporter,
      role: 'client',
      alpn: 'rexa/1',
      account: '',
      hostKey: HOST_KEY.blob,
      publicKey: token.key.blob,
    },
    async (data) => token.sign(data, { flags }),
  );
  const login = { account: '', key: token.key.blob.toString('base64'), proof: proof.toString('base64') };
  return (await authentication.hear(login)).kind;
}

describe.each(['ed25519', 'ecdsa'] as const)('a login by a FIDO token (%s)', (kind) => {
  it.each<[options: string, flags: number, outcome: string]>([
    ['', TOUCHED, 'admitted'],
    ['', BOTH, 'admitted'],
    ['', UNTOUCHED, 'refused'],
    ['', VERIFIED, 'refused'],
    ['no-touch-required', UNTOUCHED, 'admitted'],
    ['no-touch-required', TOUCHED, 'admitted'],
    ['verify-required', TOUCHED, 'refused'],
    ['verify-required', VERIFIED, 'refused'],
    ['verify-required', BOTH, 'admitted'],
    ['verify-required,no-touch-required', VERIFIED, 'admitted'],
    ['verify-required,no-touch-required', UNTOUCHED, 'refused'],
  ])('with the options %j and the flags %i is %s', async (options, flags, outcome) => {
    expect(await logInByToken(kind, options, flags)).toBe(outcome);
  });
});
