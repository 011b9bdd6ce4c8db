import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFile } from '../../../src/auth/file-cache.ts';
import { type FileGuard, readGuardedFile } from '../../../src/auth/guarded-file.ts';
import { RexaError } from '../../../src/protocol/errors.ts';
import { codeOfAsync, makeTestFolder } from '../../fixtures/auth/fixtures.ts';

const isRoot = process.getuid?.() === 0;
/** Somebody else, neither root nor us. */
const STRANGER = 12_345;

interface Scene {
  readonly home: string;
  readonly file: string;
  readonly trusted: FileGuard;
  readonly private: FileGuard;
}

/** `HOME/.ssh/keys`, with modes as they should be. */
function makeScene(): Scene {
  const home = makeTestFolder();
  const file = path.join(home, '.ssh', 'keys');
  fs.mkdirSync(path.dirname(file), { mode: 0o700 });
  fs.writeFileSync(file, 'content', { mode: 0o600 });
  return {
    home,
    file,
    trusted: { kind: 'trusted', maxBytes: 100, home },
    private: { kind: 'private', maxBytes: 100 },
  };
}

async function readText(file: string, guard: FileGuard): Promise<string | null> {
  const content = await readGuardedFile(file, guard);
  return content === null || content === 'unchanged' ? content : content.bytes.toString();
}

/** The command that the message ends with. */
async function mendingOf(file: string, guard: FileGuard): Promise<string> {
  const error = await readGuardedFile(file, guard).catch((reason: unknown) => reason);
  if (!(error instanceof RexaError) || error.code !== 'AUTH_FILE_UNSAFE')
    throw new Error(`not refused: ${String(error)}`);
  return /fix it with: (.*)$/.exec(error.message)?.[1] ?? '';
}

