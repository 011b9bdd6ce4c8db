import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProcess } from '../../src/process/system/process-table.ts';
import { REXA, startDaemon, type TestDaemon } from '../fixtures/daemon.ts';
import { makeJobHome } from '../fixtures/jobs.ts';
import { writeNodeWithImport } from '../fixtures/node-with-import.ts';
import { startInTmux, startRexaInTmux, type TmuxOptions, type TmuxSession } from '../fixtures/shell/tmux.ts';
import { waitUntil } from '../fixtures/wait-until.ts';

let daemon: TestDaemon;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-terminal-'));
  daemon = await startDaemon({ env: { LANG: 'C.UTF-8', LC_ALL: undefined } });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** A program of the host on our terminal. */
const runInTmux = (words: readonly string[], options: TmuxOptions = {}): Promise<TmuxSession> =>
  startRexaInTmux(['run', '-t', daemon.address, '--', ...words], options);

const SHELL = ['env', 'PS1=ready$ ', 'bash', '--norc', '--noprofile', '-i'];
const PROMPT = /ready\$$/;

/** A shell with a prompt of its own. */
async function startShell(options: TmuxOptions = {}): Promise<TmuxSession> {
  const session = await runInTmux(SHELL, options);
  await session.until(PROMPT);
  return session;
}

async function enter(session: TmuxSession, line: string): Promise<void> {
  await session.type(line);
  await session.press('Enter');
}

/** The pid of the client, and of what it runs on the host. */
async function findRexa(session: TmuxSession): Promise<number> {
  const processes = [...(await session.processes())];
  const found = processes.find(
    ([args]) => args.startsWith(`${process.execPath} ${REXA}`) || args.startsWith('rexa'),
  );
  if (found === undefined) throw new Error(`no rexa among ${processes.map(([args]) => args).join('; ')}`);
  return found[1];
}

async function expectRestored(session: TmuxSession): Promise<void> {
  const modes = await session.modes();
  expect(modes).toMatch(/(?:^|\s)icanon\b/);
  expect(modes).toMatch(/(?:^|\s)echo\b/);
  expect(modes).toMatch(/(?:^|\s)opost\b/);
  expect(await session.flags()).toEqual({ otherScreen: '0', cursor: '1' });
}

const VIM = ['vim', '-u', 'NONE', '-i', 'NONE', '-N', '-n', '-c', 'set noruler noshowcmd shortmess+=FI'];

/** Waits until the screen is as it was when it was last looked at by a person; `vitest -u` keeps what it is now. */
async function expectScreen(session: TmuxSession, name: string): Promise<void> {
  const file = fileURLToPath(new URL(`../fixtures/terminal/${name}.txt`, import.meta.url));
  const kept = existsSync(file) ? readFileSync(file, 'utf8') : null;
  await waitUntil(`the screen is as in ${name}.txt`, async () => (await session.screen()) === kept).catch(
    () => undefined,
  );
  await expect(await session.screen()).toMatchFileSnapshot(file);
}

