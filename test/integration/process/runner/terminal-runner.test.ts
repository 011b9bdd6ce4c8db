import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Running, StartRequest } from '../../../../src/process/runner/runner.ts';
import { openFallbackCalls } from '../../../../src/process/system/fallback.ts';
import { loadSystemCalls } from '../../../../src/process/system/load-system-calls.ts';
import { readProcess } from '../../../../src/process/system/process-table.ts';
import {
  countDescriptors,
  createTestRunner,
  finish,
  makeRequest,
} from '../../../fixtures/process/start-command.ts';
import { waitUntil } from '../../../fixtures/wait-until.ts';

const native = createTestRunner(await loadSystemCalls());
const fallback = createTestRunner(openFallbackCalls('a test'));

const TERMINAL = { columns: 100, rows: 30, isUtf8: true };
const started: Running[] = [];

async function start(
  file: string,
  args: readonly string[],
  changes: Partial<StartRequest> = {},
  runner = native,
): Promise<Running> {
  const running = await runner.start(makeRequest(file, args, { terminal: TERMINAL, ...changes }));
  started.push(running);
  return running;
}

const startLine = (line: string, changes: Partial<StartRequest> = {}, runner = native): Promise<Running> =>
  start('sh', ['-c', line], changes, runner);

afterEach(async () => {
  for (const running of started.splice(0)) {
    running.stdout.resume();
    running.stderr.resume();
    await running.endTree(0);
  }
});

/** What a terminal has shown until it holds the text. */
async function readUntil(running: Running, expected: string | RegExp): Promise<string> {
  let text = '';
  for await (const chunk of running.stdout.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (typeof expected === 'string' ? text.includes(expected) : expected.test(text)) return text;
  }
  throw new Error(`the terminal has shown only ${JSON.stringify(text)}`);
}

const SHELL_PROMPT = { PS1: '$ ', TERM: 'dumb', PATH: process.env['PATH'] ?? '' };

/** An interactive bash behind its prompt. */
async function startShell(runner = native): Promise<Running> {
  const shell = await start(
    'bash',
    ['--norc', '--noediting', '-i'],
    { stdin: 'pipe', environment: Object.entries(SHELL_PROMPT) },
    runner,
  );
  const shown = await readUntil(shell, '$ ');
  expect(shown).not.toMatch(/job control|ioctl/);
  return shell;
}

