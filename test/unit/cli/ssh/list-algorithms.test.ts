import { describe, expect, it } from 'vitest';
import { listAlgorithms } from '../../../../src/cli/ssh/list-algorithms.ts';

describe('rexa ssh -Q', () => {
  it('has the queries of OpenSSH', () => {
    const kinds = listAlgorithms('help').trim().split('\n');
    expect(kinds).toEqual(expect.arrayContaining(['cipher', 'key', 'key-cert', 'key-sig', 'mac', 'sig']));
    for (const kind of kinds) expect(listAlgorithms(kind)).toMatch(/^(?:[\w.@-]+\n)*$/);
  });

  it.each([
    ['key', 'ssh-ed25519\n', true],
    ['key', 'ssh-ed25519-cert-v01@openssh.com\n', true],
    ['key-plain', 'cert', false],
    ['key-sig', 'rsa-sha2-512\n', true],
    ['PubkeyAcceptedAlgorithms', 'rsa-sha2-512\n', true],
    ['sig', 'ssh-rsa\n', false],
    ['ciphers', 'aes256-gcm@openssh.com\n', true],
    ['protocol-version', '2\n', true],
  ])('lists for %s %j: %s', (query, name, isThere) => {
    expect(listAlgorithms(query).includes(name)).toBe(isThere);
  });

  it('refuses an unknown query', () => {
    expect(() => listAlgorithms('colour')).toThrow(
      "-Q: unsupported query 'colour'; -Q help lists the queries",
    );
  });
});
