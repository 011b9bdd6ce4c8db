import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts';
import { startShellInTmux, type TmuxOptions, type TmuxSession } from '../fixtures/shell/tmux.ts';
import { waitUntil } from '../fixtures/wait-until.ts';

/** A row that a prompt begins: how the line before ended, host, folder, sign. */
const PROMPT = /^(?:\[[^\]]+\] )?[\w.-]+:\S*[#$](?: |$)/;

let daemon: TestDaemon;
/** Where shells keep their state: a daemon that is killed leaves it there. */
let temporary = '';
beforeAll(async () => {
  temporary = mkdtempSync(join(tmpdir(), 'rexa-line-shell-'));
  daemon = await startDaemon({ env: { TMPDIR: temporary } });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(temporary, { recursive: true, force: true });
});

/** A shell on a cleared terminal, in the folder `w` of the session's own. */
async function startShell(options: TmuxOptions = {}): Promise<TmuxSession> {
  const shell = await startShellInTmux(daemon.address, { columns: 140, ...options });
  try {
    mkdirSync(join(shell.folder, 'w'));
    await shell.until(/[#$]$/);
    await shell.type(` cd ${join(shell.folder, 'w')}`);
    await shell.press('Enter');
    await shell.until(/\/w[#$]$/);
    await shell.press('C-l');
    await waitUntil('the terminal is cleared', async () => (await readRows(shell)).length === 1);
    return shell;
  } catch (error) {
    await shell[Symbol.asyncDispose]();
    throw error;
  }
}

/** The rows of the screen, with `$` for each prompt: `[2] $ echo x`. */
async function readRows(shell: TmuxSession): Promise<string[]> {
  const screen = await shell.screen();
  return screen.split('\n').map((row) => row.replace(/^((?:\[[^\]]+\] )?)[\w.-]+:\S*[#$](?= |$)/, '$1$$'));
}

/** Types a line and waits for the prompt behind it. */
async function runLine(shell: TmuxSession, line: string): Promise<void> {
  const before = await countPrompts(shell);
  await shell.type(line);
  await shell.press('Enter');
  await untilPrompts(shell, before + 1);
}

async function countPrompts(shell: TmuxSession): Promise<number> {
  return (await shell.screen()).split('\n').filter((row) => PROMPT.test(row)).length;
}

async function untilPrompts(shell: TmuxSession, count: number): Promise<void> {
  try {
    await waitUntil(`${count} prompts`, async () => (await countPrompts(shell)) === count);
  } catch (error) {
    throw new Error(`${(error as Error).message}; the screen shows:\n${await shell.screen()}`, {
      cause: error,
    });
  }
}

/** Waits until the rows of the screen are these. */
async function untilRows(shell: TmuxSession, rows: readonly string[]): Promise<void> {
  const expected = rows.join('\n');
  await waitUntil(
    'the screen is as expected',
    async () => (await readRows(shell)).join('\n') === expected,
  ).catch(async () => expect(await readRows(shell)).toEqual(rows));
}

/** Whether somebody listens on a socket; the file of a daemon that was killed stays. */
async function answers(socketPath: string): Promise<boolean> {
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe('the state of the line shell', () => {
  it('stays from line to line', async () => {
    await using shell = await startShell();
    await runLine(
      shell,
      'mkdir sub; cd sub; x=1; export Y="a b"; f() { echo "f: $x"; }; alias ll="echo alias"',
    );
    expect(await shell.screen()).toMatch(/\/w\/sub[#$]$/);
    await runLine(shell, 'f; ll; echo "$Y"; sh -c \'echo "$Y"\'; cd - >/dev/null; umask 027; false');
    await runLine(shell, `echo $? $(umask) \${PWD##*/} $x`);
    await untilRows(shell, [
      '$ mkdir sub; cd sub; x=1; export Y="a b"; f() { echo "f: $x"; }; alias ll="echo alias"',
      '$ f; ll; echo "$Y"; sh -c \'echo "$Y"\'; cd - >/dev/null; umask 027; false',
      'f: 1',
      'alias',
      'a b',
      'a b',
      `[1] $ echo $? $(umask) \${PWD##*/} $x`,
      '1 0027 w 1',
      '$',
    ]);
  });

  it('is what it was before a line that was killed, and a line may redirect all it says', async () => {
    await using shell = await startShell();
    await runLine(shell, 'x=1');
    await runLine(shell, 'x=2; kill -9 $$');
    await runLine(shell, 'exec >out 2>&1; echo "x is $x"; cd /usr');
    await runLine(shell, 'cat "$OLDPWD/out"');
    await untilRows(shell, [
      '$ x=1',
      '$ x=2; kill -9 $$',
      'rexa: the line was ended by SIGKILL; the state of the shell is as before',
      '[SIGKILL] $ exec >out 2>&1; echo "x is $x"; cd /usr',
      '$ cat "$OLDPWD/out"',
      'x is 1',
      '$',
    ]);
  });

  it('survives set -e, which ends the line and not the shell', async () => {
    await using shell = await startShell();
    await runLine(shell, 'set -e');
    await runLine(shell, 'false; echo no');
    await runLine(shell, 'set +e; echo still here');
    await untilRows(shell, [
      '$ set -e',
      '$ false; echo no',
      'rexa: the line was ended by set -e; the shell continues',
      '[1] $ set +e; echo still here',
      'still here',
      '$',
    ]);
  });

  it('is not lost with the connection', async () => {
    await using own = await startDaemon({ env: { TMPDIR: temporary } });
    await using shell = await startShellInTmux(own.address, { columns: 300 });
    await shell.until(/[#$]$/);
    await shell.type('cd /usr; x=kept');
    await shell.press('Enter');
    await shell.until(/:\/usr[#$]$/);
    await own.stop('SIGKILL');
    await shell.until(/was lost: .*; the next line reconnects\n.*:\/usr[#$]$/);
    await using again = await startDaemon({
      words: ['--listen', own.address],
      env: { TMPDIR: temporary },
    });
    await waitUntil('the new daemon answers', () => answers(own.socketPath));
    await shell.type('echo $x; pwd; sleep 100');
    await shell.press('Enter');
    await shell.until('kept\n/usr\n');
    await again.stop('SIGKILL');
    await shell.until(/rexa: lost: .*may or may not have run\n\[lost\] \S+:\/usr[#$]$/s);
    await shell.type('echo never');
    await shell.press('Enter');
    // What was not run stands at the prompt again
    await shell.until(/rexa: not run: .*\[unreachable\] \S+:\/usr[#$] echo never$/s);
  });

  it('is not made up: a line is not run in another folder than it was meant for', async () => {
    await using shell = await startShell();
    await runLine(shell, 'mkdir gone; cd gone; rmdir "$PWD"');
    await shell.type('touch x');
    await shell.press('Enter');
    await shell.until(/not run: the working directory no longer exists; .*:~[#$] touch x$/s);
  });
});

describe('the way out', () => {
  it.each([
    ['exit 3', 3],
    ['exec sh -c "exit 4"', 4],
    ['(exit 9); trap "exit 7" EXIT; exit 5', 7],
  ])('is %s, with its status', async (line, status) => {
    await using shell = await startShell();
    await shell.type(line);
    await shell.press('Enter');
    expect(await shell.exited()).toBe(status);
  });

  it('is Ctrl-D, with the status of the last line, and what the user wants at the end is done', async () => {
    await using shell = await startShell();
    await runLine(shell, 'trap "echo bye" EXIT');
    await runLine(shell, 'false');
    await shell.press('C-d');
    expect(await shell.exited()).toBe(1);
    await untilRows(shell, ['$ trap "echo bye" EXIT', '$ false', '[1] $ exit', 'bye', '[left with 1]']);
  });

  it('leaves nothing on the host', async () => {
    await using shell = await startShell();
    await runLine(shell, 'tr "\\0" "\\n" </proc/$$/environ | sed -n "s/^_rexa_folder=//p"');
    const folder = (await readRows(shell))[1] ?? '';
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o600);
    await shell.press('C-d');
    await shell.exited();
    expect(existsSync(folder)).toBe(false);
  });
});

describe('Ctrl-C', () => {
  // A shell that has just forked loses the signal: so it comes when the command itself says that it runs
  const sleeping = "sh -c 'touch begun; exec sleep 100'";
  it.each([sleeping, 'touch begun; while :; do :; done', `${sleeping}; echo next`, `(${sleeping}) | cat`])(
    'ends %s and not the shell',
    async (line) => {
      await using shell = await startShell();
      await shell.type(line);
      await shell.press('Enter');
      await waitUntil('it runs', () => existsSync(join(shell.folder, 'w', 'begun')));
      await shell.press('C-c');
      await untilRows(shell, [`$ ${line}`, '^C', '[SIGINT] $']);
      await runLine(shell, 'echo still here');
      expect(await readRows(shell)).toContain('still here');
    },
  );

  it('is for the command first; the second one ends all its processes', async () => {
    await using shell = await startShell();
    await shell.type(`sh -c "trap 'echo caught' INT; touch begun; while :; do sleep 0.05; done"; sleep 100`);
    await shell.press('Enter');
    await waitUntil('it runs', () => existsSync(join(shell.folder, 'w', 'begun')));
    await shell.press('C-c');
    await shell.until('caught');
    await shell.press('C-c');
    await shell.until(/\[canceled\] \S+[#$]$/);
  });

  it('clears what was typed at the prompt', async () => {
    await using shell = await startShell();
    await shell.type('half a line');
    await shell.press('C-c');
    await untilRows(shell, ['$ half a line^C', '$']);
  });
});

describe('what is typed', () => {
  it('reaches a running command line by line, until Ctrl-D', async () => {
    await using shell = await startShell();
    await shell.type('read x; echo "<$x>"; cat; echo end');
    await shell.press('Enter');
    await shell.type('on');
    await shell.press('BSpace');
    await shell.type('ne');
    await shell.press('Enter');
    await shell.until('<one>');
    await shell.type('two');
    await shell.press('Enter');
    await shell.until('two\ntwo');
    await shell.press('C-d');
    await untilRows(shell, [
      '$ read x; echo "<$x>"; cat; echo end',
      'one',
      '<one>',
      'two',
      'two',
      'end',
      '$',
    ]);
  });

  it('ahead of the prompt is not lost: it becomes the next lines', async () => {
    await using shell = await startShell();
    await shell.type('while [ ! -e go ]; do sleep 0.02; done; echo first');
    await shell.press('Enter');
    await shell.type('echo second');
    await shell.press('Enter');
    await shell.type('echo thi');
    await shell.until('echo thi');
    writeFileSync(join(shell.folder, 'w', 'go'), '');
    await shell.until(/first\n\S+[#$] echo second\nsecond\n\S+[#$] echo thi$/);
    await shell.type('rd');
    await shell.press('Enter');
    await shell.until(/\nthird\n/);
  });

  it('can be a text of several lines, which the host asks for as long as its end is missing', async () => {
    await using shell = await startShell();
    const lines = ['for i in 1 2', 'do', '  echo "line $i', 'more"', 'done; cat <<E', 'doc'];
    const rows: string[] = [];
    for (const line of lines) {
      await shell.type(line);
      await shell.press('Enter');
      rows.push(`${rows.length === 0 ? '$' : '>'} ${line}`);
      await untilRows(shell, [...rows, '>']);
    }
    await shell.type('E');
    await shell.press('Enter');
    rows.push('> E');
    await untilRows(shell, [...rows, 'line 1', 'more', 'line 2', 'more', 'doc', '$']);
    // It is one entry of the history
    await shell.press('Up');
    await untilRows(shell, [...rows, 'line 1', 'more', 'line 2', 'more', 'doc', ...rows]);
  });

  it('goes on behind a backslash', async () => {
    await using shell = await startShell();
    await shell.type('echo one \\');
    await shell.press('Enter');
    await untilRows(shell, ['$ echo one \\', '>']);
    await runLine(shell, 'two');
    await untilRows(shell, ['$ echo one \\', '> two', 'one two', '$']);
  });

  it('is run line by line when it comes as one, without the marks of a paste', async () => {
    await using shell = await startShell();
    await shell.paste('mkdir -p a/b\ncd a\nls\ncd b; basename "$PWD"\n', false);
    await shell.until(/\nb\n\S+\/w\/a\/b[#$]$/);
    expect((await readRows(shell)).filter((row) => row === 'b')).toHaveLength(2);
  });

  it('is one submission when it is pasted, and waits for Enter', async () => {
    await using shell = await startShell();
    await shell.paste('x=1\necho "x: $x"\nfalse\n', true);
    await untilRows(shell, ['$ x=1', '> echo "x: $x"', '> false']);
    await shell.press('Enter');
    await untilRows(shell, ['$ x=1', '> echo "x: $x"', '> false', 'x: 1', '[1] $']);
  });
});

describe('the terminal', () => {
  it('has right columns for wide characters, in the text and in the prompt', async () => {
    await using shell = await startShell();
    await runLine(shell, 'mkdir 中文; cd 中文');
    await shell.press('C-l');
    await untilRows(shell, ['$']);
    const { column: start } = await shell.cursor();
    await shell.type('echo 你好😀x');
    await shell.until('echo 你好😀x');
    expect((await shell.cursor()).column).toBe(start + 12);
    await shell.press('Left', 'Left', 'Left');
    await shell.type('、');
    await untilRows(shell, ['$ echo 你、好😀x']);
    expect((await shell.cursor()).column).toBe(start + 9);
    await shell.press('Enter');
    await untilRows(shell, ['$ echo 你、好😀x', '你、好😀x', '$']);
  });

  it('shows a text that is longer than a row, and goes on when it has another size', async () => {
    await using shell = await startShell({ columns: 60 });
    const text = `echo ${'0123456789'.repeat(9)}`;
    // A terminal that wraps its rows anew may leave some of them above; below them all of the text is shown once
    const endsWith = async (end: string): Promise<boolean> => (await readRows(shell)).join('').endsWith(end);
    await shell.type(text);
    await waitUntil('all is shown', () => endsWith(`$ ${text}`));
    for (const columns of [45, 80, 50]) {
      await shell.resize(columns, 24);
      await shell.press('Home', 'End');
      await waitUntil(`all is shown in ${columns} columns`, () => endsWith(`$ ${text}`));
    }
    await shell.press('Enter');
    await waitUntil('it is run', () => endsWith(`$ ${text}${text.slice(5)}$`));
  });

  it('tells stderr apart by colour, and shows where an output lacks its line end', async () => {
    await using shell = await startShell();
    await runLine(shell, 'echo err >&2');
    await runLine(shell, 'printf abc');
    await untilRows(shell, ['$ echo err >&2', 'err', '$ printf abc', 'abc⏎', '$']);
    expect(await shell.coloredScreen()).toContain('\x1b[31merr');
  });

  it('has no colours without a wish for them', async () => {
    await using shell = await startShell({ env: { NO_COLOR: '1' } });
    await runLine(shell, 'echo err >&2; false');
    await untilRows(shell, ['$ echo err >&2; false', 'err', '[1] $']);
    expect(await shell.coloredScreen()).not.toContain('\x1b[');
  });

  it('gets a long output whole, and in the right order with the prompt', async () => {
    await using shell = await startShell();
    await shell.type('seq 100000');
    await shell.press('Enter');
    await shell.until(/99999\n100000\n\S+[#$]$/);
  });

  it('shows that a quiet command still runs, and takes that away', async () => {
    await using shell = await startShell();
    await shell.type('while [ ! -e go ]; do sleep 0.05; done; echo done');
    await shell.press('Enter');
    await shell.until(/\n⠋|[⠙⠹⠸⠼⠴⠦⠧⠇⠏] \d+ s$/);
    writeFileSync(join(shell.folder, 'w', 'go'), '');
    await untilRows(shell, ['$ while [ ! -e go ]; do sleep 0.05; done; echo done', 'done', '$']);
  });

  it('shows what jobs write later above the line that is edited', async () => {
    await using shell = await startShell();
    await shell.type('(while [ ! -e go ]; do sleep 0.02; done; echo late) &');
    await shell.press('Enter');
    await shell.until(/rexa: in the background: pid \d+\n\S+[#$]$/);
    await shell.type('echo half');
    await shell.until('echo half');
    writeFileSync(join(shell.folder, 'w', 'go'), '');
    await shell.until(/\nlate\n\S+[#$] echo half$/);
  });

  it('keeps prompts out of an output that goes elsewhere', async () => {
    await using shell = await startShell({ redirection: '>out' });
    await shell.type('seq 100000; echo e >&2');
    await shell.press('Enter');
    await shell.until(/e\n\S+[#$]$/);
    await shell.press('C-d');
    await shell.exited();
    const expected = Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join('');
    expect(readFileSync(join(shell.folder, 'out'), 'utf8') === expected).toBe(true);
  });
});

describe('Tab', () => {
  it.each([
    ['ls My', "ls My\\ Docs/it\\'s\\ here.txt "],
    ['ls "My', 'ls "My Docs/it\'s here.txt" '],
    ["ls 'My", "ls 'My Docs/it'\\''s here.txt' "],
    ['ls 中', 'ls 中文.txt '],
    ['ls ./do', 'ls ./dol\\$lar '],
    ['cat <do', 'cat <dol\\$lar '],
    ['cd M', 'cd My\\ Docs/'],
    ['unali', 'unalias '],
    ['my_fun', 'my_function '],
    ['echo $PWD/do', 'echo $PWD/dol\\$lar '],
  ])('completes %s', async (typed, completed) => {
    await using shell = await startShell();
    const folder = join(shell.folder, 'w');
    mkdirSync(join(folder, 'My Docs'));
    for (const name of ["My Docs/it's here.txt", '中文.txt', 'dol$lar'])
      writeFileSync(join(folder, name), '');
    await runLine(shell, 'my_function() { :; }');
    await shell.press('C-l');
    await shell.type(typed);
    await shell.press('Tab');
    const first = completed.includes('Docs/')
      ? completed.slice(0, completed.indexOf('Docs/') + 5)
      : completed;
    await shell.until(first.trimEnd());
    if (first !== completed) await shell.press('Tab');
    await untilRows(shell, [`$ ${completed.trimEnd()}`]);
    const { column } = await shell.cursor();
    const screen = await shell.screen();
    const spaces = completed.length - completed.trimEnd().length;
    const wide = (completed.match(/[中文]/g) ?? []).length;
    expect(column).toBe(screen.length + wide + spaces);
  });

  it('lists what a word could be, and evaluates nothing', async () => {
    await using shell = await startShell();
    const folder = join(shell.folder, 'w');
    for (const name of ['one.txt', 'one.log', 'two']) writeFileSync(join(folder, name), '');
    await shell.type('ls o');
    await shell.press('Tab');
    await untilRows(shell, ['$ ls one.']);
    await shell.press('Tab');
    await untilRows(shell, ['$ ls one.', 'one.log  one.txt', '$ ls one.']);
    await shell.press('C-c');
    for (const word of ['$(touch evil)', '`touch evil`', '"$(touch evil)']) {
      await shell.type(`ls ${word}`);
      await shell.press('Tab', 'C-c');
    }
    await runLine(shell, 'echo checked');
    expect(existsSync(join(folder, 'evil'))).toBe(false);
  });
});

describe('the history', () => {
  it('is found again in the next shell, and is nobody else’s', async () => {
    await using shell = await startShell();
    await runLine(shell, 'echo one');
    await runLine(shell, ' echo secret');
    await runLine(shell, 'echo one');
    await shell.paste('echo a\necho b', true);
    await shell.press('Enter');
    await shell.until(/\na\nb\n\S+[#$]$/);
    const file = join(shell.folder, 'state', 'rexa', 'history');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toBe('echo one\necho a\\necho b\n');

    await using next = await startShell({ env: { XDG_STATE_HOME: join(shell.folder, 'state') } });
    await next.press('C-r');
    await next.type('one');
    await next.until("('one'): echo one");
    await next.press('Enter');
    await untilRows(next, ['$ echo one', 'one', '$']);
  });
});
