import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { makeJobHome } from '../../fixtures/jobs.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';

/** Lines with numbers on both outputs, until the file is there; then a last one, and the exit code is 9. */
const countUntil = (go: string): string =>
  `i=0; until [ -e ${go} ]; do i=$((i+1)); echo $i; echo e$i >&2; sleep 0.01; done; echo end; exit 9`;

function expectCounted(output: string, prefix: string): void {
  const lines = output
    .trimEnd()
    .split('\n')
    .filter((line) => line.startsWith(prefix) && line !== 'end');
  expect(lines).toEqual(lines.map((_, index) => `${prefix}${index + 1}`));
  expect(lines.length).toBeGreaterThan(1);
}

describe('a reader of a job whose daemon is restarted', () => {
  it.each([
    ['logs', ['logs', '-f'], 'SIGTERM', 0],
    ['logs of the last hour', ['logs', '-f', '--since', '1h'], 'SIGKILL', 0],
    ['attach', ['attach', '-n'], 'SIGTERM', 9],
    ['attach after kill -9', ['attach', '-n'], 'SIGKILL', 9],
  ] as const)(
    'goes on with the next daemon, and misses and doubles no byte: %s',
    async (_what, words, signal, status) => {
      await using home = makeJobHome();
      const go = join(home.folder, 'go');
      const daemons: TestDaemon[] = [await startDaemon({ env: home.env, words: ['--drain', '100ms'] })];
      const address = daemons[0]?.address ?? '';
      await runRexa(['run', '--detach', '--id', 'job', address, '-c', countUntil(go)], { env: home.env });
      const reader = startRexa(['-v', ...words, address, 'job'], { env: home.env });
      await reader.untilStdout('20\n');
      for (let round = 1; round <= 3; round++) {
        await daemons.at(-1)?.stop(signal);
        daemons.push(await startDaemon({ env: home.env, words: ['--listen', address, '--drain', '100ms'] }));
        // Something new came over the new connection
        await reader.untilStdout(`${100 * round}\n`);
      }
      writeFileSync(go, '');
      const exit = await reader.exit;
      // The last one first: it makes its socket again in the folder of the first
      for (const daemon of daemons.toReversed()) await daemon[Symbol.asyncDispose]();
      expect(exit.status, exit.stderr).toBe(status);
      expectCounted(exit.stdout.toString(), '');
      expectCounted(exit.stderr, 'e');
      expect(exit.stdout.toString().endsWith('\nend\n')).toBe(true);
    },
  );
});

describe('a daemon that drains', () => {
  it('tells those who run something, keeps its socket, and lets clients wait for the next daemon', async () => {
    await using home = makeJobHome();
    const go = join(home.folder, 'go');
    const first = await startDaemon({ env: home.env, words: ['--drain', '30s'] });
    const waits = `echo up; until [ -e ${go} ]; do sleep 0.05; done; echo done`;
    const running = startRexa(['run', '-n', first.address, '-c', waits], { env: home.env });
    const terminal = startRexa(['run', '-n', '-t', first.address, '-c', waits], { env: home.env });
    const host = await connect(first.address);
    const own = host.run(waits, { shell: true });
    await own.pid;
    await Promise.all([running, terminal].map((each) => each.untilStdout('up')));
    await pause(0);
    const told = new Promise<number>((resolve) => own.onDraining(resolve));
    process.kill(first.pid, 'SIGTERM');
    await running.untilStderr('is shutting down: commands are ended in');
    await terminal.untilStderr('is shutting down');
    expect(await told).toBeLessThanOrEqual(30_000);
    const waiting = startRexa(
      ['run', '-n', '--connect-timeout', '60s', first.address, '--', 'echo', 'served'],
      {
        env: home.env,
      },
    );
    await waiting.untilStderr('retry in');
    const refused = await runRexa(['run', '-n', '--connect-timeout', '1s', first.address, '--', 'true'], {
      env: home.env,
    });
    expect(refused.status).toBe(125);
    expect(refused.stderr).toMatch(/accepts no new work; retry in \d+ s/);
    writeFileSync(go, '');
    expect((await running.exit).status).toBe(0);
    expect((await own).stdout).toBe('up\ndone\n');
    await first.exited;
    await using second = await startDaemon({ env: home.env, words: ['--listen', first.address] });
    const served = await waiting.exit;
    expect([served.status, served.stdout.toString()]).toEqual([0, 'served\n']);
    expect(second.pid).not.toBe(first.pid);
    await host.close();
    // Its socket is in the folder of the first
    await second.stop();
    await first[Symbol.asyncDispose]();
  });
});

describe('SIGHUP', () => {
  it('loads the configuration again and keeps everything running; an invalid one changes nothing', async () => {
    await using home = makeJobHome();
    const config = join(home.folder, 'rexad.yaml');
    writeFileSync(config, 'drain: 1h\n', { mode: 0o600 });
    await using daemon = await startDaemon({ env: home.env, words: ['--config', config] });
    await using host = await connect(daemon.address);
    const run = host.run('cat', [], { stdin: 'pipe' });
    await run.pid;
    writeFileSync(config, 'drain: nonsense\n');
    process.kill(daemon.pid, 'SIGHUP');
    await expect.poll(() => daemon.log(), { timeout: 30_000 }).toContain('those before hold');
    expect(daemon.log()).toMatch(/rexad.yaml:1:/);
    writeFileSync(config, 'drain: 20s\n');
    process.kill(daemon.pid, 'SIGHUP');
    await expect.poll(() => daemon.log(), { timeout: 30_000 }).toContain('are loaded again');
    const told = new Promise<number>((resolve) => run.onDraining(resolve));
    const stopped = daemon.stop();
    expect(await told).toBeLessThanOrEqual(20_000);
    run.stdin?.end('whole');
    expect((await run).stdout).toBe('whole');
    expect(await stopped).toBe(0);
  });
});
