import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/connect.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { isAlive } from '../../fixtures/is-alive.ts';
import { makeJobHome } from '../../fixtures/jobs.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const PATIENCE_MS = 60_000;
/** Ended by the tests themselves, or with the daemon. */
const LONG_S = 600;

const home = makeJobHome();
let daemon: TestDaemon;
beforeAll(async () => {
  daemon = await startDaemon({ env: home.env });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

/** The ways to ask for a line. `run` names who is no filter, the drop-in waits for all. */
const WAYS = {
  run: (line: string) => ['run', '-n', daemon.address, '--', 'bash', '-c', line],
  'a job': (line: string) => [
    'run',
    '-n',
    '--lifetime',
    'linger:1m',
    daemon.address,
    '--',
    'bash',
    '-c',
    line,
  ],
  'the drop-in': (line: string) => ['ssh', '-n', daemon.address, `bash -c '${line}'`],
};

describe.each(Object.entries(WAYS))(
  'output through filters that outlast the command, by %s,',
  (_way, words) => {
    it.each([
      ['exec > >(sleep 1.6; cat); seq 1 5', '1\n2\n3\n4\n5\n', ''],
      ['seq 5 -1 1 > >(sleep 1.6; sort)', '1\n2\n3\n4\n5\n', ''],
      ['echo e >&2 2> >(tee /dev/null | (sleep 1.6; cat) >&2)', '', 'e\n'],
      ['exec > >(tac > >(sleep 1.6; cat)); seq 1 3', '3\n2\n1\n', ''],
      ['exec > >(grep 2 | (sleep 1.6; cat)); seq 1 3', '2\n', ''],
      [`coproc { cat >&2; sleep 1.3; echo late >&2; }; echo in >&\${COPROC[1]}`, '', 'in\nlate\n'],
      ['exec > >(while read -r l; do sleep .6; echo "<$l>"; done); seq 1 3', '<1>\n<2>\n<3>\n', ''],
    ])('is whole: %s', { timeout: PATIENCE_MS }, async (line, stdout, stderr) => {
      const exit = await runRexa(words(line));
      expect([exit.status, exit.stdout.toString(), exit.stderr]).toEqual([0, stdout, stderr]);
    });
  },
);

describe('a run whose output is still held', () => {
  it.each([
    ['of sh', `sleep ${LONG_S} &`],
    ['that left its session', `setsid -f sleep ${LONG_S}`],
    ['behind nohup', `nohup sleep ${LONG_S} 2>/dev/null &`],
    ['forked twice', `(sleep ${LONG_S} & exec true)`],
    ['that is fed by another one', `sleep ${LONG_S} | cat &`],
    ['that is a filter for another one', `exec > >(cat); sleep ${LONG_S} &`],
  ])('names a background process %s, and is not complete', { timeout: PATIENCE_MS }, async (_name, start) => {
    await using host = await connect(daemon.address);
    const result = await host.run('bash', ['-c', `${start}\necho told; exit 3`], {
      reject: false,
      input: 'unread',
    });
    expect([result.outcome, result.exitCode, result.stdout]).toEqual(['exited', 3, 'told\n']);
    expect(result.complete).toBe(false);
    expect(result.pipeHeldBy).not.toEqual([]);
    for (const pid of result.pipeHeldBy) killIfAlive(pid);
  });

  it('is complete when nobody holds it', async () => {
    await using host = await connect(daemon.address);
    const result = await host.run('bash', ['-c', `sleep ${LONG_S} >/dev/null 2>&1 & echo $!`]);
    process.kill(Number(result.stdout), 'SIGKILL');
    expect([result.complete, result.pipeHeldBy]).toEqual([true, []]);
  });

  it('has all that the command wrote while its daemon is stopped again and again', {
    timeout: PATIENCE_MS,
  }, async () => {
    await using host = await connect(daemon.address);
    const line = 'sleep 0.3 & head -c 3000000 /dev/zero';
    const runs = Array.from({ length: 8 }, () => host.run('sh', ['-c', line], { encoding: 'binary' }));
    let isOver = false;
    const all = Promise.all(runs).finally(() => {
      isOver = true;
    });
    for (let round = 0; round < 10 && !isOver; round += 1) await stopFor(daemon.pid, '1.3');
    for (const result of await all) {
      expect([result.exitCode, result.stdout.length, result.complete]).toEqual([0, 3_000_000, true]);
    }
  });

  it('ends with filters that are at work when it is canceled', { timeout: PATIENCE_MS }, async () => {
    await using host = await connect(daemon.address);
    const told = Promise.withResolvers<readonly number[]>();
    const run = host.run('bash', ['-c', `exec > >(exec sleep ${LONG_S})`], {
      reject: false,
      handleHeld: told.resolve,
    });
    const [filter = 0] = await told.promise;
    run.cancel();
    const result = await run;
    expect([result.outcome, result.exitCode, isAlive(filter)]).toEqual(['canceled', 0, false]);
  });

  it('waits in the drop-in as long as somebody holds it', { timeout: PATIENCE_MS }, async () => {
    const go = join(daemon.folder, 'go');
    const line = `(while ! test -e ${go}; do sleep .1; done; echo late) & echo early`;
    const rexa = startRexa(['ssh', '-n', daemon.address, line]);
    await rexa.untilStdout('early');
    await connectAndRun(`sleep 2; : >${go}`);
    const { status, stdout } = await rexa.exit;
    expect([status, stdout.toString()]).toEqual([0, 'early\nlate\n']);
  });

  it('is left in the drop-in at an interrupt, and the background process goes on', {
    timeout: PATIENCE_MS,
  }, async () => {
    const file = join(daemon.folder, 'pids');
    const line = `sleep ${LONG_S} & echo $$ $! >${file}`;
    const rexa = startRexa(['ssh', '-n', daemon.address, line]);
    const readPids = (): readonly number[] =>
      existsSync(file) ? readFileSync(file, 'utf8').split(' ').map(Number) : [];
    await waitUntil('the command has exited', () => {
      const [shell = process.pid, background] = readPids();
      return background !== undefined && !isAlive(shell);
    });
    rexa.child.kill('SIGINT');
    const { status, stderr } = await rexa.exit;
    const background = readPids()[1] ?? 0;
    expect([status, stderr]).toEqual([
      0,
      `rexa: stdout or stderr is still held open by pid ${background}; further output is discarded\n`,
    ]);
    expect(isAlive(background)).toBe(true);
    process.kill(background, 'SIGKILL');
  });
});

/** One end of a pipeline may end with the other. */
function killIfAlive(pid: number): void {
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
}

async function connectAndRun(line: string): Promise<{ readonly stdout: string }> {
  await using host = await connect(daemon.address);
  return await host.run(line, { shell: true, reject: false });
}

/** Stops a process for so many seconds, as a machine that is paused does. */
async function stopFor(pid: number, seconds: string): Promise<void> {
  const { spawn } = await import('node:child_process');
  const child = spawn('sh', ['-c', `kill -STOP ${pid}; sleep ${seconds}; kill -CONT ${pid}; sleep 0.05`]);
  await new Promise((resolve) => child.once('exit', resolve));
}