describe.runIf(process.platform === 'linux').each([
  ['a terminal', native],
  ['a terminal of script(1)', fallback],
] as const)('a command on %s', (name, runner) => {
  it.each([
    ['its size', 'stty size', '30 100\r\n'],
    ['a terminal on all three', 'for fd in 0 1 2; do test -t $fd && echo yes; done', 'yes\r\nyes\r\nyes\r\n'],
    ['its own terminal to open', 'echo you >/dev/tty', 'you\r\n'],
    ['backspace for characters', 'stty -a | grep -o " iutf8"', ' iutf8\r\n'],
  ])('has %s', async (_what, line, shown) => {
    const { stdout, stderr, exit } = await finish(await startLine(line, {}, runner));
    expect({ stdout: stdout.toString(), stderr: stderr.toString(), exit }).toEqual({
      stdout: shown,
      stderr: '',
      exit: { exitCode: 0, signal: null },
    });
  });

  it('gets its arguments as they are', async () => {
    const args = ['', ' ', 'a b', '"', "'", '$HOME', '*', '\\', '--', '-n', '1e3', '你好', '\u{1f600}'];
    const { stdout } = await finish(await start('printf', ['%s|', ...args], {}, runner));
    expect(stdout.toString().split('|').slice(0, -1)).toEqual(args);
  });

  it('ends with its exit code', async () => {
    expect((await finish(await startLine('exit 7', {}, runner))).exit).toEqual({ exitCode: 7, signal: null });
  });

  it('shows all of its output before its end, many times', async () => {
    const expected = Array.from({ length: 2000 }, (_, index) => `${index + 1}\r\n`).join('');
    const times = name === 'a terminal' ? 50 : 10;
    for (let time = 0; time < times; time++) {
      const { stdout } = await finish(await start('seq', ['1', '2000'], {}, runner));
      expect(stdout.toString() === expected).toBe(true);
    }
  });

  it('has job control in a shell, and Ctrl-C reaches what is in front', async () => {
    const shell = await startShell(runner);
    shell.stdin?.write("sh -c 'echo in $((40 + 2)); exec sleep 1000'\n");
    await readUntil(shell, 'in 42');
    shell.stdin?.write('\x03');
    await readUntil(shell, '$ ');
    shell.stdin?.write('echo status $?; sleep 1000 & jobs\n');
    expect(await readUntil(shell, 'Running')).toContain('status 130');
  });

  it('hears of another size', async () => {
    const running = await startLine(
      `trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done`,
      {},
      runner,
    );
    await readUntil(running, 'ready');
    running.resize({ columns: 132, rows: 50 });
    await readUntil(running, '50 132');
  });

  it('reads an end of file when its stdin ends', async () => {
    const running = await start('cat', ['-A'], { stdin: 'pipe' }, runner);
    running.stdin?.end('abc\n');
    const { stdout, exit } = await finish(running);
    expect(stdout.toString().replace('^D\b\b', '')).toBe('abc\r\nabc$\r\n');
    expect(exit.exitCode).toBe(0);
  });

  it('is refused when there is no such program', async () => {
    await expect(start('no-such-program', [], {}, runner)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(start('/etc/passwd', [], {}, runner)).rejects.toMatchObject({ code: 'FILE_NOT_EXECUTABLE' });
  });

  it.each([
    ['the shell and its jobs end', 'sleep 1000 & echo job $!'],
    // As a shell that is killed, or that is just starting the job
    ['so do jobs whose shell told them nothing', 'sleep 1000 & echo job $!; exec cat'],
  ])('is hung up when nobody is there any more: %s', async (_what, line) => {
    const shell = await startShell(runner);
    shell.stdin?.write(`${line}\n`);
    const job = Number(/^job (\d+)/m.exec(await readUntil(shell, /^job \d+\r/m))?.[1]);
    expect(await shell.hangUp(20_000)).toEqual([]);
    await shell.exit;
    await waitUntil('the job is gone', () => !isThere(job));
  });
});

describe.runIf(process.platform === 'linux')('on a terminal', () => {
  it.each([
    ['the signal that ended it', 'kill -KILL $$', { exitCode: null, signal: 'SIGKILL' }],
    ['an exit above 128 that is its own', 'exit 137', { exitCode: 137, signal: null }],
  ])('a command ends with %s', async (_what, line, exit) => {
    expect((await finish(await startLine(line))).exit).toEqual(exit);
  });

  it('a command gets the environment that was asked for, and nothing of the shell that starts it', async () => {
    const environment = { PATH: process.env['PATH'] ?? '', Ä: 'ö=ü', EMPTY: '' };
    const { stdout } = await finish(
      await start('env', [], { environment: Object.entries(environment), runId: 'r1' }),
    );
    expect(stdout.toString().split('\r\n').filter(Boolean).toSorted()).toEqual(
      [
        ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
        'REXA_RUN_ID=r1',
      ].toSorted(),
    );
  });

  it('a program finds the name that it was to be given', async () => {
    const running = await start('sh', ['-c', 'cat /proc/$$/cmdline | tr "\\0" " "'], { argv0: '-sh' });
    expect((await finish(running)).stdout.toString()).toMatch(/^-sh -c/);
  });

  it('bytes pass as they are where a program asks for it', async () => {
    const running = await startLine('stty raw -echo; echo ready; head -c 512 | od -An -v -tu1', {
      stdin: 'pipe',
    });
    await readUntil(running, 'ready');
    running.stdin?.write(Buffer.from(Array.from({ length: 512 }, (_, index) => index & 0xff)));
    const { stdout } = await finish(running);
    const numbers = stdout.toString().trim().split(/\s+/).map(Number);
    expect(numbers).toEqual(Array.from({ length: 512 }, (_, index) => index & 0xff));
  });

  it('a terminal that was stopped does not keep the end of its command back', async () => {
    const running = await startLine('echo before; read line', { stdin: 'pipe' });
    await readUntil(running, 'before');
    running.stdin?.write('\x13');
    running.signal('SIGTERM');
    expect((await finish(running)).exit.signal).toBe('SIGTERM');
  });

  it('who does not read holds the command up, and nothing grows', async () => {
    const running = await start('yes', []);
    running.stdout.read(0);
    // State S: it sleeps in its write
    await waitUntil('it is held up', () => /\) S /.test(readFileSync(`/proc/${running.pid}/stat`, 'utf8')));
    expect(running.stdout.readableLength).toBeLessThan(256 * 1024);
  });

  it('who types at a program that reads nothing waits, and nobody else does', async () => {
    const running = await startLine('stty raw -echo; echo ready; exec sleep 1000', { stdin: 'pipe' });
    await readUntil(running, 'ready');
    const keys = Buffer.alloc(1 << 20, 'x');
    const isTyped = vi.fn<() => void>();
    running.stdin?.write(keys, isTyped);
    expect((await finish(await startLine('echo other'))).stdout.toString()).toBe('other\r\n');
    expect(isTyped).not.toHaveBeenCalled();
    running.stdout.resume();
    expect(await running.endTree(0)).toEqual([]);
    await running.exit;
  });

  it('all that is typed reaches a program that reads it later', async () => {
    const running = await startLine('stty raw -echo; echo ready; sleep 0.2; head -c 300000 | cksum', {
      stdin: 'pipe',
    });
    await readUntil(running, 'ready');
    running.stdin?.write(Buffer.alloc(300_000, 'x'));
    expect((await finish(running)).stdout.toString()).toMatch(/^\s*\d+ 300000\s*$/);
  });

  it('a job that outlives its shell does not keep the end back, whatever it writes', async () => {
    const running = await startLine('(trap "" HUP; while :; do echo noise; done) & echo said');
    const { stdout, exit } = await finish(running);
    expect(stdout.toString()).toContain('said');
    expect(exit.exitCode).toBe(0);
  });

  it('the whole tree is ended, a shell that SIGTERM does not end included', async () => {
    const shell = await startShell();
    shell.stdin?.write('(setsid sleep 1000 & echo job $!)\n');
    const job = Number(/^job (\d+)/m.exec(await readUntil(shell, /^job \d+\r/m))?.[1]);
    shell.stdout.resume();
    expect(await shell.endTree(10_000)).toEqual([]);
    expect(isThere(job)).toBe(false);
    expect((await shell.exit).signal).toBe('SIGHUP');
  });

  it('a command that does not heed the hang-up is ended after the grace', async () => {
    const running = await startLine('trap "" HUP; echo ready; while :; do sleep 0.1; done');
    await readUntil(running, 'ready');
    expect(await running.hangUp(50)).toEqual([]);
    expect((await running.exit).signal).toBe('SIGKILL');
  });

  it('a job that left the session outlives a hang-up', async () => {
    const shell = await startShell();
    shell.stdin?.write('(setsid sleep 1000 & echo job $!)\n');
    const job = Number(/^job (\d+)/m.exec(await readUntil(shell, /^job \d+\r/m))?.[1]);
    await waitUntil('it leads a session', () => readProcess(job)?.session === job);
    await shell.hangUp(20_000);
    expect(isThere(job)).toBe(true);
    process.kill(job, 'SIGKILL');
  });

  it('no other command inherits anything of a terminal', async () => {
    const [shell] = await Promise.all([startShell(), startShell()]);
    const { stdout } = await finish(
      await native.start(makeRequest('sh', ['-c', 'ls -l /proc/self/fd /proc/$$/fd'])),
    );
    expect(stdout.toString()).not.toMatch(/ptmx|pts/);
    const other = await finish(await startLine('ls -l /proc/$$/fd'));
    expect(other.stdout.toString()).not.toMatch(/ptmx/);
    shell.stdout.resume();
  });

  it('leaves no descriptor behind', async () => {
    await finish(await startLine('true'));
    const before = countDescriptors();
    for (let time = 0; time < 10; time++) await finish(await startLine('echo x'));
    await expect(start('no-such-program', [])).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await waitUntil('all are closed', () => countDescriptors() <= before);
  });
});

describe('where there is neither koffi nor script(1)', () => {
  it('a terminal is refused, and said to be', async () => {
    await expect(start('sh', [], { environment: [['PATH', '/nowhere']] }, fallback)).rejects.toMatchObject({
      code: 'TERMINAL_UNAVAILABLE',
    });
  });
});

function isThere(pid: number): boolean {
  return readProcess(pid)?.isAlive === true;
}
