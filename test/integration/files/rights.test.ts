import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, type Host } from '../../../src/client/index.ts';
import { codeOfAsync, fixtureText } from '../../fixtures/auth/fixtures.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import { startTlsDaemon, type TlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine } from '../../fixtures/tls-run.ts';

async function logIn(daemon: TlsDaemon): Promise<Host> {
  const host = await connect(`tls://127.0.0.1:${daemon.port}#${daemon.fingerprint}`, {
    config: false,
    agent: null,
    identities: [{ text: fixtureText('keys/ed25519'), name: 'ed25519' }],
  });
  onTestFinished(() => host.close());
  return host;
}

const DENIED = 'NOT_PERMITTED';
const FAILED = 'FILES_INCOMPLETE';

describe('files by a key over TLS', () => {
  it.each<
    [
      options: string,
      readIn: string | null,
      readOut: string | null,
      writeIn: string | null,
      writeOut: string | null,
    ]
  >([
    ['', null, null, null, null],
    ['restrict', DENIED, DENIED, DENIED, DENIED],
    ['command="true"', DENIED, DENIED, DENIED, DENIED],
    ['restrict,rexa-files="read:IN"', null, DENIED, DENIED, DENIED],
    ['restrict,rexa-files="write:IN"', DENIED, DENIED, null, DENIED],
    ['command="true",rexa-files="read:IN",rexa-files="write:IN"', null, DENIED, null, DENIED],
    ['rexa-files="read:IN"', null, DENIED, DENIED, DENIED],
    ['restrict,rexa-files="read:/"', null, null, DENIED, DENIED],
  ])('with the options %j', async (options, readIn, readOut, writeIn, writeOut) => {
    const folder = makeFilesFolder();
    const inside = join(folder, 'in');
    mkdirSync(inside);
    writeFileSync(join(inside, 'a'), 'a');
    writeFileSync(join(folder, 'secret'), 'secret');
    const line = `${options.replaceAll('IN', inside)} ${publicLine('ed25519')}`.trim();
    await using daemon = await startTlsDaemon({ lines: [line] });
    const host = await logIn(daemon);
    const local = join(folder, 'local');
    const codes = [
      await codeOfAsync(() => host.copy({ remote: join(inside, 'a') }, { local })),
      await codeOfAsync(() => host.copy({ remote: join(folder, 'secret') }, { local })),
      await codeOfAsync(() => host.copy({ local: join(inside, 'a') }, { remote: join(inside, 'b') })),
      await codeOfAsync(() => host.copy({ local: join(inside, 'a') }, { remote: join(folder, 'c') })),
    ];
    expect(codes).toEqual([readIn, readOut, writeIn, writeOut]);
  });

  it('leave the permitted folder by no symlink, and need a right to follow them', async () => {
    const folder = makeFilesFolder();
    const inside = join(folder, 'in');
    mkdirSync(join(inside, 'tree'), { recursive: true });
    writeFileSync(join(folder, 'secret'), 'secret');
    symlinkSync('..', join(inside, 'up'));
    symlinkSync('../../secret', join(inside, 'tree/link'));
    const line = `restrict,rexa-files="read:${inside}",rexa-files="write:${inside}" ${publicLine('ed25519')}`;
    await using daemon = await startTlsDaemon({ lines: [line] });
    const host = await logIn(daemon);
    const local = join(folder, 'local');
    writeFileSync(local, 'local');
    expect([
      await codeOfAsync(() => host.copy({ remote: join(inside, 'up/secret') }, { local })),
      await codeOfAsync(() => host.copy({ remote: join(inside, 'tree/link') }, { local }, { follow: true })),
      await codeOfAsync(() => host.copy({ local }, { remote: join(inside, 'up/x') })),
      await codeOfAsync(() => host.copy({ remote: `${inside}/../secret` }, { local })),
    ]).toEqual([FAILED, DENIED, 'FILES_TARGET', DENIED]);
    await host.copy({ remote: join(inside, 'tree') }, { local: join(folder, 'tree') }, { recursive: true });
    expect(readFileSync(local, 'utf8')).toBe('local');
  });

  it.each<[right: string, follow: boolean, resume: boolean, list: boolean]>([
    ['rexa-files="read:IN"', true, true, true],
    ['rexa-files="write:IN"', true, true, true],
    ['rexa-files="read:IN",rexa-files="write:IN"', true, false, false],
  ])('with the option %s alone, need a right to see what is there', async (right, ...denied) => {
    const inside = join(makeFilesFolder(), 'in');
    mkdirSync(join(inside, 'a'), { recursive: true });
    await using daemon = await startTlsDaemon({
      lines: [`${right.replaceAll('IN', inside)} ${publicLine('ed25519')}`],
    });
    const host = await logIn(daemon);
    const local = makeFilesFolder();
    const list = { recursive: true, delete: true, dryRun: true };
    const codes = [
      await codeOfAsync(() => host.copy({ remote: inside }, { local }, { recursive: true, follow: true })),
      await codeOfAsync(() => host.copy({ local }, { remote: inside }, { recursive: true, resume: true })),
      await codeOfAsync(() => host.copy({ local }, { remote: inside }, list)),
    ];
    expect(codes).toEqual(denied.map((isDenied) => (isDenied ? DENIED : null)));
  });

  it('are audited with names, sizes and hashes', async () => {
    const folder = makeFilesFolder();
    const audit = join(folder, 'audit');
    writeFileSync(join(folder, 'a'), 'abc');
    await using daemon = await startTlsDaemon({ lines: [publicLine('ed25519')], words: ['--audit', audit] });
    const host = await logIn(daemon);
    await host.copy({ local: join(folder, 'a') }, { remote: join(folder, 'b') });
    await host.copy({ remote: join(folder, 'b') }, { local: join(folder, 'c') });
    await host.close();
    const file = {
      kind: 'file',
      path: join(folder, 'b'),
      size: 3,
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    };
    const lines = readFileSync(audit, 'utf8').trimEnd().split('\n');
    const found = lines
      .map((line) => JSON.parse(line) as { readonly event: string })
      .filter(({ event }) => event.includes('files'));
    expect(found).toMatchObject([
      { event: 'write-files-started', path: join(folder, 'b') },
      { event: 'files-written', files: [file] },
      { event: 'write-files-ended', files: 1, bytes: 3, reason: null },
      { event: 'read-files-started', paths: [join(folder, 'b')] },
      { event: 'files-read', files: [file] },
      { event: 'read-files-ended', files: 1, bytes: 3, reason: null },
    ]);
  });
});
