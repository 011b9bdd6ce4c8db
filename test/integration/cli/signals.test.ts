import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../../fixtures/daemon.ts';
import { isAlive } from '../../fixtures/is-alive.ts';
import { startRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

/** A line that says when it is ready, and then waits. */
const wait = (traps = ''): string => `${traps} echo ready; while :; do sleep 0.05; done`;

describe('a signal to rexa', () => {
  it('SIGINT is passed on: what the command makes of it is the outcome', async () => {
    await using daemon = await startDaemon();
    const rexa = startRexa(['run', '-n', daemon.address, '-c', wait("trap 'echo got it; exit 7' INT;")]);
    await rexa.untilStdout('ready');
    rexa.child.kill('SIGINT');
    const { status, stdout, stderr } = await rexa.exit;
    expect([status, stdout.toString(), stderr]).toEqual([7, 'ready\ngot it\n', '']);
  });

  it('SIGINT ends a command that does nothing about it, with 130', async () => {
    await using daemon = await startDaemon();
    const rexa = startRexa(['run', '-n', daemon.address, '-c', 'echo ready; exec sleep 600']);
    await rexa.untilStdout('ready');
    rexa.child.kill('SIGINT');
    const { status, stderr } = await rexa.exit;
    expect([status, stderr]).toEqual([130, '']);
  });

  it('SIGINT that ends a command ends the rest of its tree, which would not hear it', async () => {
    await using daemon = await startDaemon();
    const rexa = startRexa(['run', '-n', daemon.address, '-c', 'sleep 7772 & echo $!; sleep 7772']);
    await rexa.untilStdout('\n');
    rexa.child.kill('SIGINT');
    const { status, stdout, stderr } = await rexa.exit;
    expect([status, stderr, isAlive(Number(stdout))]).toEqual([130, '', false]);
  });

  it('SIGINT that a command survives leaves its tree alone', async () => {
    await using daemon = await startDaemon();
    // The shell ignores SIGINT for a job, but in the job itself: before that it would reach it
    const started = 'until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.05; done';
    const line = `trap 'exit 0' INT; sleep 7773 >/dev/null 2>&1 & ${started}; echo $!; while :; do sleep 0.05; done`;
    const rexa = startRexa(['run', '-n', daemon.address, '-c', line]);
    await rexa.untilStdout('\n');
    rexa.child.kill('SIGINT');
    const { status, stdout } = await rexa.exit;
    expect([status, isAlive(Number(stdout))]).toEqual([0, true]);
    process.kill(Number(stdout), 'SIGKILL');
  });

  it('the second SIGINT ends the tree of a command that does not listen', async () => {
    await using daemon = await startDaemon();
    // Its stdout is kept for the JSON: that the trap is set shows in a file
    const ready = join(daemon.folder, 'ready');
    const line = wait(`trap '' INT; : >'${ready}';`);
    const rexa = startRexa(['run', '-n', '--json', '-v', daemon.address, '-c', line]);
    await waitUntil('the trap is set', () => existsSync(ready));
    rexa.child.kill('SIGINT');
    await rexa.untilStderr('a signal: forward');
    rexa.child.kill('SIGINT');
    const { status, stdout, stderr } = await rexa.exit;
    expect(status).toBe(130);
    expect(JSON.parse(stdout.toString())).toMatchObject({ outcome: 'canceled', signal: 'SIGTERM' });
    expect(stderr).toContain('rexa: canceled by SIGINT (by SIGTERM)\n');
  });

  it('the third SIGINT leaves at once, and says that the command may have run', async () => {
    await using daemon = await startDaemon();
    const words = [
      'run',
      '-n',
      '-v',
      '--kill-after',
      '1s',
      daemon.address,
      '-c',
      wait("trap '' INT TERM; echo $$;"),
    ];
    const rexa = startRexa(words);
    await rexa.untilStdout('ready');
    for (const asked of ['forward', 'cancel', 'abandon']) {
      rexa.child.kill('SIGINT');
      if (asked !== 'abandon') await rexa.untilStderr(`a signal: ${asked}`);
    }
    const { status, stderr } = await rexa.exit;
    expect(status).toBe(125);
    expect(stderr).toMatch(/^rexa: lost: .* the command may have run$/m);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends the whole tree and exits with %d', async (signal, expected) => {
    await using daemon = await startDaemon();
    const line = 'sleep 600 & echo $$ $! ready; wait';
    const rexa = startRexa(['run', '-n', daemon.address, '-c', line]);
    await rexa.untilStdout('ready');
    rexa.child.kill(signal);
    const { status, stdout, stderr } = await rexa.exit;
    expect([status, stderr]).toEqual([expected, `rexa: canceled by ${signal} (by SIGTERM)\n`]);
    const pids = stdout.toString().split(' ').slice(0, 2).map(Number);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('ends the drop-in with the same exit status', async () => {
    await using daemon = await startDaemon();
    const rexa = startRexa(['-n', daemon.address, 'echo ready; exec sleep 600']);
    await rexa.untilStdout('ready');
    rexa.child.kill('SIGTERM');
    expect((await rexa.exit).status).toBe(143);
  });

  it('SIGKILL to rexa ends the tree of its command too, once nobody can come back for it', async () => {
    await using daemon = await startDaemon({ words: ['--resume-for', '100ms'] });
    const rexa = startRexa(['run', '-n', daemon.address, '-c', 'echo $$ ready; exec sleep 600']);
    await rexa.untilStdout('ready');
    rexa.child.kill('SIGKILL');
    const { status, stdout } = await rexa.exit;
    expect(status).toBe('SIGKILL');
    // The daemon ends it before it serves what is asked for next
    const pid = Number.parseInt(stdout.toString(), 10);
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  });

  it('stops and goes on as any program does: SIGTSTP and SIGCONT are left alone', async () => {
    await using daemon = await startDaemon();
    const rexa = startRexa(['run', daemon.address, 'cat']);
    rexa.child.stdin?.write('before\n');
    await rexa.untilStdout('before');
    rexa.child.kill('SIGSTOP');
    rexa.child.stdin?.end('behind\n');
    rexa.child.kill('SIGCONT');
    const { status, stdout } = await rexa.exit;
    expect([status, stdout.toString()]).toEqual([0, 'before\nbehind\n']);
  });
});
