import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts';
import { startRexaOnTerminal } from '../fixtures/local-pty.ts';
import { runRexa, startRexa } from '../fixtures/run-rexa.ts';
import { startRexaInTmux } from '../fixtures/shell/tmux.ts';
import { waitUntil } from '../fixtures/wait-until.ts';

let daemon: TestDaemon;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-terminal-'));
  daemon = await startDaemon();
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const run = (words: readonly string[], input = '') => runRexa(words, { input, env: { TERM: undefined } });

describe('a terminal on the host and none here', () => {
  it('has 80 columns and 24 rows, and nothing of the command is on stderr', async () => {
    const line = 'stty size; echo $TERM; echo said >&2; exit 3';
    expect(await run(['run', '-t', daemon.address, '-c', line])).toEqual({
      status: 3,
      stdout: Buffer.from('24 80\r\ndumb\r\nsaid\r\n'),
      stderr: '',
    });
  });

  it('reads what is piped in as if it were typed, and then an end of file', async () => {
    const { status, stdout } = await run(['run', '-t', daemon.address, '--', 'cat', '-A'], '~.\nabc\n');
    expect([status, stdout.toString().replace('^D\b\b', '')]).toEqual([0, '~.\r\nabc\r\n~.$\r\nabc$\r\n']);
  });

  it('is what -tt insists on, and -t goes without', async () => {
    const words = [daemon.address, 'test -t 0 && echo yes || echo no'];
    expect((await run(['ssh', '-tt', ...words])).stdout.toString()).toBe('yes\r\n');
    const { stdout, stderr } = await run(['ssh', '-t', ...words]);
    expect([stdout.toString(), stderr]).toEqual(['no\n', expect.stringContaining('-tt forces it')]);
  });

  it('is not what a shell needs: -T reads its commands from stdin, byte for byte', async () => {
    const { status, stdout, stderr } = await run(
      ['ssh', '-T', daemon.address],
      'printf "\\377"; echo $0; exit 9\n',
    );
    expect([status, stdout.toString('latin1')]).toEqual([9, '\xff-bash\n']);
    // The start files of whoever runs the tests may have something to say
    expect(stderr).not.toMatch(/^rexa:/m);
  });

  it('is kept for --json like any other output', async () => {
    const { stdout } = await run(['run', '-t', '--json', daemon.address, '--', 'echo', 'x']);
    expect(JSON.parse(stdout.toString())).toMatchObject({ outcome: 'exited', stdout: 'x\r\n', stderr: '' });
  });

  it('ends with 127 and 126 like any other run', async () => {
    expect((await run(['run', '-t', daemon.address, '--', 'no-such-program'])).status).toBe(127);
    expect((await run(['run', '-t', daemon.address, '--', '/etc/passwd'])).status).toBe(126);
  });

  it('is hung up when rexa is told to end', async () => {
    const rexa = startRexa(['run', '-t', daemon.address, '-c', 'echo ready; exec sleep 1000']);
    await rexa.untilStdout('ready');
    rexa.child.kill('SIGTERM');
    expect(await rexa.exit).toMatchObject({
      status: 143,
      stderr: expect.stringContaining('SIGHUP') as string,
    });
  });
});

/** Waits until a program that writes all the time sleeps in its write. */
async function waitUntilHeldUp(pid: number): Promise<void> {
  let writes = '';
  await waitUntil('the program is held up', () => {
    const before = writes;
    writes = /syscw: \d+/.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[0] ?? '';
    return writes === before && /State:\s+S/.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  });
}

describe('a terminal that takes nothing', () => {
  const memoryKib = (pid: number): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

  it('grows nothing, and freezes nobody: ~. and SIGTERM leave', async () => {
    for (const end of ['~.', 'SIGTERM'] as const) {
      const rexa = await startRexaOnTerminal(['run', '-t', daemon.address, '-c', 'echo pid $$; exec yes']);
      const pid = await new Promise<number>((resolve) => {
        let shown = '';
        rexa.screen.on('data', function look(chunk: Buffer) {
          shown += chunk.toString();
          const [, text] = /pid (\d+)\s[\s\S]*y\r\ny/.exec(shown) ?? [];
          if (text === undefined) return;
          rexa.screen.off('data', look);
          rexa.screen.pause();
          resolve(Number(text));
        });
      });
      const client = rexa.child.pid ?? 0;
      await waitUntilHeldUp(pid);
      expect(memoryKib(client)).toBeLessThan(200 * 1024);
      if (end === 'SIGTERM') rexa.child.kill('SIGTERM');
      else rexa.type('\r~.');
      expect(await rexa.exited).toBe(end === 'SIGTERM' ? 143 : 125);
      rexa.close();
      await waitUntil('the command is gone', () => !existsSync(`/proc/${pid}`));
    }
  });

  it('has little in front of what comes after Ctrl-C', async () => {
    await using host = await connect(daemon.address);
    const line = "trap 'echo caught; exit' INT; while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done";
    const running = host.run(line, {
      shell: true,
      terminal: { columns: 80, rows: 24 },
      stdin: 'pipe',
      buffer: false,
      reject: false,
    });
    await once(running.stdout, 'readable');
    const pid = (await running.pid) ?? 0;
    await waitUntilHeldUp(pid);
    running.stdin?.write('\x03');
    const { length } = await buffer(running.stdout);
    expect((await running).exitCode).toBe(0);
    // What the kernel keeps of a terminal, a window, and what waits at both ends
    expect(length).toBeLessThan(256 * 1024);
  });
});

/** Debian's package locales; where the whole of the tests is run, it must be there. */
const canMakeLocales = process.env['CI'] !== undefined || existsSync('/usr/share/i18n/charmaps/GBK.gz');

describe.runIf(canMakeLocales)('a host of GBK', () => {
  it('shows vim right in a terminal of UTF-8, and takes what is typed in GBK', async () => {
    const locale = join(folder, 'zh_CN.GBK');
    spawnSync('localedef', ['-c', '-i', 'zh_CN', '-f', 'GBK', locale]);
    const file = join(folder, 'gbk.txt');
    // Two characters whose second byte is a backslash and a bar
    writeFileSync(file, Buffer.from('b5dad2bbd0d00a835c8a7c0a', 'hex'));
    await using gbk = await startDaemon({ env: { LOCPATH: folder, LC_ALL: 'zh_CN.GBK' } });
    const words = ['-u', 'NONE', '-i', 'NONE', '-N', '-n', '-c', 'set noruler noshowcmd', 'gbk.txt'];
    await using vim = await startRexaInTmux(
      ['run', '-t', '--cwd', folder, gbk.address, '--', 'vim', ...words],
      {
        columns: 40,
        rows: 6,
      },
    );
    await vim.until(/^第一行\n僜妡\n~/);
    await vim.type('jA你好');
    await vim.until('\n僜妡你好\n');
    expect(await vim.cursor()).toEqual({ column: 8, row: 1 });
    await vim.press('Escape');
    await vim.type(':wq');
    await vim.press('Enter');
    expect(await vim.exited()).toBe(0);
    expect(readFileSync(file).toString('hex')).toBe('b5dad2bbd0d00a835c8a7cc4e3bac30a');
  });
});
