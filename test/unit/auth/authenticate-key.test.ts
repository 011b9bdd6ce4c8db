import { describe, expect, it } from 'vitest';
import { authenticateKey } from '../../../src/auth/authenticate-key.ts';
import { RexaError } from '../../../src/protocol/errors.ts';
import type { Login } from '../../../src/protocol/login.ts';
import { fixtureKey, PLAIN_KEYS } from '../../fixtures/auth/fixtures.ts';

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
