import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts';
import { type RexaExit, runRexa, startRexa } from '../fixtures/run-rexa.ts';

let daemon: TestDaemon;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-script-'));
  daemon = await startDaemon({ env: { TMPDIR: folder } });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function runScript(input: string, words: readonly string[] = []): Promise<RexaExit> {
  return runRexa(['shell', daemon.address, '--line', ...words], { input });
}

describe('the line shell with a script on stdin', () => {
  it('runs its lines one after the other, with what they leave behind, and says nothing of its own', async () => {
    const script = `cd ${folder}\nx=1\nf() {\n  echo "x is $x"\n}\nf\npwd\necho e >&2\n`;
    expect(await runScript(script)).toEqual({
      status: 0,
      stdout: Buffer.from(`x is 1\n${folder}\n`),
      stderr: 'e\n',
    });
  });

  it.each([
    ['false\n', 1],
    ['false\ntrue\n', 0],
    ['exit 7\necho no\n', 7],
    ['exec true\necho no\n', 0],
    ['set -e\nfalse\necho no\n', 1],
    [`echo "\${nope:?}"\necho no\n`, 127],
    ['kill -9 $$\n', 137],
    ['sh -c "exit 3"', 3],
    ['no-such-program-of-any-kind\n', 127],
  ])('has for %j the status %i', async (script, status) => {
    const exit = await runScript(script);
    expect([exit.status, exit.stdout.toString()]).toEqual([status, '']);
  });

  it('lets the shell of the host say what is wrong with a line', async () => {
    const { status, stderr } = await runScript('echo "open\n');
    expect([status, stderr]).toEqual([2, expect.stringMatching(/unexpected EOF while looking for matching/)]);
    expect((await runScript(')\n')).stderr).toMatch(/syntax error near unexpected token/);
  });

  it.each(['binary', 'Binary', 'utf-16', 'UCS-2', 'utf-32be', 'unicode-1-1-utf-7', 'gkb'])(
    'refuses the encoding %s before a line is run',
    async (encoding) => {
      const { status, stdout, stderr } = await runScript('echo ran\n', ['--encoding', encoding]);
      expect([status, stdout.toString()]).toEqual([125, '']);
      expect(stderr).toMatch(new RegExp(`^rexa: .*${encoding}.*\n$`, 'i'));
      expect(stderr).not.toContain('internal error');
    },
  );

  it('gives its lines no stdin: the script is not theirs', async () => {
    expect((await runScript('cat\nread x; echo "<$x>"\n')).stdout.toString()).toBe('<>\n');
  });

  it('does not wait for jobs, and lets them go on in the end', async () => {
    const { status, stdout, stderr } = await runScript('sleep 60 & echo $!\n');
    const pid = Number(stdout.toString());
    expect([status, stderr]).toEqual([0, expect.stringContaining(`pid ${pid} continues without this shell`)]);
    // It is still there to be ended
    expect(process.kill(pid, 'SIGKILL')).toBe(true);
  });

  it('is interrupted with the line that runs', async () => {
    const rexa = startRexa(['shell', daemon.address, '--line']);
    // One process that speaks and then sleeps: a signal between a shell's fork and its child's exec reaches neither.
    rexa.child.stdin?.end('sh -c "echo begun; exec sleep 100"\necho no\n');
    await rexa.untilStdout('begun');
    rexa.child.kill('SIGINT');
    expect(await rexa.exit).toMatchObject({ status: 130, stdout: Buffer.from('begun\n') });
  });

  it('ends when nobody reads its output', async () => {
    const rexa = startRexa(['shell', daemon.address, '--line']);
    rexa.child.stdin?.end('echo begun\nyes\n');
    await rexa.untilStdout('begun');
    rexa.child.stdout?.destroy();
    expect((await rexa.exit).status).toBe(141);
  });

  it('reads and writes in the encoding that is asked for', async () => {
    const { stdout } = await runScript("printf '%s' 中文 | od -An -tx1\nprintf '\\xd6\\xd0\\n'\n", [
      '--encoding',
      'gbk',
    ]);
    expect(stdout.toString()).toBe(' d6 d0 ce c4\n中\n');
  });

  it('says by name which character the encoding lacks, and runs nothing', async () => {
    const { status, stdout, stderr } = await runScript('echo ran 😀\n', ['--encoding', 'gbk']);
    expect([status, stdout.toString(), stderr]).toEqual([125, '', expect.stringContaining('gbk')]);
  });

  it('is what there is where stdin is no terminal, and says so', async () => {
    expect(await runRexa(['shell', daemon.address], { input: 'echo hi\n' })).toEqual({
      status: 0,
      stdout: Buffer.from('hi\n'),
      stderr: 'rexa: stdin is not a terminal: using the line shell\n',
    });
  });

  it('says that a host cannot be reached', async () => {
    const { status, stderr } = await runRexa(['shell', `unix:${folder}/none.sock`, '--line']);
    expect([status, stderr]).toEqual([125, expect.stringMatching(/^rexa: cannot reach /)]);
  });
});

describe('the line shell to a Ready/Start peer', () => {
  it('gives each line its whole reply, and leaves when its script is over', async () => {
    await using peer = await startDaemon({ words: ['--allow-root', '--listen', 'ready://127.0.0.1:0'] });
    const address = /ready:\/\/127\.0\.0\.1:\d+/.exec(peer.log())?.[0] ?? '';
    const { status, stdout } = await runRexa(['shell', address, '--line'], {
      input: "echo 你好\ncd /usr; pwd\npwd\nprintf 'no end'\nexit\necho no\n",
    });
    expect([status, stdout.toString().split('\n').slice(0, 2), stdout.toString().endsWith('no end')]).toEqual(
      [0, ['你好', '/usr'], true],
    );
  });
});
