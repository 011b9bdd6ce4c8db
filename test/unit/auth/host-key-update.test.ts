import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkHostKeyProof, makeHostKeyProof } from '../../../src/auth/host-key-proof.ts';
import type { HostKeyUpdate } from '../../../src/auth/host-key-update.ts';
import { hashField } from '../../../src/auth/known-host-field.ts';
import { parseKnownHosts } from '../../../src/auth/known-hosts.ts';
import { updateKnownHost } from '../../../src/auth/known-hosts-file.ts';
import { fixtureKey, fixtureSecret } from '../../fixtures/auth/fixtures.ts';
import { publicLine } from '../../fixtures/tls-run.ts';

const HOST = 'build1:7522';
const line = (name: string): string => publicLine(name).split(' ').slice(0, 2).join(' ');

/** The file after an update, and what has changed. */
async function update(
  before: string,
  offered: readonly string[],
  options: { hash?: boolean; allow?: boolean } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'rexa-known-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'known_hosts');
  writeFileSync(file, before, { mode: 0o600 });
  const asked: HostKeyUpdate[] = [];
  const confirm = async (change: HostKeyUpdate): Promise<boolean> => {
    asked.push(change);
    return options.allow ?? true;
  };
  const keys = offered.map(fixtureKey);
  const served = fixtureKey('ed25519');
  const done = await updateKnownHost(file, HOST, served, keys, options.hash === true, confirm);
  return { after: readFileSync(file, 'utf8'), done, asked };
}

const OWN = `${HOST} ${line('ed25519')}`;

describe('an update of the keys of a host', () => {
  it.each<[name: string, before: string, offered: string[], after: string]>([
    [
      'adds new keys behind all lines',
      `# mine\n\n${OWN} old comment\nother:1 ${line('rsa')}`,
      ['ed25519', 'ecdsa256'],
      `# mine\n\n${OWN} old comment\nother:1 ${line('rsa')}\n${HOST} ${line('ecdsa256')}\n`,
    ],
    [
      'removes keys that are not offered',
      `${HOST} ${line('rsa')}\n${OWN}\n# end\n`,
      ['ed25519'],
      `${OWN}\n# end\n`,
    ],
    [
      'does both at once',
      `${OWN}\n${HOST} ${line('rsa')}\n`,
      ['ed25519', 'ecdsa256'],
      `${OWN}\n${HOST} ${line('ecdsa256')}\n`,
    ],
    [
      'keeps lines that it cannot read',
      `${OWN}\n${HOST} ssh-future AAAA\n!!!\n`,
      ['ed25519', 'ecdsa256'],
      `${OWN}\n${HOST} ssh-future AAAA\n!!!\n${HOST} ${line('ecdsa256')}\n`,
    ],
  ])('%s', async (_name, before, offered, after) => {
    expect((await update(before, offered)).after).toBe(after);
  });

  it.each<[name: string, before: string]>([
    ['a pattern', `${OWN}\n*:7522 ${line('rsa')}\n`],
    ['a list of names', `${HOST},10.0.0.1:7522 ${line('ed25519')}\n`],
    ['an authority', `${OWN}\n@cert-authority ${HOST} ${line('rsa')}\n`],
    ['a revoked key', `${OWN}\n@revoked * ${line('rsa')}\n`],
    ['a damaged hash', `${OWN}\n|1|x|y ${line('rsa')}\n`],
    ['no line with the key that was proven', `${HOST} ${line('rsa')}\n`],
    ['an offered key under another name', `${OWN}\nother:7522 ${line('ecdsa256')}\n`],
  ])('changes nothing where the file has %s', async (_name, before) => {
    const { after, done, asked } = await update(before, ['ed25519', 'ecdsa256']);
    expect([after, done, asked]).toEqual([before, null, []]);
  });

  it('asks before it changes anything, and only then', async () => {
    expect(await update(`${OWN}\n`, ['ed25519'])).toMatchObject({ asked: [], done: null });
    const { after, asked } = await update(`${OWN}\n`, ['ed25519', 'ecdsa256'], { allow: false });
    expect(after).toBe(`${OWN}\n`);
    expect(asked[0]?.added.map(({ type }) => type)).toEqual(['ecdsa-sha2-nistp256']);
  });

  it.each([
    ['hashes the names of new lines where it is wanted', OWN, true],
    ['keeps names hashed that are', `${hashField(HOST)} ${line('ed25519')}`, false],
  ])('%s', async (_name, before, hash) => {
    const { after } = await update(`${before}\n`, ['ed25519', 'ecdsa256'], { hash });
    const [first, second = ''] = after.split('\n');
    expect(first).toBe(before);
    expect(second).toMatch(/^\|1\|\S+ ecdsa-sha2-nistp256 /);
    expect(parseKnownHosts(Buffer.from(after), 'f').hosts).toHaveLength(2);
  });
});

describe('a proof of a host key', () => {
  const connection = { exporter: Buffer.alloc(32, 1), servedKey: fixtureKey('ed25519').blob };

  it.each(['ed25519', 'ecdsa256', 'rsa'])('is made and verified with %s', async (name) => {
    const proof = await makeHostKeyProof(connection, await fixtureSecret(name));
    expect(() => checkHostKeyProof(proof, fixtureKey(name), connection)).not.toThrow();
  });

  it.each<[what: string, key: string, other: Partial<typeof connection>]>([
    ['another connection', 'ecdsa256', { exporter: Buffer.alloc(32, 2) }],
    ['another served key', 'ecdsa256', { servedKey: fixtureKey('rsa').blob }],
    ['another key', 'rsa', {}],
  ])('is refused for %s', async (_what, key, other) => {
    const proof = await makeHostKeyProof(connection, await fixtureSecret('ecdsa256'));
    expect(() => checkHostKeyProof(proof, fixtureKey(key), { ...connection, ...other })).toThrow(/signature/);
  });
});
