import { mkdirSync, promises, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CopyProgress, connect, FileError, type Host } from '../../../src/client/index.ts';
import { codeOfAsync } from '../../fixtures/auth/fixtures.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';

async function open(address: string): Promise<Host> {
  const host = await connect(address, { config: false });
  onTestFinished(() => host.close());
  return host;
}

async function failureOf(act: () => Promise<unknown>): Promise<unknown> {
  return act().then(
    () => null,
    (error: unknown) => error,
  );
}

function codeFrom(error: unknown): string | null {
  return (error as { readonly code: string } | null)?.code ?? null;
}

/** Node refuses a NUL before it asks the system. */
function expected(code: string | null): string | null {
  return code === 'ERR_INVALID_ARG_VALUE' ? 'EINVAL' : code;
}

describe('files of a host in the library', () => {
  it('are written and read as a whole, as bytes or text', async () => {
    await using daemon = await startDaemon();
    const host = await open(daemon.address);
    const folder = makeFilesFolder();
    const bytes = Buffer.alloc(300_000, Buffer.of(0, 255, 128));
    await host.writeFile(join(folder, 'a'), bytes, { durable: true });
    await host.writeFile(join(folder, 'b'), 'text é');
    await host.writeFile(join(folder, 'empty'), '');
    expect((await host.readFile(join(folder, 'a'))).equals(bytes)).toBe(true);
    expect(await host.readFile(join(folder, 'b'), 'utf8')).toBe('text é');
    expect(await host.readFile(join(folder, 'empty'), 'utf8')).toBe('');
    expect(readdirSync(folder).toSorted()).toEqual(['a', 'b', 'empty']);
  });

  it('are listed with names of any bytes, kinds and lengths', async () => {
    await using daemon = await startDaemon();
    const host = await open(daemon.address);
    const folder = makeFilesFolder();
    writeFileSync(join(folder, 'a'), 'abc', { mode: 0o640 });
    mkdirSync(join(folder, 'd'));
    symlinkSync('a', join(folder, 'l'));
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff)]), '');
    const found = await host.readdir(folder);
    const lines = found.map(({ name, kind }) => `${Buffer.from(name as string).toString('latin1')} ${kind}`);
    expect(lines.toSorted()).toEqual(['a file', 'd folder', 'l link', '\u00ff file']);
    expect(await host.stat(join(folder, 'l'))).toMatchObject({ kind: 'file', size: 3, mode: 0o640 });
  });

  it('fail as those of node:fs do', async () => {
    await using daemon = await startDaemon();
    const host = await open(daemon.address);
    const folder = makeFilesFolder();
    mkdirSync(join(folder, 'd'));
    writeFileSync(join(folder, 'a'), 'abc');
    symlinkSync('loop', join(folder, 'loop'));
    type Files = Pick<Host, 'readdir' | 'stat'> & Pick<typeof promises, 'readFile' | 'writeFile'>;
    const calls: Readonly<Record<string, (files: Files, path: string) => Promise<unknown>>> = {
      readFile: (files, path) => files.readFile(path),
      writeFile: (files, path) => files.writeFile(path, 'new'),
      readdir: (files, path) => files.readdir(path),
      stat: (files, path) => files.stat(path),
    };
    for (const name of ['none', 'none/a', 'a/b', 'd', 'loop', 'x'.repeat(256), 'a\0b'])
      for (const [title, call] of Object.entries(calls)) {
        const path = join(folder, name);
        const ours = await failureOf(() => call(host as unknown as Files, path));
        const theirs = await failureOf(() => call(promises as unknown as Files, path));
        expect([title, name, codeFrom(ours)]).toEqual([title, name, expected(codeFrom(theirs))]);
        expect([title, name, ours === null || ours instanceof FileError]).toEqual([title, name, true]);
        if (name === 'none') rmSync(path, { force: true });
      }
    expect(await failureOf(() => host.stat(join(folder, 'none')))).toMatchObject({
      code: 'ENOENT',
      syscall: 'stat',
      path: join(folder, 'none'),
      message: expect.stringContaining('no such file or directory') as string,
    });
    expect(readdirSync(join(folder, 'd'))).toEqual([]);
  });

  it('lists a folder of 30,000 files', async () => {
    await using daemon = await startDaemon();
    const host = await open(daemon.address);
    const folder = makeFilesFolder();
    for (let n = 0; n < 30_000; n++) writeFileSync(join(folder, `file-${n}`), '');
    expect(await host.readdir(folder)).toHaveLength(30_000);
  });

  it('are copied with progress, results of entries, and an error that has the result', async () => {
    await using daemon = await startDaemon();
    const host = await open(daemon.address);
    const folder = makeFilesFolder();
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/a'), 'abc');
    writeFileSync(join(folder, 'src/b'), 'de');
    mkdirSync(join(folder, 'dst/src/b'), { recursive: true });
    const entries: string[] = [];
    const copying = host.copy(
      { local: join(folder, 'src') },
      { remote: join(folder, 'dst') },
      {
        recursive: true,
        handleEntry: ({ path, status, code }) => entries.push(`${path} ${status} ${code}`),
      },
    );
    const seen: CopyProgress[] = [];
    const watched = (async () => {
      for await (const progress of copying) seen.push(progress);
    })();
    expect(await codeOfAsync(() => watched)).toBe('FILES_INCOMPLETE');
    const error = await copying.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'FILES_INCOMPLETE', result: { copied: 1, failed: 1, bytes: 5 } });
    expect(entries.toSorted()).toEqual(['src unchanged null', 'src/a copied null', 'src/b failed EISDIR']);
    expect(copying.progress.isFinished).toBe(true);
  });

  it('are not copied any further by a signal', async () => {
    await using daemon = await startDaemon();
    const host = await open(daemon.address);
    const folder = makeFilesFolder();
    writeFileSync(join(folder, 'a'), 'a');
    const signal = AbortSignal.abort();
    const copied = host.copy({ local: join(folder, 'a') }, { remote: join(folder, 'b') }, { signal });
    const error = await copied.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CANCELED', result: { copied: 0, isFinished: false } });
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('are copied from one host to another', async () => {
    await using one = await startDaemon();
    await using other = await startDaemon();
    const from = await open(one.address);
    const to = await open(other.address);
    const folder = makeFilesFolder();
    writeFileSync(join(folder, 'a'), Buffer.alloc(3_000_000, 'data'));
    await from.copy({ remote: join(folder, 'a') }, { host: to, remote: join(folder, 'b') });
    expect(readFileSync(join(folder, 'b')).equals(Buffer.alloc(3_000_000, 'data'))).toBe(true);
    expect(await codeOfAsync(() => from.copy({ local: 'a' }, { local: 'b' }))).toBe('USAGE');
  });
});
