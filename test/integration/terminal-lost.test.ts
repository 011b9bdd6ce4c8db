import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProxy, startChaosProxy } from '../fixtures/chaos-proxy.ts';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts';
import { startRexaInTmux, type TmuxSession } from '../fixtures/shell/tmux.ts';
import { waitUntil } from '../fixtures/wait-until.ts';

let daemon: TestDaemon;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-terminal-lost-'));
  daemon = await startDaemon({ env: { LANG: 'C.UTF-8', LC_ALL: undefined } });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const SHELL = ['env', 'PS1=ready$ ', 'bash', '--norc', '--noprofile', '-i'];
/** As long as 110 columns have room for it; the host may follow. */
const LOST = /^rexa: connection lost, retrying in \d+ s \(~\. quits, ~R retries now\)/m;

/** A program of the host on our terminal, over a network that can be cut. */
async function startOver(proxy: ChaosProxy, words: readonly string[]): Promise<TmuxSession> {
  const { path } = proxy.place as { readonly path: string };
  return startRexaInTmux(['run', '-t', '--cwd', folder, `unix:${path}`, '--', ...words], {
    columns: 110,
    rows: 12,
  });
}

const openNetwork = (): Promise<ChaosProxy> => startChaosProxy({ path: daemon.socketPath }, 'unix', 1);

function cut(proxy: ChaosProxy): void {
  proxy.refuse();
  proxy.cutAll();
}

/** Waits until the screen, and where the cursor stands on it, are as they were. */
async function untilSame(session: TmuxSession, screen: string, cursor: object): Promise<void> {
  const look = async () => ({ screen: await session.screen(), cursor: await session.cursor() });
  await waitUntil('the screen is the same', async () => {
    const now = await look();
    return now.screen === screen && JSON.stringify(now.cursor) === JSON.stringify(cursor);
  }).catch(async () => expect(await look()).toEqual({ screen, cursor }));
}

describe('a session that loses its connection', () => {
  it('says so on its terminal, and a shell has the same screen after', async () => {
    await using network = await openNetwork();
    await using shell = await startOver(network, SHELL);
    await shell.until(/ready\$$/);
    await shell.type('seq 20; echo 你好');
    await shell.press('Enter');
    await shell.until(/你好\nready\$$/);
    const [screen, cursor] = [await shell.screen(), await shell.cursor()];
    cut(network);
    await shell.until(LOST);
    // Typed meanwhile, and seen after
    await shell.type('echo typed');
    network.accept();
    await shell.until(/你好\nready\$ echo typed$/);
    for (let time = 0; time < 'echo typed'.length; time++) await shell.press('BSpace');
    await untilSame(shell, screen, cursor);
    expect(await shell.flags()).toEqual({ otherScreen: '0', cursor: '1' });
    await shell.type('exit 3');
    await shell.press('Enter');
    expect(await shell.exited()).toBe(3);
  });

  it('shows vim as it was, and vim goes on', async () => {
    writeFileSync(
      join(folder, 'lost.txt'),
      Array.from({ length: 30 }, (_, row) => `第 ${row + 1} 行\n`).join(''),
    );
    await using network = await openNetwork();
    const words = ['-u', 'NONE', '-i', 'NONE', '-N', '-n', '-c', 'set noruler noshowcmd', 'lost.txt'];
    await using vim = await startOver(network, ['vim', ...words]);
    await vim.until('第 11 行');
    await vim.type('5GA，你好');
    await vim.until('第 5 行，你好');
    await vim.until('-- INSERT --');
    const [screen, cursor] = [await vim.screen(), await vim.cursor()];
    cut(network);
    await vim.until(LOST);
    expect(await vim.screen()).toContain('第 5 行，你好');
    network.accept();
    await untilSame(vim, screen, cursor);
    await vim.type('！');
    await vim.until('第 5 行，你好！');
  });

  it('is left by ~. while it has none, and ~R asks at once', async () => {
    await using network = await openNetwork();
    await using shell = await startOver(network, SHELL);
    await shell.until(/ready\$$/);
    cut(network);
    await shell.until(LOST);
    network.accept();
    await shell.type('~R');
    await shell.until(/ready\$$/);
    const taken = network.taken;
    await shell.type('~R');
    await waitUntil('another connection is made', () => network.taken > taken);
    await shell.type('echo $((40 + 2))');
    await shell.press('Enter');
    await shell.until(/^42$/m);
    cut(network);
    await shell.until(LOST);
    await shell.type('~.');
    expect(await shell.exited()).toBe(125);
    const screen = await shell.screen();
    expect(screen).toMatch(/^42$/m);
    expect(screen).not.toMatch(LOST);
  });
});