describe('a guarded file', () => {
  it('is read when its modes and owners are right', async () => {
    const scene = makeScene();
    expect(await readText(scene.file, scene.trusted)).toBe('content');
    expect(await readText(scene.file, scene.private)).toBe('content');
  });

  it('may be missing, and so may its folder', async () => {
    const { home, trusted } = makeScene();
    expect(await readGuardedFile(path.join(home, 'nothing'), trusted)).toBeNull();
    expect(await readGuardedFile(path.join(home, 'nothing', 'beneath'), trusted)).toBeNull();
    expect(await readGuardedFile(path.join(home, '.ssh', 'keys', 'beneath'), trusted)).toBeNull();
  });

  it.each([0o620, 0o602, 0o666, 0o777])('that others may write is not trusted (%o)', async (mode) => {
    const { file, trusted } = makeScene();
    fs.chmodSync(file, mode);
    expect(await mendingOf(file, trusted)).toBe(`chmod go-w ${file}`);
  });

  it.each([0o640, 0o604, 0o644, 0o601, 0o660])('that others may use is not private (%o)', async (mode) => {
    const { file, private: guard } = makeScene();
    fs.chmodSync(file, mode);
    expect(await mendingOf(file, guard)).toBe(`chmod 600 ${file}`);
  });

  it.each([0o644, 0o600, 0o400, 0o755])('that others may only read is trusted (%o)', async (mode) => {
    const { file, trusted } = makeScene();
    fs.chmodSync(file, mode);
    expect(await readText(file, trusted)).toBe('content');
  });

  it.each([0o770, 0o707, 0o777])('is not trusted in a folder that others may write (%o)', async (mode) => {
    const { file, home, trusted } = makeScene();
    fs.chmodSync(path.dirname(file), mode);
    expect(await mendingOf(file, trusted)).toBe(`chmod go-w ${path.dirname(file)}`);
    fs.chmodSync(path.dirname(file), 0o700);
    fs.chmodSync(home, mode);
    expect(await mendingOf(file, trusted)).toBe(`chmod go-w ${home}`);
  });

  it('is not trusted in a folder that is meant for all, and nobody is told to change that', async () => {
    const { file, trusted } = makeScene();
    fs.chmodSync(path.dirname(file), 0o1777);
    expect(await mendingOf(file, trusted)).toMatch(/^another folder/);
  });

  it('is read whatever its modes are when it is public', async () => {
    const { file } = makeScene();
    fs.chmodSync(path.dirname(file), 0o777);
    fs.chmodSync(file, 0o666);
    expect(await readText(file, { kind: 'public', maxBytes: 100 })).toBe('content');
    expect(await codeOfAsync(() => readGuardedFile(file, { kind: 'public', maxBytes: 6 }))).toBe(
      'AUTH_FILE_TOO_LARGE',
    );
  });

  it('is trusted whatever the modes above the home folder are', async () => {
    const above = makeTestFolder();
    const home = path.join(above, 'home');
    fs.mkdirSync(home, { mode: 0o755 });
    fs.chmodSync(above, 0o777);
    fs.writeFileSync(path.join(home, 'keys'), 'x', { mode: 0o600 });
    const guard: FileGuard = { kind: 'trusted', maxBytes: 100 };
    expect(await readText(path.join(home, 'keys'), { ...guard, home })).toBe('x');
    expect(await mendingOf(path.join(home, 'keys'), guard)).toBe(`chmod go-w ${above}`);
    expect(await mendingOf(path.join(home, 'keys'), { ...guard, home: path.join(above, 'elsewhere') })).toBe(
      `chmod go-w ${above}`,
    );
  });

  it.runIf(isRoot)('that belongs to somebody else is neither trusted nor private', async () => {
    const scene = makeScene();
    fs.chownSync(scene.file, STRANGER, STRANGER);
    expect(await mendingOf(scene.file, scene.trusted)).toBe(`chown 0 ${scene.file}`);
    expect(await mendingOf(scene.file, scene.private)).toBe(`chown 0 ${scene.file}`);
    expect(await readText(scene.file, { ...scene.private, uid: STRANGER })).toBe('content');
  });

  it.runIf(isRoot)(
    'that is personal may belong to anybody when root uses it, if others may not read it',
    async () => {
      const { file } = makeScene();
      const guard: FileGuard = { kind: 'personal', maxBytes: 100 };
      fs.chownSync(file, STRANGER, STRANGER);
      expect(await readText(file, guard)).toBe('content');
      expect(await mendingOf(file, { ...guard, uid: STRANGER + 1 })).toBe(`chown ${STRANGER + 1} ${file}`);
      fs.chmodSync(file, 0o640);
      expect(await mendingOf(file, guard)).toBe(`chmod 600 ${file}`);
    },
  );

  it.runIf(isRoot)('is not trusted in a folder of somebody else', async () => {
    const { file, trusted } = makeScene();
    fs.chownSync(path.dirname(file), STRANGER, STRANGER);
    expect(await mendingOf(file, trusted)).toBe(`chown 0 ${path.dirname(file)}`);
  });

  it('is looked at where it really is', async () => {
    const { home, file, trusted } = makeScene();
    const elsewhere = path.join(home, 'elsewhere');
    fs.mkdirSync(elsewhere, { mode: 0o700 });
    fs.renameSync(file, path.join(elsewhere, 'keys'));
    fs.symlinkSync(path.join(elsewhere, 'keys'), file);
    expect(await readText(file, trusted)).toBe('content');
    fs.chmodSync(elsewhere, 0o777);
    expect(await mendingOf(file, trusted)).toBe(`chmod go-w ${elsewhere}`);
  });

  it('is named so that a shell takes the name', async () => {
    const { home, trusted } = makeScene();
    const file = path.join(home, "it's $(here)");
    fs.writeFileSync(file, '', { mode: 0o600 });
    fs.chmodSync(file, 0o666);
    const mending = await mendingOf(file, trusted);
    execFileSync('sh', ['-c', mending]);
    expect(fs.statSync(file).mode & 0o777).toBe(0o644);
  });

  it('is refused whole when it is larger than allowed', async () => {
    const { file, trusted } = makeScene();
    fs.writeFileSync(file, 'x'.repeat(101));
    expect(await codeOfAsync(() => readGuardedFile(file, trusted))).toBe('AUTH_FILE_TOO_LARGE');
    fs.writeFileSync(file, 'x'.repeat(100));
    expect((await readText(file, trusted))?.length).toBe(100);
  });

  it.each([
    ['a folder', (file: string) => fs.mkdirSync(file, { mode: 0o700 })],
    ['a pipe that nobody writes to', (file: string) => execFileSync('mkfifo', ['-m', '600', file])],
    ['a device', (file: string) => fs.symlinkSync('/dev/zero', file)],
    ['a link to itself', (file: string) => fs.symlinkSync(file, file)],
  ])('is not %s', async (_, make) => {
    const { file, trusted, private: guard } = makeScene();
    fs.rmSync(file);
    make(file);
    expect(await codeOfAsync(() => readGuardedFile(file, trusted))).toBe('AUTH_FILE_UNREADABLE');
    expect(await codeOfAsync(() => readGuardedFile(file, guard))).toBe('AUTH_FILE_UNREADABLE');
  });
});

