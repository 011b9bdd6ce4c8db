import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkHost } from '../../../src/auth/known-hosts.ts';
import { learnKnownHost, readKnownHosts, removeKnownHost } from '../../../src/auth/known-hosts-file.ts';
import { formatPublicKey } from '../../../src/auth/public-key.ts';
import { fixtureKey } from '../../fixtures/auth/fixtures.ts';

const KEY = fixtureKey('ed25519');
const OTHER = fixtureKey('ecdsa256');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-known-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(lines: string): string {
  const file = join(folder, 'known_hosts');
  writeFileSync(file, lines, { mode: 0o600 });
  return file;
}

/** The key's field of a line. */
const key = formatPublicKey(KEY);
const other = formatPublicKey(OTHER);

describe('the host field of known_hosts', () => {
  it.each([
    ['build1', 22],
    ['[build1]:7522', 7522],
    ['build1', 7522],
    ['[build1]:7522,[192.0.2.7]:7522', 7522],
    ['a,build1,b', 22],
    ['*.example.com,build?', 22],
    ['[*]:7522', 7522],
    ['*,!build1', 22],
    ['!build1,*', 22],
    ['!other,*', 22],
    ['BUILD1', 22],
    ['[::1]:7522', 7522],
  ])(
    '%s is about build1, port %d, exactly where ssh-keygen -F finds it, hashed or not',
    async (field, port) => {
      const file = write(`${field} ${key}\n`);
      const name = port === 22 ? 'build1' : `[build1]:${port}`;
      for (const hashed of [false, true]) {
        if (hashed) spawnSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
        const found = spawnSync('ssh-keygen', ['-F', name, '-f', file], { stdio: 'ignore' }).status === 0;
        const { hosts } = await readKnownHosts(file);
        expect([hashed, checkHost(hosts, `build1:${port}`, KEY, null).kind]).toEqual([
          hashed,
          found ? 'trusted' : 'unknown',
        ]);
      }
    },
  );

  it.each([['[build1]:7522'], ['[build*]:7522'], ['[a]:1,[build1]:7522'], ['build1:7522']])(
    'with another key (%s) keeps a key from being learned',
    async (field) => {
      const file = write(`${field} ${other}\n`);
      await expect(learnKnownHost(file, 'build1:7522', KEY)).rejects.toMatchObject({
        code: 'AUTH_HOST_CHANGED',
      });
      spawnSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
      await expect(learnKnownHost(file, 'build1:7522', KEY)).rejects.toMatchObject({
        code: 'AUTH_HOST_CHANGED',
      });
    },
  );
});

describe('a marker', () => {
  it('@revoked refuses the key, also where another line trusts it', async () => {
    const file = write(`[build1]:7522 ${key}\n@revoked * ${key}\n`.replace('* ', '[*]:7522 '));
    const { hosts } = await readKnownHosts(file);
    expect(checkHost(hosts, 'build1:7522', KEY, null)).toMatchObject({ kind: 'revoked', by: { line: 2 } });
    await expect(learnKnownHost(file, 'build1:7522', KEY)).rejects.toMatchObject({
      code: 'AUTH_HOST_REVOKED',
    });
  });

  it('@cert-authority makes no key of a host trusted', async () => {
    const { hosts } = await readKnownHosts(write(`@cert-authority [*]:7522 ${key}\n`));
    expect(checkHost(hosts, 'build1:7522', KEY, null).kind).toBe('unknown');
  });

  it('that is not known keeps a key from being learned', async () => {
    const file = write(`@later [build1]:7522 ${key}\n`);
    await expect(learnKnownHost(file, 'build1:7522', KEY)).rejects.toMatchObject({
      code: 'AUTH_HOST_CHANGED',
    });
  });
});

describe('a hash of an unknown kind, or a damaged one', () => {
  const damaged = `|1|AAAA|BBBB ${other}\n`;

  it.each([damaged, `|2|AAAA|BBBB ${key}\n`])(
    'may name any host, so no key is learned beside %s',
    async (line) => {
      const file = write(line);
      await expect(learnKnownHost(file, 'build1:7522', KEY)).rejects.toMatchObject({
        code: 'AUTH_HOST_CHANGED',
      });
    },
  );

  it('does not matter beside a line that trusts the key, and stays when a host is removed', async () => {
    const file = write(`${damaged}build1:7522 ${key}\n`);
    const { hosts } = await readKnownHosts(file);
    expect(checkHost(hosts, 'build1:7522', KEY, null).kind).toBe('trusted');
    expect(await removeKnownHost(file, 'build1:7522')).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe(damaged);
  });
});

describe('the folder of known_hosts', () => {
  it('is not made for a key that is learned', async () => {
    const missing = join(folder, 'missing', 'deep');
    await expect(learnKnownHost(join(missing, 'kh'), 'build1:7522', KEY)).rejects.toMatchObject({
      code: 'AUTH_FILE_UNWRITABLE',
    });
    expect(existsSync(join(folder, 'missing'))).toBe(false);
  });

  it.each([
    [0o1777, true],
    [0o0777, false],
  ])('of mode %o is written to: %s', async (mode, isWritten) => {
    const shared = join(folder, `shared-${mode}`);
    mkdirSync(shared);
    chmodSync(shared, mode);
    const learned = learnKnownHost(join(shared, 'kh'), 'build1:7522', KEY);
    if (isWritten) await expect(learned).resolves.toBe(true);
    else await expect(learned).rejects.toMatchObject({ code: 'AUTH_FILE_UNSAFE' });
  });
});
