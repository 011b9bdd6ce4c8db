import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { startRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

/** Pids of the processes that carry this mark in their environment, zombies left out. */
function findMarked(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`MARK=${mark}`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Trees that are hard to end: each prints a line when it stands. */
const TREES: readonly (readonly [string, string])[] = [
  ['a shell with children', 'sleep 600 & sleep 600 & echo up; wait'],
  ['a child that called setsid', 'setsid sleep 600 & echo up; wait'],
  ['an orphan that called setsid and whose parent is gone', '(setsid sleep 600 &) ; echo up; sleep 600'],
  [
    'processes that ignore SIGTERM and SIGINT',
    "trap '' TERM INT; (trap '' TERM INT; sleep 600) & echo up; sleep 600",
  ],
  ['a stopped process', 'sleep 600 & kill -STOP $!; echo up; wait'],
  [
    'a process that forks when it is told to end',
    "trap 'sleep 600 & sleep 600 &' TERM; echo up; while :; do sleep 0.05; done",
  ],
];

type How = 'cancel' | 'timeout' | 'client says goaway' | 'connection is lost' | 'daemon is told to leave';
const WAYS: readonly How[] = [
  'cancel',
  'timeout',
  'client says goaway',
  'connection is lost',
  'daemon is told to leave',
];

describe.each(TREES)('%s', (_what, script) => {
  it.each(WAYS)('is gone as a whole when it ends by: %s', async (how) => {
    await using daemon = await startDaemon({ words: ['--drain', '100ms'] });
    const host = await connect(daemon.address);
    const mark = `${process.pid}-${Math.random()}`;
    const run = host.run('bash', ['-c', script], {
      env: { MARK: mark },
      buffer: false,
      reject: false,
      forceKillAfterDelay: 200,
      ...(how === 'timeout' ? { timeout: 300 } : {}),
    });
    await new Promise((resolve) => run.stdout.once('data', resolve));
    expect(findMarked(mark).length).toBeGreaterThan(0);
    run.stdout.resume();
    run.stderr.resume();
    if (how === 'cancel') run.cancel();
    if (how === 'client says goaway') await host.close();
    if (how === 'connection is lost') run.abandon();
    if (how === 'daemon is told to leave') await daemon.stop();
    const result = await run;
    const expected = {
      cancel: 'canceled',
      timeout: 'timed-out',
      'client says goaway': 'lost',
      'connection is lost': 'lost',
      'daemon is told to leave': 'canceled',
    };
    expect([result.outcome, result.survivors]).toEqual([expected[how], []]);
    await waitUntil('nothing of the tree is left', () => findMarked(mark).length === 0);
    await host.close();
  });
});

describe.runIf(process.platform === 'linux')('a client that is killed', () => {
  const words = ['sh', '-c', 'echo up; sleep 600'];

  it('is not waited for on a Unix socket: its command is ended at once', async () => {
    await using daemon = await startDaemon({ words: ['--resume-for', '10m'] });
    const mark = `${process.pid}-${Math.random()}`;
    const rexa = startRexa(['run', '--env', `MARK=${mark}`, daemon.address, '--', ...words]);
    await rexa.untilStdout('up');
    expect(findMarked(mark).length).toBeGreaterThan(0);
    rexa.child.kill('SIGKILL');
    await waitUntil('nothing of the tree is left', () => findMarked(mark).length === 0);
  });
});

describe('orphans', () => {
  it('leave no zombies behind in the daemon', async () => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    for (let round = 0; round < 20; round++) {
      await host.run('sh', ['-c', '(setsid sh -c "sleep 0.01" >/dev/null 2>&1 </dev/null &)']);
    }
    await waitUntil('all orphans are reaped', async () => {
      const { stdout } = await host.run('ps', ['--no-headers', '-o', 'stat', '--ppid', String(daemon.pid)]);
      return !stdout.includes('Z');
    });
  });
});