describe('a cached file', () => {
  /** Long enough ago that the file's times tell everything. */
  const PAST = new Date(Date.now() - 3_600_000);

  it('is parsed again when it changed, and gone when it is gone', async () => {
    const { file, trusted } = makeScene();
    const cache = cacheFile(file, trusted, (bytes) => bytes.toString());
    expect(await cache.read()).toBe('content');
    fs.writeFileSync(file, 'changed');
    expect(await cache.read()).toBe('changed');
    fs.writeFileSync(file, 'CHANGED');
    expect(await cache.read()).toBe('CHANGED');
    fs.rmSync(file);
    expect(await cache.read()).toBeNull();
    fs.writeFileSync(file, 'back', { mode: 0o600 });
    expect(await cache.read()).toBe('back');
  });

  it('is never kept while a second change could go unseen', async () => {
    const { file, trusted } = makeScene();
    fs.utimesSync(file, PAST, PAST);
    // The time of its last change of any kind is still that of a moment ago, and cannot be set back.
    let parsed = 0;
    const cache = cacheFile(file, trusted, () => ++parsed);
    await cache.read();
    await cache.read();
    expect(parsed).toBe(2);
  });

  it('is parsed once while it stays the same', async () => {
    // A file of the project itself was not written a moment ago.
    let parsed = 0;
    const cache = cacheFile('package.json', { kind: 'public', maxBytes: 2 ** 20 }, () => ++parsed);
    expect([await cache.read(), await cache.read(), parsed]).toEqual([1, 1, 1]);
  });

  it('is looked at for its modes each time', async () => {
    const { file, trusted } = makeScene();
    const cache = cacheFile(file, trusted, (bytes) => bytes.toString());
    expect(await cache.read()).toBe('content');
    fs.chmodSync(path.dirname(file), 0o777);
    expect(await codeOfAsync(() => cache.read())).toBe('AUTH_FILE_UNSAFE');
    fs.chmodSync(path.dirname(file), 0o700);
    expect(await cache.read()).toBe('content');
  });

  it('is not kept when it could not be parsed', async () => {
    const { file, trusted } = makeScene();
    const cache = cacheFile(file, trusted, (bytes) => {
      if (bytes.includes('bad')) throw new RexaError('AUTH_REVOCATIONS_MALFORMED', ['x', 'y']);
      return bytes.toString();
    });
    expect(await cache.read()).toBe('content');
    fs.writeFileSync(file, 'bad');
    expect(await codeOfAsync(() => cache.read())).toBe('AUTH_REVOCATIONS_MALFORMED');
    expect(await codeOfAsync(() => cache.read())).toBe('AUTH_REVOCATIONS_MALFORMED');
  });
});
