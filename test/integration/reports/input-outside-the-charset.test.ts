import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { startRexaInTmux } from '../../fixtures/shell/tmux.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

let daemon: TestDaemon;
let folder = '';
beforeAll(async () => {
  daemon = await startDaemon({ env: { LANG: 'C.UTF-8', LC_ALL: undefined } });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-input-'));
  for (const name of ['a.txt', 'b.txt']) writeFileSync(join(folder, name), '');
  return () => rmSync(folder, { recursive: true, force: true });
});
afterAll(() => daemon[Symbol.asyncDispose]());

const MEANT = 'rm -v 😀.txt\n';

describe('a character on stdin that the charset of the host lacks', () => {
  it.each([
    ['gbk', MEANT, '😀 (U+1F600) at byte 6'],
    ['shiftjis', 'rm -v 한.txt\n', '한 (U+D55C) at byte 6'],
    ['iso-8859-1', `: ${'x'.repeat(100_000)}\nrm -v 日.txt\n`, '日 (U+65E5) at byte 100009'],
  ])('cancels the run in %s, and no other file is deleted', async (encoding, input, said) => {
    const words = ['run', '--encoding', encoding, '--cwd', folder, daemon.address, '--', 'bash'];
    const { status, stderr } = await runRexa(words, { input });
    expect([status, stderr]).toEqual([125, expect.stringContaining(said)]);
    expect(readdirSync(folder)).toEqual(['a.txt', 'b.txt']);
  });

  it('cancels it although the command would end well at the end of its stdin', async () => {
    const words = ['run', '--encoding', 'gbk', daemon.address, '--', 'cat'];
    const { status, stdout } = await runRexa(words, { input: '你好😀' });
    expect([status, stdout.length]).toEqual([125, 0]);
  });

  it('is a substitute where that was asked for, with a warning', async () => {
    const words = ['run', '--encoding', 'gbk', '--encoding-errors=replace', daemon.address, '--', 'cat'];
    const { status, stdout, stderr } = await runRexa(words, { input: 'x😀y' });
    expect([status, stdout.toString(), stderr]).toEqual([0, 'x?y', expect.stringContaining('was replaced')]);
  });

  it('cancels a job whose client it comes from, and leaves one that it is attached to', async () => {
    const id = `job-${Date.now()}`;
    const job = ['run', '--id', id, '--encoding', 'gbk', daemon.address, '--', 'cat'];
    expect(await runRexa(job, { input: '😀' })).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('😀 (U+1F600) at byte 0') as string,
    });
    const started = await runRexa(['run', '--detach', daemon.address, '--', 'cat']);
    const detached = started.stdout.toString().trim();
    const attach = (input: string) =>
      runRexa(['attach', '--encoding', 'gbk', daemon.address, detached], { input });
    expect(await attach('😀')).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('which keeps running: stdin has 😀 (U+1F600) at byte 0') as string,
    });
    const { status, stdout } = await attach('你好');
    expect([status, stdout.toString()]).toEqual([0, '你好']);
  });

  it('is an outcome of the library, with a code', async () => {
    await using host = await connect(daemon.address);
    const options = { encoding: 'gbk', input: 'a😀', reject: false } as const;
    expect(await host.run('cat', [], options)).toMatchObject({
      outcome: 'canceled',
      code: 'STDIN_UNMAPPABLE',
      stdout: '',
    });
    expect(await host.run('cat', [], { ...options, encodingErrors: 'replace' })).toMatchObject({
      outcome: 'exited',
      stdout: 'a?',
    });
  });
});

describe('a key that the charset of the host lacks', () => {
  it('rings the bell on a terminal, and nothing is sent', async () => {
    const words = ['run', '-t', '--encoding', 'gbk', '--cwd', folder, daemon.address, '--'];
    const shell = ['env', 'PS1=ready$ ', 'bash', '--norc', '--noprofile', '-i'];
    await using session = await startRexaInTmux([...words, ...shell]);
    await session.until(/ready\$$/);
    const written = await session.record();
    await session.type('rm -v ');
    await session.until(/rm -v$/);
    await session.type('😀');
    await waitUntil('the bell rings', () => written().includes('\x07'));
    await session.type('.txt');
    await session.until(/rm -v \.txt$/);
    await session.press('Enter');
    await session.until(/No such file/);
    expect(readdirSync(folder)).toEqual(['a.txt', 'b.txt']);
    // Keys that come while the shell still has the terminal in its own mode would not be echoed
    await session.type('echo begun; cat');
    await session.press('Enter');
    await session.until(/^begun$/m);
    await session.type('你好');
    await session.press('Enter');
    await session.until(/^你好\n你好$/m);
  });

  it('rings the bell at the line shell, for a line and for what a command reads', async () => {
    const words = ['shell', '--line', '--encoding', 'gbk', daemon.address];
    await using session = await startRexaInTmux(words);
    await session.until(/[$#]$/);
    await session.type(`cd ${folder}`);
    await session.press('Enter');
    await session.until(/rexa-input\S*[$#]$/);
    await session.type(MEANT.trim());
    await session.press('Enter');
    await session.until(/not run: the line has 😀 \(U\+1F600\), which the encoding gbk lacks/);
    // It waits to be edited
    await session.until(/# rm -v 😀.txt$/);
    expect(readdirSync(folder)).toEqual(['a.txt', 'b.txt']);
    await session.press('C-c');
    const written = await session.record();
    await session.type('read x; echo "got $x"');
    await session.press('Enter');
    await session.type('a😀b');
    await session.press('Enter');
    await session.until(/😀 \(U\+1F600\) cannot be encoded in gbk and was not sent/);
    await session.type('again');
    await session.press('Enter');
    await session.until(/^got again$/m);
    expect(written()).toContain('\x07');
  });

  it('rings the bell at an attached job, which goes on', async () => {
    const { stdout } = await runRexa(['run', '--detach', daemon.address, '--', 'cat']);
    const words = ['attach', '--encoding', 'gbk', daemon.address, stdout.toString().trim()];
    await using session = await startRexaInTmux(words);
    await session.until('interrupts it');
    await session.type('你好');
    await session.press('Enter');
    await session.until(/^你好\n你好$/m);
    await session.type('x😀');
    await session.press('Enter');
    await session.until(/was not sent/);
    await session.type('好');
    await session.press('Enter');
    await session.until(/^好\n好$/m);
    await session.press('C-d');
    expect(await session.exited()).toBe(0);
    expect(existsSync(join(folder, 'a.txt'))).toBe(true);
  });
});
