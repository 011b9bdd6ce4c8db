import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { REXA, startDaemon } from '../../fixtures/daemon.ts';
import { startRexaOnTerminal } from '../../fixtures/local-pty.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { startSocketServer } from '../../fixtures/socket-server.ts';

const COLOR = '\u001b[';

describe('messages on stderr', () => {
  it('say with -v what is connected, asked, started and became of it, a line each behind "rexa: "', async () => {
    await using daemon = await startDaemon();
    const { stdout, stderr } = await runRexa(['run', '-v', daemon.address, 'echo', 'a b']);
    expect(stdout.toString()).toBe('a b\n');
    for (const line of stderr.trimEnd().split('\n')) expect(line).toMatch(/^rexa: debug1: /);
    expect(stderr).toContain('request: ["echo","a b"]');
    expect(stderr).toMatch(/hello from rexad\/\S+, protocol 1, encoding /);
    expect(stderr).toMatch(/started as pid \d+/);
    expect(stderr).toMatch(/outcome: exited \(0\) after [\d.]+ ms/);
    expect(stderr).toContain('bytes: stdin 0, stdout 4, stderr 0');
  });

  it('say more with -vv and -vvv', async () => {
    await using daemon = await startDaemon();
    const more = await runRexa(['-vv', 'run', daemon.address, '--cwd', '/', 'true']);
    expect(more.stderr).toMatch(/^rexa: debug2: its options: .*"cwd":"\/"/m);
    const most = await runRexa(['run', '-vvv', daemon.address, 'cat'], { input: 'abc' });
    expect(most.stderr).toContain('rexa: debug3: stdin: 3 bytes\n');
    expect(most.stderr).toContain('rexa: debug3: stdout: 3 bytes\n');
  });

  it('are silenced by -q where they are warnings', async () => {
    await using daemon = await startDaemon();
    const { status, stderr } = await runRexa(['-q', 'run', daemon.address, '-c', 'kill -KILL $$']);
    expect([status, stderr]).toEqual([137, '']);
    expect((await runRexa(['-q', 'run', daemon.address, 'nobody-has-this'])).stderr).toMatch(
      /^rexa: no program/,
    );
  });

  it('show control characters from elsewhere, and send none', async () => {
    await using daemon = await startDaemon();
    const { stderr } = await runRexa(['run', daemon.address, '\u001b[2Jx\n']);
    expect(stderr).toMatch(
      /^rexa: for a shell line use -c; no program named '\\x1b\[2Jx\\x0a' was found in the PATH .*\n$/,
    );
  });

  it('have left for their reader before rexa does, however long that takes', async () => {
    const words = [process.execPath, REXA, 'run', 'unix:/nobody/there.sock', 'true'];
    const line = '{ head -c 65536 /dev/zero >&2; "$@"; } 2>&1 >/dev/null | { sleep 0.5; tail -c 100; }';
    const { stdout } = spawnSync('sh', ['-c', line, 'sh', ...words], { encoding: 'utf8' });
    expect(stdout).toMatch(/there is no such socket; is rexad running\?\n$/);
  });

  it.each([
    ['run', ['true']],
    ['ssh', ['true']],
    ['ping', []],
  ])('name a host that rexa %s waits for, on a terminal', async (command, words) => {
    const silent = await startSocketServer((socket) => void socket.resume());
    const rexa = await startRexaOnTerminal([command, `tls://127.0.0.1:${silent.port}`, ...words]);
    let shown = '';
    for await (const bytes of rexa.screen) {
      shown += bytes;
      if (shown.includes(`rexa: connecting to tls://127.0.0.1:${silent.port} ...`)) break;
    }
    rexa.child.kill();
    expect(shown).toContain('connecting to');
    await rexa.exited;
    rexa.close();
  });

  it.each([
    [[], {}, false],
    [[], { FORCE_COLOR: '1' }, true],
    [[], { NO_COLOR: '1' }, false],
    [['--color', 'always'], {}, true],
    [['--color', 'always'], { NO_COLOR: '1' }, true],
    [['--color=never'], { FORCE_COLOR: '1' }, false],
    [['--color=auto'], {}, false],
  ])('in a pipe, with %j and %j, are coloured: %s', async (words, env, expected) => {
    const unset = { NO_COLOR: undefined, FORCE_COLOR: undefined };
    const exit = await runRexa(['run', ...words, 'unix:/nobody/there.sock', 'id'], {
      env: { ...unset, ...env },
    });
    expect(exit.stderr.includes(COLOR)).toBe(expected);
  });

  it('leave with a connection that says no hello, in time', async () => {
    await using daemon = await startDaemon();
    process.kill(daemon.pid, 'SIGSTOP');
    const { status, stderr } = await runRexa(['run', '--connect-timeout', '300ms', daemon.address, 'true']);
    process.kill(daemon.pid, 'SIGCONT');
    expect(status).toBe(125);
    expect(stderr).toMatch(/^rexa: lost: .*; the command may or may not have run\n$/);
  });
});
