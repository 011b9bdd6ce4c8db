import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startChaosProxy } from '../../fixtures/chaos-proxy.ts';
import { LAUNCHER_ENVIRONMENT, REXA_LAUNCHER, startDaemon } from '../../fixtures/daemon.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const MIB = 1024 * 1024;

/** The length of the incomplete file in a folder. */
function partialBytes(folder: string): number {
  const name = readdirSync(folder).find((each) => each.includes('.rexa-'));
  return name === undefined ? 0 : statSync(join(folder, name)).size;
}

/** Makes a file that takes a moment. */
function makeLarge(path: string): Buffer {
  const block = Buffer.from(Array.from({ length: MIB }, (_, n) => (n * 7919) % 256));
  const data = Buffer.concat(Array.from({ length: 200 }, () => block));
  writeFileSync(path, data);
  return data;
}

const MANY = 2_500;

/** Makes files of which the lines are more than a pipe holds. */
function makeManyFiles(): string {
  const folder = makeFilesFolder();
  for (let n = 0; n < MANY; n++) writeFileSync(join(folder, `${'f'.repeat(100)}${n}`), '');
  return folder;
}

const summaryOf = (stdout: Buffer): unknown =>
  JSON.parse(stdout.toString().trimEnd().split('\n').at(-1) ?? '');

/** What ends a copy, with its exit status. */
const INTERRUPTIONS: readonly (readonly [what: string, status: number | string])[] = [
  ['SIGINT of the client', 130],
  ['SIGKILL of the client', 'SIGKILL'],
  ['SIGKILL of the daemon', 125],
  ['a cut of the connection', 125],
];