describe('a full-screen program of the host', () => {
  it('vim shows wide characters where they belong, takes them, and draws for another size', async () => {
    const file = join(folder, 'vim.txt');
    writeFileSync(file, '第一行：中文字符\nplain\n混合 mixed 文字\n');
    const words = ['run', '-t', '--cwd', folder, daemon.address, '--', ...VIM, 'vim.txt'];
    await using vim = await startRexaInTmux(words, { columns: 40, rows: 8 });
    await vim.until('混合 mixed');
    await expectScreen(vim, 'vim');
    await vim.type('jA，你好');
    await vim.until('plain，你好');
    // Five letters, and three characters of two columns each
    expect(await vim.cursor()).toEqual({ column: 11, row: 1 });
    await vim.press('Escape');
    await waitUntil('keys are commands again', async () => !(await vim.screen()).includes('INSERT'));
    await vim.resize(14, 10);
    await waitUntil('it is drawn for the new size', async () => (await vim.screen()).includes('\n符'));
    await expectScreen(vim, 'vim-narrow');
    await enter(vim, ':wq');
    expect(await vim.exited()).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('第一行：中文字符\nplain，你好\n混合 mixed 文字\n');
    await expectRestored(vim);
  });

  it('less pages, searches, and follows the size', async () => {
    const file = join(folder, 'less.txt');
    writeFileSync(file, Array.from({ length: 100 }, (_, index) => `第 ${index + 1} 行\n`).join(''));
    await using less = await runInTmux(['env', 'LESS=', 'LESSHISTFILE=-', 'less', file], {
      columns: 40,
      rows: 8,
    });
    await less.until(/第 1 行\n/);
    await less.press('Space');
    await less.until(/第 8 行\n/);
    await enter(less, '/50');
    await less.until(/^第 50 行/);
    await less.resize(40, 12);
    await less.until(/第 60 行\n:$/);
    await expectScreen(less, 'less');
    await less.press('q');
    expect(await less.exited()).toBe(0);
  });

  it('top draws for the size, and for another one', async () => {
    await using top = await runInTmux(['env', 'HOME=/nonexistent', 'top', '-d', '1'], {
      columns: 60,
      rows: 15,
    });
    await top.until(/load average[\s\S]*PID/);
    expect((await top.screen()).split('\n').length).toBeLessThanOrEqual(15);
    await top.resize(100, 12);
    await top.until(/PID +USER .*COMMAND/);
    expect((await top.screen()).split('\n').length).toBeLessThanOrEqual(12);
    await top.press('q');
    expect(await top.exited()).toBe(0);
    await expectRestored(top);
  });
});

