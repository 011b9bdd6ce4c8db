import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadHostKey } from '../../../src/auth/host-key.ts';
import { fingerprint } from '../../../src/auth/public-key.ts';
import {
  codeOfAsync,
  fixturePath,
  fixtureText,
  makeTestFolder,
  runTool,
} from '../../fixtures/auth/fixtures.ts';

function makeFile(text?: string): string {
  const folder = path.join(makeTestFolder(), 'rexad');
  const file = path.join(folder, 'host_key');
  if (text !== undefined) {
    fs.mkdirSync(folder, { mode: 0o700 });
    fs.writeFileSync(file, text, { mode: 0o600 });
  }
  return file;
}

describe('the host key', () => {
  it('is made at the first start and kept', async () => {
    const file = makeFile();
    const first = await loadHostKey(file, 'private');
    const second = await loadHostKey(file, 'private');
    expect([first.created, second.created]).toEqual([true, false]);
    expect(first.key.publicKey.type).toBe('ssh-ed25519');
    expect(second.key.publicKey).toEqual(first.key.publicKey);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    expect(fs.readdirSync(path.dirname(file))).toEqual(['host_key']);
  });

  it('is a key of OpenSSH', async () => {
    const file = makeFile();
    const { key } = await loadHostKey(file, 'private');
    expect(runTool('ssh-keygen', ['-l', '-f', file])).toContain(
      `${fingerprint(key.publicKey)} rexad (ED25519)`,
    );
  });

  it('is a new one each time', async () => {
    const [one, other] = [await loadHostKey(makeFile(), 'private'), await loadHostKey(makeFile(), 'private')];
    expect(fingerprint(one.key.publicKey)).not.toBe(fingerprint(other.key.publicKey));
  });

  it('is one key when many start at once in one process', async () => {
    const file = makeFile();
    const all = await Promise.all(Array.from({ length: 8 }, () => loadHostKey(file, 'private')));
    expect(new Set(all.map(({ key }) => fingerprint(key.publicKey))).size).toBe(1);
    expect(all.filter(({ created }) => created)).toHaveLength(1);
    expect(fs.readdirSync(path.dirname(file))).toEqual(['host_key']);
  });

  it('is one key when two processes start at once', async () => {
    const file = makeFile();
    const started = [1, 2].map(
      () =>
        new Promise<string>((resolve, reject) => {
          const child = fork(fixturePath('load-host-key.ts'), [file]);
          child.once('message', (message) => resolve(JSON.stringify(message)));
          child.once('error', reject);
          child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
        }),
    );
    const [one, other] = await Promise.all(started);
    expect(one).toBe(other);
  });

  it.each(['ecdsa256', 'ecdsa521', 'rsa', 'ecdsa256.pkcs8'])('may be of another type: %s', async (name) => {
    const { created, key } = await loadHostKey(makeFile(fixtureText(`keys/${name}`)), 'private');
    expect(created).toBe(false);
    expect(key.publicKey.type).not.toBe('ssh-ed25519');
  });

  it.each([
    ['under a passphrase', 'keys/ed25519.locked', 'KEY_PASSPHRASE_NEEDED'],
    ['that is too short', 'keys/rsa1024', 'KEY_UNSUPPORTED'],
    ['that is a public one', 'keys/rsa.pub', 'KEY_UNSUPPORTED'],
  ])('is not one %s', async (_, name, code) => {
    expect(await codeOfAsync(() => loadHostKey(makeFile(fixtureText(name)), 'private'))).toBe(code);
  });

  it('is not replaced when it is damaged or empty', async () => {
    for (const text of ['', fixtureText('keys/ed25519').slice(0, 200)]) {
      const file = makeFile(text);
      expect(await codeOfAsync(() => loadHostKey(file, 'private'))).toMatch(/^KEY_/);
      expect(fs.readFileSync(file, 'latin1')).toBe(text);
    }
  });

  it.each([0o640, 0o604, 0o644, 0o666])(
    'is not taken from a file that others may read (%o)',
    async (mode) => {
      const file = makeFile(fixtureText('keys/ed25519'));
      fs.chmodSync(file, mode);
      await expect(loadHostKey(file, 'private')).rejects.toThrow(`chmod 600 ${file}`);
    },
  );

  it.each([0o750, 0o701, 0o755, 0o777])(
    'is not taken from a folder of its own that others may enter (%o)',
    async (mode) => {
      const file = makeFile(fixtureText('keys/ed25519'));
      fs.chmodSync(path.dirname(file), mode);
      await expect(loadHostKey(file, 'private')).rejects.toThrow(`chmod 700 ${path.dirname(file)}`);
    },
  );

  it('is taken from a folder of the system that others may read, not from one that they may write', async () => {
    const file = makeFile(fixtureText('keys/ed25519'));
    fs.chmodSync(path.dirname(file), 0o755);
    expect((await loadHostKey(file, 'trusted')).created).toBe(false);
    fs.chmodSync(path.dirname(file), 0o775);
    expect(await codeOfAsync(() => loadHostKey(file, 'trusted'))).toBe('AUTH_FILE_UNSAFE');
  });

  it.runIf(process.getuid?.() === 0)('is not taken from somebody else', async () => {
    const file = makeFile(fixtureText('keys/ed25519'));
    fs.chownSync(file, 12_345, 12_345);
    await expect(loadHostKey(file, 'private')).rejects.toThrow(`chown 0 ${file}`);
  });
});
