import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { connect, type Host } from '../../../src/client/index.ts';
import { readProcess } from '../../../src/process/system/process-table.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { makeJobHome } from '../../fixtures/jobs.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

interface Ended {
  readonly outcome: string;
  readonly exitCode: number | null;
}

/** How the runs ended, as the log says. */
function endsOf(daemon: TestDaemon): readonly Ended[] {
  const lines = daemon.log().split('\n');
  return lines.filter((line) => line.includes('"msg":"run-ended"')).map((line) => JSON.parse(line) as Ended);
}

/** Exits with 7 once the file is there. */
const commandOf = (file: string): string => `until test -e ${file}; do sleep 0.05; done; exit 7`;

const isZombie = (pid: number): boolean => readProcess(pid)?.isAlive === false;

/** 0 while the file is not there. */
const readPid = (file: string): number => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);

/** What is asked for while a process is stopped has reached its socket. */
async function untilSent(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await nextTurn();
}

/** Stops a process while something is asked of it, and lets the command exit behind that, before the process goes on. */
async function askAndExit(
  stopped: number,
  { pid, file }: { readonly pid: number; readonly file: string },
  ask: () => unknown,
): Promise<void> {
  process.kill(stopped, 'SIGSTOP');
  try {
    await ask();
    await untilSent();
    await writeFile(file, '');
    await waitUntil('the command has exited', () => isZombie(pid));
  } finally {
    process.kill(stopped, 'SIGCONT');
  }
}

type Run = ReturnType<Host['run']>;

const REQUESTS: readonly { readonly what: string; readonly ask: (run: Run, host: Host) => void }[] = [
  { what: 'a cancellation', ask: (run) => run.cancel() },
  { what: 'a hangup', ask: (run) => run.hangUp() },
  { what: 'a signal', ask: (run) => run.kill('SIGTERM') },
  { what: 'the leave of the client', ask: (_run, host) => void host.close() },
];

describe('a command that exits by itself before the daemon reads what would end it', () => {
  it.each(REQUESTS)('is recorded as exited: $what', async ({ ask }) => {
    await using daemon = await startDaemon({ words: ['--log-format', 'json'] });
    const host = await connect(daemon.address);
    const file = join(daemon.folder, 'exit');
    const run = host.run(commandOf(file), { shell: true, reject: false });
    const pid = (await run.pid) ?? 0;
    await askAndExit(daemon.pid, { pid, file }, () => ask(run, host));
    await expect.poll(() => endsOf(daemon)).toMatchObject([{ outcome: 'exited', exitCode: 7 }]);
    await run;
    await host.close();
  });

  it('is recorded as exited: the end of a Ready/Start peer', async () => {
    const words = ['--allow-root', '--listen', 'ready://127.0.0.1:0', '--log-format', 'json'];
    await using daemon = await startDaemon({ words });
    const [file, started] = [join(daemon.folder, 'exit'), join(daemon.folder, 'started')];
    const socket = connectSocket({
      host: '127.0.0.1',
      port: Number(new URL(daemon.listening[1]?.url ?? '').port),
    });
    await once(socket, 'connect');
    socket.write(`echo $$ >${started}.part; mv ${started}.part ${started}; ${commandOf(file)}\n`);
    let pid = 0;
    await waitUntil('the command runs', () => {
      pid = readPid(started);
      return pid > 0;
    });
    await askAndExit(daemon.pid, { pid, file }, () => socket.destroy());
    await expect.poll(() => endsOf(daemon)).toMatchObject([{ outcome: 'exited', exitCode: 7 }]);
  });

  it('is recorded as exited by the supervisor of jobs', async () => {
    await using home = makeJobHome();
    await using daemon = await startDaemon({ env: home.env });
    await using host = await connect(daemon.address);
    const file = join(daemon.folder, 'exit');
    const run = host.run(commandOf(file), { shell: true, reject: false, id: 'job' });
    const pid = (await run.pid) ?? 0;
    const [supervisor = 0] = home.supervisors();
    await askAndExit(supervisor, { pid, file }, async () => {
      run.cancel();
      // The daemon has passed it on before it answers
      await host.ping();
    });
    expect(await run).toMatchObject({ outcome: 'exited', exitCode: 7 });
  });
});
