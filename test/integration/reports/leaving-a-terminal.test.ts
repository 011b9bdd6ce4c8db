import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProxy, startChaosProxy } from '../../fixtures/chaos-proxy.ts';
import { REXA, startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { startInTmux, startRexaInTmux, type TmuxSession } from '../../fixtures/shell/tmux.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

let daemon: TestDaemon;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-leaving-'));
  daemon = await startDaemon({ env: { LANG: 'C.UTF-8', LC_ALL: undefined } });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const SHELL = ['env', 'PS1=ready$ ', 'bash', '--norc', '--noprofile', '-i'];

/** What a command makes of the terminal before it waits, and what takes that back. */
const SET = String.raw`\033[>4;2m\033[>1u\033[3;8r\033[4h\033[?7l\033[6 q\033[?25l\033[?1003;1006;1016;2004;2031;2048h\033]12;red\007\033[22;0t\033)0`;
const UNDO = [
  '\x1b[>4m',
  '\x1b[<1u',
  '\x1b7\x1b[r\x1b8',
  '\x1b[4l',
  '\x1b[?7h',
  '\x1b[0 q',
  '\x1b[?25h',
  ...[1003, 1006, 1016, 2004, 2031, 2048].map((mode) => `\x1b[?${mode}l`),
  '\x1b]112\x1b\\',
  '\x1b[23;0t',
  '\x1b)B',
];

describe('the local terminal after a session', () => {
  /** @param line behind what sets the modes @param end what ends the session */
  async function isMended(
    words: readonly string[],
    line: string,
    end: (session: TmuxSession) => Promise<unknown>,
  ): Promise<void> {
    const command = ['run', '-t', ...words, daemon.address, '-c', `read go; printf '${SET}ready'; ${line}`];
    await using session = await startRexaInTmux(command);
    const written = await session.record();
    await session.press('Enter');
    await waitUntil('the modes are set', () => written().includes('ready'));
    await end(session);
    await waitUntil('all is undone', () => UNDO.every((undo) => written().includes(undo)));
  }

  it.each<[string, readonly string[], string, (session: TmuxSession) => Promise<unknown>]>([
    ['was left by ~.', [], 'sleep 1000', (session) => session.type('~.')],
    ['has timed out', ['--timeout', '3s', '--kill-after', '1s'], 'sleep 1000', async () => undefined],
    ['was killed on the host', [], 'read x; kill -9 $$', (session) => session.press('Enter')],
    ['has ended by itself', [], 'read x; exit 0', (session) => session.press('Enter')],
  ])('is as it was when the session %s', (_what, words, line, end) => isMended(words, line, end));

  it('is as it was when the connection is lost for good', async () => {
    await using network = await startChaosProxy({ path: daemon.socketPath }, 'unix', 1);
    const { path } = network.place as { readonly path: string };
    const line = `read go; printf '${SET}ready'; sleep 1000`;
    await using session = await startRexaInTmux([
      'run',
      '-t',
      '--reconnect-for',
      '1s',
      `unix:${path}`,
      '-c',
      line,
    ]);
    const written = await session.record();
    await session.press('Enter');
    await waitUntil('the modes are set', () => written().includes('ready'));
    network.refuse();
    network.cutAll();
    await session.exited();
    await waitUntil('all is undone', () => UNDO.every((undo) => written().includes(undo)));
  });

  it('is out of the string that was begun, before anything is said', async () => {
    await using session = await startRexaInTmux([
      'run',
      '-t',
      daemon.address,
      '-c',
      String.raw`read go; printf 'x\033]52;c;AAAA'; sleep 1000`,
    ]);
    const written = await session.record();
    await session.press('Enter');
    await waitUntil('the string has begun', () => written().includes(']52;c;AAAA'));
    await session.type('~#');
    await session.type('\r~.');
    await session.until(/disconnected from/);
    // Nothing of ours stands between the string and what ends it
    expect(written()).toContain(']52;c;AAAA\x18\x1b\\');
  });
});

describe('~.', () => {
  it('says from where it has disconnected, and what became of the program', async () => {
    await using session = await startRexaInTmux(
      ['run', '-t', daemon.address, '--', 'sh', '-c', 'echo up; sleep 1000'],
      { columns: 200 },
    );
    await session.until(/^up$/m);
    await session.type('~.');
    await session.until(/rexa: disconnected from \S+: the program was ended by SIGHUP/);
    expect(await session.exited()).toBe(125);
    expect(await session.screen()).not.toMatch(/lost|may or may not/);
  });

  it('is text in a bracketed paste', async () => {
    await using session = await startRexaInTmux(['run', '-t', daemon.address, '--', ...SHELL]);
    await session.until(/ready\$$/);
    await session.paste('echo a\n~.\necho b', true);
    await session.until(/~\.\s+echo b$/);
  });
});

describe('a connection that is lost on a terminal without another screen', () => {
  function cut(network: ChaosProxy): void {
    network.refuse();
    network.cutAll();
  }

  it.each([
    ['with room below', 3],
    ['that is full', 40],
  ])('leaves all of the screen %s', async (_what, lines) => {
    await using network = await startChaosProxy({ path: daemon.socketPath }, 'unix', 1);
    const { path } = network.place as { readonly path: string };
    await using session = await startInTmux(
      [process.execPath, REXA, 'run', '-t', `unix:${path}`, '--', ...SHELL],
      { columns: 110, rows: 12 },
    );
    await session.option('alternate-screen', 'off');
    await session.until(/ready\$$/);
    await session.type(`seq ${lines}; echo $((40 + 2))`);
    await session.press('Enter');
    await session.until(/^42\nready\$$/m);
    const before = (await session.screen()).split('\n');
    cut(network);
    await session.until(/rexa: connection lost, retrying in/);
    expect((await session.screen()).split('\n').filter((row) => row === '42')).toHaveLength(1);
    network.accept();
    await session.type('echo $((20 + 3))');
    await session.press('Enter');
    await session.until(/^23\nready\$$/m);
    const after = await session.screen();
    expect(after).not.toContain('is lost');
    // The rows above are as they were, and only what is new has moved the first ones out
    const rows = [...before.slice(0, -1), 'ready$ echo $((20 + 3))', '23', 'ready$'];
    expect(after.split('\n')).toEqual(rows.slice(-12));
    await session.type('exit');
    await session.press('Enter');
    expect(await session.exited()).toBe(0);
  });
});

describe('a job that somebody is attached to', () => {
  it('goes on behind Ctrl-C, which is announced', async () => {
    const { stdout } = await runRexa(['run', '--detach', daemon.address, '--', 'sleep', '1000']);
    const job = stdout.toString().trim();
    await using session = await startRexaInTmux(['attach', daemon.address, job], { columns: 200 });
    await session.until(/attached to the job \S+: Ctrl-C detaches, and the job continues; rexa kill -s INT/);
    await session.press('C-c');
    await session.until(/detached from the job \S+, which continues; to attach again: rexa attach/);
    expect(await session.exited()).toBe(130);
    const jobs = await runRexa(['jobs', daemon.address]);
    expect(jobs.stdout.toString()).toMatch(new RegExp(`${job}.*running`));
    await using asked = await startRexaInTmux(['attach', '--forward-signals', daemon.address, job], {
      columns: 200,
    });
    await asked.until(/Ctrl-C interrupts it/);
    await asked.press('C-c');
    expect(await asked.exited()).toBe(130);
    const ended = await runRexa(['wait', daemon.address, job]);
    expect(ended.status).toBe(130);
  });
});