describe('a copy that is interrupted', () => {
  it.each(
    INTERRUPTIONS.flatMap(([what, status]) => [
      [what, 'auto', status],
      [what, 'always', status],
    ]),
  )('by %s with --compress %s is continued with --resume', async (what, compress, exitStatus) => {
    const folder = makeFilesFolder();
    const target = makeFilesFolder();
    const data = makeLarge(join(folder, 'large'));
    await using daemon = await startDaemon();
    await using network = await startChaosProxy({ path: daemon.socketPath }, 'unix', 1);
    const words = (path: string): readonly string[] => [
      'cp',
      '--json',
      '--resume',
      '--compress',
      compress,
      '--reconnect-for',
      '0s',
      join(folder, 'large'),
      `unix:${path}:${target}/`,
    ];
    const copying = startRexa(words('path' in network.place ? network.place.path : ''));
    await waitUntil('a part of the file', () => partialBytes(target) > 16 * MIB);
    if (what === 'SIGINT of the client') copying.child.kill('SIGINT');
    else if (what === 'SIGKILL of the client') copying.child.kill('SIGKILL');
    else if (what === 'SIGKILL of the daemon') await daemon.stop('SIGKILL');
    else network.cutAll();
    const { status, stderr } = await copying.exit;
    expect(readdirSync(target).every((name) => name.includes('.rexa-'))).toBe(true);
    expect(status).toBe(exitStatus);
    if (status === 130)
      expect(stderr).toMatch(/to resume, and save up to [\d.]+ MiB: rexa cp --json --resume /);
    await daemon.stop(status === 130 ? 'SIGTERM' : 'SIGKILL');
    await using next = await startDaemon();
    const again = await runRexa(words(next.socketPath));
    const { reusedBytes, bytes } = summaryOf(again.stdout) as { reusedBytes: number; bytes: number };
    expect([again.status, reusedBytes + bytes]).toEqual([0, data.length]);
    expect(reusedBytes).toBeGreaterThan(8 * MIB);
    expect(readFileSync(join(target, 'large')).equals(data)).toBe(true);
    expect(readdirSync(target)).toEqual(['large']);
  });

  it('leaves nothing beside a file that another copy has completed meanwhile', async () => {
    const folder = makeFilesFolder();
    const target = makeFilesFolder();
    const data = makeLarge(join(folder, 'large'));
    await using daemon = await startDaemon();
    await using network = await startChaosProxy({ path: daemon.socketPath }, 'unix', 1);
    const words = (path: string): readonly string[] => [
      'cp',
      '--resume',
      '--reconnect-for',
      '0s',
      join(folder, 'large'),
      `unix:${path}:${target}/`,
    ];
    const first = startRexa(words('path' in network.place ? network.place.path : ''));
    await waitUntil('a part of the file', () => partialBytes(target) > MIB);
    network.freeze();
    first.child.kill('SIGKILL');
    await first.exit;
    expect((await runRexa(words(daemon.socketPath))).status).toBe(0);
    await daemon.stop('SIGTERM');
    expect(readdirSync(target)).toEqual(['large']);
    expect(readFileSync(join(target, 'large')).equals(data)).toBe(true);
  });

  it('whose stdout takes nothing ends at the first signal', async () => {
    const folder = makeManyFiles();
    const target = makeFilesFolder();
    await using daemon = await startDaemon();
    const copying = startRexa(['cp', '-r', '--json', `${folder}/.`, `${daemon.address}:${target}`]);
    copying.child.stdout?.pause();
    await waitUntil('all files', () => readdirSync(target).length === MANY);
    copying.child.kill('SIGINT');
    await once(copying.child, 'exit');
    copying.child.stdout?.resume();
    expect((await copying.exit).status).toBe(130);
  });

  it('by nothing but a slow stdout is complete', async () => {
    const folder = makeManyFiles();
    const target = makeFilesFolder();
    await using daemon = await startDaemon();
    const copying = startRexa(['cp', '-r', '--json', `${folder}/.`, `${daemon.address}:${target}`]);
    copying.child.stdout?.pause();
    await waitUntil('all files', () => readdirSync(target).length === MANY);
    await waitUntil('the end of the receiver', () => daemon.log().includes('write-files-ended'));
    copying.child.stdout?.resume();
    const { status, stdout } = await copying.exit;
    expect([status, summaryOf(stdout)]).toEqual([0, expect.objectContaining({ copied: MANY, failed: 0 })]);
  });

  it('without --resume leaves nothing, and says so', async () => {
    const folder = makeFilesFolder();
    const target = makeFilesFolder();
    makeLarge(join(folder, 'large file'));
    await using daemon = await startDaemon();
    const copying = startRexa(['cp', 'large file', `${daemon.address}:${target}/`], { cwd: folder });
    await waitUntil('a part of the file', () => partialBytes(target) > MIB);
    copying.child.kill('SIGTERM');
    const { status, stderr } = await copying.exit;
    expect(status).toBe(143);
    expect(stderr).toContain('nothing is kept; --resume keeps incomplete files');
    expect(stderr).not.toContain('to resume');
    await waitUntil('the end of the receiver', () => readdirSync(target).length === 0);
  });

  it('prints a command that can be pasted into a shell, and that saves what it says', async () => {
    const folder = makeFilesFolder();
    const target = join(makeFilesFolder(), `it's *new*\n$HOME${'n'.repeat(200)}`, 'm'.repeat(200));
    mkdirSync(target, { recursive: true });
    const data = makeLarge(join(folder, '-large "file"'));
    await using daemon = await startDaemon();
    const words = ['cp', '-p', '--resume', '--', '-large "file"', `${daemon.address}:${target}/`];
    const copying = startRexa(words, { cwd: folder });
    await waitUntil('a part of the file', () => partialBytes(target) > 16 * MIB);
    copying.child.kill('SIGINT');
    const { status, stderr } = await copying.exit;
    const [, most = '', line = ''] = /save up to ([\d.]+) MiB: (rexa .*)\n/.exec(stderr) ?? [];
    expect([status, line]).toEqual([130, expect.stringContaining(' --resume -- ')]);
    const shell = `rexa() { "$REXA" "$@"; }; ${line.replace(' -- ', ' --json -- ')}`;
    const pasted = spawnSync('bash', ['-c', shell], {
      cwd: folder,
      env: { ...process.env, ...LAUNCHER_ENVIRONMENT, REXA: REXA_LAUNCHER },
    });
    const { reusedBytes } = summaryOf(pasted.stdout) as { reusedBytes: number };
    expect([pasted.status, reusedBytes > 8 * MIB, reusedBytes <= (Number(most) + 0.1) * MIB]).toEqual([
      0,
      true,
      true,
    ]);
    expect(readFileSync(join(target, '-large "file"')).equals(data)).toBe(true);
    expect(readdirSync(target)).toHaveLength(1);
  });
});