describe('a shell of the host', () => {
  it('is a login shell in the home folder, and its exit status is ours', async () => {
    await using session = await startRexaInTmux(['shell', daemon.address]);
    await session.until(/[#$]$/);
    await enter(session, 'clear; shopt login_shell; test "$PWD" = "$HOME" && echo at home; exit 7');
    expect(await session.exited()).toBe(7);
    const screen = await session.screen();
    expect(screen).toMatch(/login_shell\s+on/);
    expect(screen).toContain('at home');
    expect(screen).toContain('rexa: the shell on unix:');
    expect(screen).not.toContain('job control');
    await expectRestored(session);
  });

  it('is what rexa HOST and rexa ssh HOST open without a command', async () => {
    for (const words of [
      [daemon.address],
      ['ssh', daemon.address],
      ['ssh', '-t', daemon.address, 'bash --norc'],
    ]) {
      await using session = await startRexaInTmux(words);
      await session.until(/[#$]$/);
      await enter(session, 'tty; exit 5');
      expect(await session.exited()).toBe(5);
      expect(await session.screen()).toMatch(/\/dev\/pts\/\d/);
    }
  });

  it('shows Chinese text as it is typed, and takes whole characters back', async () => {
    await using session = await startShell({ columns: 40 });
    await session.type('echo 你好，世界');
    await session.until('echo 你好，世界');
    // The prompt, a word, a space, and five characters of two columns
    expect(await session.cursor()).toEqual({ column: 7 + 5 + 10, row: 0 });
    await session.press('BSpace');
    await waitUntil('two columns are free', async () => (await session.cursor()).column === 20);
    await session.press('Enter');
    await session.until('\n你好，世\n');
    await expectScreen(session, 'typed');
  });

  it('has its prompt back when Ctrl-C is pressed in a flood', async () => {
    await using session = await startShell();
    for (let time = 0; time < 3; time++) {
      await enter(session, `yes ${time}`);
      await session.until(new RegExp(`${time}\n${time}\n${time}\n`));
      await session.press('C-c');
      await session.until(PROMPT);
    }
    await enter(session, 'clear; echo $((6 * 7))');
    await session.until(/^42\nready\$$/);
  });

  it('ends although jobs run, and warns of stopped ones first, as anywhere', async () => {
    await using session = await startShell();
    const jobs: number[] = [];
    for (const number of [1, 2]) {
      await enter(session, `sh -c 'echo $$ is $((41 + ${number})); exec sleep 1000'`);
      const shown = new RegExp(`^(\\d+) is ${41 + number}$`, 'm');
      await session.until(shown);
      jobs.push(Number(shown.exec(await session.screen())?.[1]));
      await session.press('C-z');
      await session.until(`[${number}]+  Stopped`);
    }
    await enter(session, 'bg');
    await session.until('[2]+ sh -c');
    await enter(session, 'clear; exit');
    await session.until('There are stopped jobs');
    await enter(session, 'exit');
    expect(await session.exited()).toBe(1);
    await expectRestored(session);
    // One that runs outlives its shell, as anywhere
    for (const job of jobs) if (readProcess(job) !== null) process.kill(job, 'SIGKILL');
  });

  it('hears the size of the window, and its changes', async () => {
    await using session = await startShell({ columns: 70, rows: 20 });
    await enter(session, 'clear; stty size');
    await session.until('20 70');
    await session.resize(90, 30);
    await enter(session, 'clear; stty size');
    await session.until('30 90');
  });
});

describe('escapes', () => {
  it('~. leaves: the session is hung up, and what vim has made of our terminal is taken back', async () => {
    await using session = await startShell();
    await enter(session, 'echo pid $$; vim -u NONE -i NONE');
    await session.until('VIM - Vi IMproved');
    await session.press('Escape', 'Enter');
    await session.type('~.');
    expect(await session.exited()).toBe(125);
    await expectRestored(session);
    const shell = Number(/pid (\d+)/.exec(await session.screen())?.[1]);
    await waitUntil('the shell is gone', () => readProcess(shell)?.isAlive !== true);
  });

  it('~? and ~# say what they are asked for, and typing goes on', async () => {
    await using session = await startShell({ columns: 120 });
    await session.type('~?');
    await session.until(/Supported escape sequences:\n ~\. +disconnect[\s\S]*stty sane/);
    await session.type('~#');
    await session.until(daemon.address);
    await session.type('~~');
    await enter(session, '; echo typed');
    await session.until(/~; echo typed\n[\s\S]*typed\n/);
  });

  it('are with another character, or not at all', async () => {
    await using other = await startRexaInTmux([
      'run',
      '-t',
      '--escape',
      '^]',
      daemon.address,
      '--',
      ...SHELL,
    ]);
    await other.until(PROMPT);
    await other.press('C-]');
    await other.type('.');
    expect(await other.exited()).toBe(125);
    await using none = await startRexaInTmux([
      'ssh',
      '-e',
      'none',
      '-t',
      daemon.address,
      'echo ready; exec cat',
    ]);
    await none.until('ready');
    await none.type('~.');
    await none.until('~.');
    await none.press('Enter', 'C-d');
    expect(await none.exited()).toBe(0);
  });

  it('~^Z suspends rexa in its shell, and fg comes back', async () => {
    await using outer = await startInTmux(['bash', '--norc', '--noprofile', '-i'], {
      env: { PS1: 'outer> ' },
      // Paths that are long must not break the words that are waited for
      columns: 200,
    });
    await outer.until(/outer>$/);
    const words = ['run', '-t', daemon.address, '--', ...SHELL].map((word) => `'${word}'`).join(' ');
    await enter(outer, `clear; ${process.execPath} ${REXA} ${words}`);
    await outer.until(PROMPT);
    await outer.type('~');
    await outer.press('C-z');
    await outer.until(/Stopped[\s\S]*outer>$/);
    await enter(outer, 'clear; stty -a | grep -o -e "-*opost"');
    await outer.until(/^opost\nouter>$/);
    await enter(outer, 'clear; fg');
    await outer.until(/run/);
    await waitUntil('rexa has the terminal again', async () => (await outer.modes()).includes('-opost'));
    await enter(outer, 'echo back $((40 + 2))');
    await outer.until(/back 42\nready\$$/);
  });
});

describe('our own terminal', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('is given back after %s, out of vim', async (signal, status) => {
    await using session = await runInTmux(['vim', '-u', 'NONE', '-i', 'NONE']);
    await session.until('VIM - Vi IMproved');
    process.kill(await findRexa(session), signal);
    expect(await session.exited()).toBe(status);
    await expectRestored(session);
  });

  it('is given back after a mistake in rexa itself', async () => {
    const file = join(folder, 'crash.mjs');
    writeFileSync(file, "process.on('SIGUSR2', () => { throw new Error('a mistake'); });");
    await using session = await runInTmux(['vim', '-u', 'NONE', '-i', 'NONE'], {
      env: { NODE_OPTIONS: `--import ${file}` },
    });
    await session.until('VIM - Vi IMproved');
    process.kill(await findRexa(session), 'SIGUSR2');
    expect(await session.exited()).not.toBe(0);
    await expectRestored(session);
  });

  it('is as it was when the host goes away', async () => {
    await using other = await startDaemon();
    await using session = await startRexaInTmux([
      'run',
      '-t',
      '--reconnect-for',
      '1s',
      other.address,
      '--',
      'vim',
      '-u',
      'NONE',
      '-i',
      'NONE',
    ]);
    await session.until('VIM - Vi IMproved');
    await other.stop('SIGKILL');
    expect(await session.exited()).toBe(125);
    expect(await session.screen()).toContain('lost');
    await expectRestored(session);
  });

  it('is not given back after SIGKILL, and the next rexa says how to', async () => {
    const again = ['run', '-t', daemon.address, '--', 'echo', 'here'].map((word) => `'${word}'`).join(' ');
    await using session = await runInTmux(['cat'], {
      redirection: `; env TERM=screen ${process.execPath} ${REXA} ${again}`,
      columns: 400,
    });
    await waitUntil('it is raw', async () => (await session.modes()).includes('-icanon'));
    process.kill(await findRexa(session), 'SIGKILL');
    expect(await session.exited()).toBe(0);
    expect(await session.screen()).toMatch(/already in raw mode[\s\S]*stty sane[\s\S]*here/);
  });

  it('is as it was when the program ends before the terminal was taken whole', async () => {
    // The first stty only looks; the second one changes, and is late
    const [began, late] = [join(folder, 'began'), join(folder, 'late')];
    mkdirSync(late);
    const slow = `#!/bin/sh\ncase $1 in -opost) touch ${began}; sleep 0.5 ;; esac\nexec /bin/stty "$@"\n`;
    writeFileSync(join(late, 'stty'), slow, { mode: 0o755 });
    const program = `until test -e ${began}; do sleep 0.01; done`;
    await using session = await runInTmux(['sh', '-c', program], {
      env: { PATH: `${late}:${process.env['PATH']}` },
      // Without job control nobody but rexa mends the terminal, or keeps others from changing it
      redirection: '; sleep 1',
    });
    expect(await session.exited()).toBe(0);
    await expectRestored(session);
  });

  it('is left alone where nothing was started', async () => {
    await using session = await runInTmux(['no-such-program']);
    expect(await session.exited()).toBe(127);
    expect(await session.screen()).toContain("rexa: no program named 'no-such-program'");
    await expectRestored(session);
  });
});

describe('a host that has no terminal to give', () => {
  it('gives the line shell, and a word about it', async () => {
    const hooks = join(folder, 'no-koffi.mjs');
    writeFileSync(
      hooks,
      `import { registerHooks } from 'node:module';
       registerHooks({ resolve(name, context, next) {
         if (name === 'koffi') throw new Error('there is none');
         return next(name, context);
       } });`,
    );
    const bin = join(folder, 'bin');
    if (!existsSync(bin)) {
      const { symlinkSync } = await import('node:fs');
      mkdirSync(bin);
      for (const name of ['sh', 'bash', 'rm', 'mkdir', 'cat', 'sed', 'tail', 'mktemp'])
        symlinkSync(`/bin/${name}`, join(bin, name));
    }
    await using home = makeJobHome();
    await using poor = await startDaemon({
      env: { ...home.env, REXA_NODE: writeNodeWithImport(folder, hooks), PATH: bin },
    });
    for (const words of [['shell', poor.address], [poor.address]]) {
      await using session = await startRexaInTmux(words, { columns: 200 });
      await session.until(/this host cannot open a terminal[\s\S]*: using the line shell/);
      await session.until(/[#$]$/);
      await enter(session, 'exit 4');
      expect(await session.exited()).toBe(4);
    }
  });
});
