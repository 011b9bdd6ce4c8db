import { describe, expect, it } from 'vitest';
import { hashField } from '../../../src/auth/known-host-field.ts';
import { parseKnownHosts } from '../../../src/auth/known-hosts.ts';
import { parsePublicKey } from '../../../src/auth/public-key.ts';
import { checkEveryPort } from '../../../src/client/probe-verifier.ts';
import { fixtureText } from '../../fixtures/auth/fixtures.ts';

const KEY = fixtureText('keys/ed25519.pub').trim();
const OTHER_KEY = fixtureText('keys/ecdsa256.pub').trim();
const shown = parsePublicKey(KEY, 'the key').key;
const check = (lines: readonly string[], address = 'build1:9000'): string => {
  const { hosts } = parseKnownHosts(Buffer.from(lines.join('\n')), 'known_hosts');
  return checkEveryPort(hosts, address, shown, null).kind;
};

describe('the lines of a host with other ports', () => {
  it.each([
    ['trust it with the default port', [`build1:7522 ${KEY}`], 'trusted'],
    ['trust it with another port', [`build1:8022 ${KEY}`], 'trusted'],
    ['trust it in the notation of OpenSSH', [`[other]:1,[build1]:8022 ${KEY}`], 'trusted'],
    ['trust it by a hash of the default port', [`${hashField('build1:7522')} ${KEY}`], 'trusted'],
    ['trust it beside another key', [`build1:7522 ${OTHER_KEY}`, `build1:8022 ${KEY}`], 'trusted'],
    ['do not make a new port a changed one', [`build1:7522 ${OTHER_KEY}`], 'unknown'],
    ['do not trust another host', [`build2:7522 ${KEY}`, `xbuild1:7522 ${KEY}`], 'unknown'],
    ['give way to those of the address', [`build1:7522 ${KEY}`, `build1:9000 ${OTHER_KEY}`], 'changed'],
    ['revoke what is trusted before', [`build1:8022 ${KEY}`, `@revoked build1:7522 ${KEY}`], 'revoked'],
    ['revoke what is trusted after', [`@revoked build1:7522 ${KEY}`, `build1:8022 ${KEY}`], 'revoked'],
    ['revoke what the address trusts', [`build1:9000 ${KEY}`, `@revoked build1:7522 ${KEY}`], 'revoked'],
    [
      'revoke by a hash of the default port',
      [`build1:8022 ${KEY}`, `@revoked ${hashField('build1:7522')} ${KEY}`],
      'revoked',
    ],
  ])('%s', (_what, lines, kind) => {
    expect(check(lines)).toBe(kind);
  });

  it.each(['[2001:db8::7]', '192.0.2.7'])('are those of the address %s', (host) => {
    expect(check([`${host}:7522 ${KEY}`], `${host}:9000`)).toBe('trusted');
    expect(check([`${host}:8022 ${KEY}`], `${host}:9000`)).toBe('trusted');
  });

  it('do not count with a pin', () => {
    const { hosts } = parseKnownHosts(Buffer.from(`build1:7522 ${KEY}`), 'known_hosts');
    const pin = `SHA256:${'A'.repeat(43)}`;
    expect(checkEveryPort(hosts, 'build1:9000', shown, pin).kind).toBe('pinned-mismatch');
  });
});
