import { describe, expect, it } from 'vitest';
import { startDaemon } from '../../fixtures/daemon.ts';
import { startDropIn } from '../../fixtures/drop-in.ts';
import { isAlive } from '../../fixtures/is-alive.ts';
import { makeJobHome, signal } from '../../fixtures/jobs.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

/** Tells its pid. */
const SLEEPER = 'echo $$; exec sleep 600';

/** SIGUSR1 makes an ordinary Node listen for a debugger, which any local user may then connect to. */
describe('SIGUSR1', () => {
  it.each([
    ['run', ['--', 'sh', '-c', SLEEPER]],
    ['ssh', [SLEEPER]],
  ])('ends `rexa %s` and its command with status 138', async (name, command) => {
    await using daemon = await startDaemon();
    const rexa = startRexa([name, '-n', daemon.address, ...command]);
    let text = '';
    rexa.child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await rexa.untilStdout('\n');
    rexa.child.kill('SIGUSR1');
    const { status, stderr } = await rexa.exit;
    expect(status).toBe(138);
    expect(stderr).not.toContain('ebugger');
    await waitUntil('the command has ended', () => !isAlive(Number(text)));
  });

  it('ends a client that has only started', async () => {
    await using daemon = await startDaemon();
    const rexa = startRexa(['run', '-n', daemon.address, 'sleep', '600']);
    rexa.child.kill('SIGUSR1');
    const { status, stderr } = await rexa.exit;
    expect(status).toBe('SIGUSR1');
    expect(stderr).toBe('');
  });

  it('changes nothing of the daemon and of the supervisor', async () => {
    await using home = makeJobHome();
    await using daemon = await startDaemon({ env: home.env });
    const first = await runRexa(['run', '-n', '--id', 'one', daemon.address, '--', 'true']);
    expect(first.status).toBe(0);
    const supervisors = home.supervisors();
    for (const pid of [daemon.pid, ...supervisors]) signal(pid, 'SIGUSR1');
    const second = await runRexa(['run', '-n', '--id', 'two', daemon.address, '--', 'true']);
    expect(second.status).toBe(0);
    expect(home.supervisors()).toEqual(supervisors);
    expect(daemon.log()).not.toContain('ebugger');
  });

  it('ends a drop-in whose rsync has failed, as it ends ssh', async () => {
    await using host = await startDropIn();
    const options = `-p ${host.port} -o StrictHostKeyChecking=no`;
    const words = ['rsync', '-e', `rexa ssh ${options}`, '127.0.0.1:/nowhere/file', host.folder];
    const { status, stderr } = await host.run(words);
    expect(status).toBe(23);
    expect(stderr).not.toContain('ebugger');
  });
});
