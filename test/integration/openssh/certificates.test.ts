import { copyFileSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConfiguredHost, startConfiguredHost } from '../../fixtures/ssh-config/configured-host.ts';
import { makeSshKeys, type SshKeys } from '../../fixtures/ssh-keys.ts';

/** Keys a to c, and certificates in files of their own: of a by two authorities, of c beside its key, which has no .pub. */
function makeKeys(folder: string): SshKeys {
  const keys = makeSshKeys(folder);
  for (const name of ['trusted', 'other', 'a', 'b', 'c']) keys.make(name);
  const words = ['-n', userInfo().username];
  for (const authority of ['trusted', 'other']) {
    keys.certify(authority, 'a', words);
    copyFileSync(join(folder, 'a-cert.pub'), join(folder, `a-by-${authority}`));
  }
  rmSync(join(folder, 'a-cert.pub'));
  keys.certify('trusted', 'c', words);
  rmSync(join(folder, 'c.pub'));
  return keys;
}

let host: ConfiguredHost;
beforeAll(async () => {
  host = await startConfiguredHost();
  host.daemon.authorize(`cert-authority ${makeKeys(host.folder).line('trusted')}`);
});
afterAll(() => host[Symbol.asyncDispose]());

describe('a certificate of rexa ssh', () => {
  it.each<[what: string, identities: string, certificates: string, accepted: boolean]>([
    ['beside a key without a public file', 'c', '', true],
    ['that CertificateFile names for such a key', 'c', 'c-cert.pub', true],
    ['that nobody names', 'a b', '', false],
    ['of an authority that is not trusted', 'a b', 'a-by-other', false],
    ['of another key', 'b', 'a-by-trusted', false],
    ['of a key', 'a b', 'a-by-trusted', true],
    ['behind one of another authority for the same key', 'a b', 'a-by-other a-by-trusted', true],
  ])('%s (keys %s, certificates %j): %s', async (_what, identities, certificates, accepted) => {
    const named = (keyword: string, names: string) =>
      names
        .split(' ')
        .flatMap((name) => (name === '' ? [] : ['-o', `${keyword}=${join(host.folder, name)}`]));
    const words = [...named('IdentityFile', identities), ...named('CertificateFile', certificates)];
    const { status } = await host.ssh('-o', 'IdentitiesOnly=yes', ...words, 'somehost', 'exit 52');
    expect(status).toBe(accepted ? 52 : 255);
  });
});
