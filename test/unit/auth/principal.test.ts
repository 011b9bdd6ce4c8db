import { describe, expect, it } from 'vitest';
import type { Grant } from '../../../src/auth/grant.ts';
import {
  describePrincipal,
  identify,
  type Principal,
  peerPrincipal,
  relayedPrincipal,
} from '../../../src/auth/principal.ts';
import { LOCAL_PRINCIPAL as LOCAL, principalWith } from '../../fixtures/granted-login.ts';

describe('whose link it is', () => {
  it.each<[string, Principal, Principal, boolean]>([
    ['the same user', LOCAL, peerPrincipal({ uid: 1000, pid: 8 }, 'alice'), true],
    ['another user', LOCAL, peerPrincipal({ uid: 1001, pid: 7 }, 'alice'), false],
    ['a key and a user', principalWith({}), LOCAL, false],
    ...(
      [
        ['the same key', {}, true],
        ['another key', { fingerprint: 'SHA256:other' }, false],
        ['the same key, by another line', { where: '/etc/keys:7' }, true],
        ['the same key, for longer', { expiresAtSeconds: 1 }, true],
        ['the same key, that is forced now', { command: 'x' }, false],
        ['the same key, with an empty command', { command: '' }, false],
        ['the same key, under restrict now', { restricted: true }, false],
        ['the same key, without a terminal', { permitPty: false }, false],
        ['the same key, without forwarding', { permitPortForwarding: false }, false],
        ['the same key, with less to forward to', { permitOpen: [] }, false],
        ['the same key, with other variables', { environment: new Map([['A', 'b']]) }, false],
      ] as const satisfies readonly (readonly [string, Partial<Grant>, boolean])[]
    ).map(
      ([what, grant, isSame]) =>
        [what, principalWith({}), principalWith(grant), isSame] as [string, Principal, Principal, boolean],
    ),
  ])('is told apart: %s', (_what, one, other, isSame) => {
    expect(identify(one) === identify(other)).toBe(isSame);
  });
});

describe('a line of the log', () => {
  it('names the key and where it comes from, or the process', () => {
    expect([describePrincipal(principalWith({})), describePrincipal(LOCAL)]).toEqual([
      { fingerprint: 'SHA256:key', comment: 'alice@laptop', source: '192.0.2.7:40000' },
      { uid: 1000, pid: 7 },
    ]);
  });
});

describe('a principal', () => {
  it('is plain data: nothing of it is lost in JSON', () => {
    const certificate = { keyId: 'alice', serial: 7n, authorityFingerprint: 'SHA256:ca' };
    const keyed = principalWith({ certificate, environment: new Map([['__proto__', 'x']]) });
    const relayed = relayedPrincipal(LOCAL, { rights: 'restrict', provenance: {} });
    for (const each of [LOCAL, keyed, relayed]) expect(JSON.parse(JSON.stringify(each))).toEqual(each);
  });

  it('owns jobs by its key or its user, and is another one behind a relay that restricts it', () => {
    const relay = (rights: 'full' | 'restrict') => relayedPrincipal(LOCAL, { rights, provenance: {} }).name;
    expect([principalWith({}).name, LOCAL.name, relay('full'), relay('restrict')]).toEqual([
      'key:SHA256:key',
      'uid:1000',
      'uid:1000',
      'uid:1000:restrict',
    ]);
  });
});
