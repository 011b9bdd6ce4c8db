import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Host, type RemoteRun, type RunOptions } from '../../../src/client/index.ts';
import { readProcess } from '../../../src/process/system/process-table.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { writeNodeWithImport } from '../../fixtures/node-with-import.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const TERMINAL = { columns: 100, rows: 30 };

let daemon: TestDaemon;
let host: Host;
beforeAll(async () => {
  // As one that a service manager has started: without a locale
  daemon = await startDaemon({ env: { LANG: undefined, LC_ALL: undefined, LC_CTYPE: undefined } });
  host = await connect(daemon.address);
});
afterAll(async () => {
  await host.close();
  await daemon[Symbol.asyncDispose]();
});

const runLine = (line: string, options: RunOptions = {}): RemoteRun =>
  host.run(line, [], { shell: true, terminal: TERMINAL, ...options });

/** What a run has shown until that fits. */
async function readUntil(run: RemoteRun, expected: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of run.stdout.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (expected.test(text)) return text;
  }
  throw new Error(`the run has shown only ${JSON.stringify(text)}`);
}

const isAlive = (pid: number): boolean => readProcess(pid)?.isAlive === true;

describe('a run on a terminal', () => {
  it('has the size and the kind that were asked for, and shows all on stdout', async () => {
    const result = await runLine('stty size; echo $TERM; echo said >&2; test -t 0 && echo yes', {
      terminal: { ...TERMINAL, term: 'screen' },
    });
    expect([result.stdout, result.stderr]).toEqual(['30 100\r\nscreen\r\nsaid\r\nyes\r\n', '']);
  });

  it('is 8 bits wide, and knows that its characters are UTF-8 where no locale says so', async () => {
    const { stdout } = await runLine('locale charmap; printf "\\xe4\\xbd\\xa0\\n"');
    expect(stdout).toBe('UTF-8\r\n你\r\n');
  });

  it('keeps the locale that the client asks for', async () => {
    const { stdout } = await runLine('echo $LC_CTYPE $LANG', { env: { LANG: 'C' } });
    expect(stdout).toBe('C\r\n');
  });

  it('gets another size while it runs', async () => {
    const run = runLine(`trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done`, {
      buffer: false,
    });
    await readUntil(run, /ready/);
    run.resize(132, 50);
    await readUntil(run, /50 132/);
    await run;
  });

  it('takes what is typed, Ctrl-C as a signal of the terminal', async () => {
    const run = runLine('sleep 1000', { stdin: 'pipe', reject: false });
    await run.pid;
    run.stdin?.write('\x03');
    expect(await run).toMatchObject({ outcome: 'signaled', signal: 'SIGINT', stdout: '^C' });
  });

  it('gives a login shell that knows what it is', async () => {
    const run = host.run('', { shell: 'login', terminal: TERMINAL, stdin: 'pipe', buffer: false });
    run.stdin?.write('echo "name $0, $(shopt -q login_shell && echo login)"; exit 3\n');
    const shown = await readUntil(run, /name -\w+, /);
    expect(shown).not.toMatch(/job control/);
    expect(shown).toMatch(/name -bash, login/);
    run.stdout.resume();
    await expect(run).rejects.toMatchObject({ result: { outcome: 'exited', exitCode: 3 } });
  });

  it('gives a login shell without a terminal too, which reads its stdin', async () => {
    const run = await host.run('', { shell: 'login', input: 'echo $0; test -t 0 || echo no\n' });
    expect(run.stdout).toBe('-bash\nno\n');
  });

  it('shows its output in the characters of UTF-8, and reads keys in those of the host', async () => {
    const file = join(daemon.folder, 'typed');
    const run = runLine(`printf '\\xc4\\xe3\\n'; head -n 1 >'${file}'`, {
      encoding: 'gbk',
      stdin: 'pipe',
    });
    // Cut in the middle of a character
    const typed = Buffer.from('好\r');
    run.stdin?.write(typed.subarray(0, 1));
    run.stdin?.write(typed.subarray(1));
    expect((await run).stdout).toMatch(/你\r\n/);
    expect(readFileSync(file)).toEqual(Buffer.from('bac30a', 'hex'));
  });

  it.each([
    ['ends', (run: RemoteRun) => run.cancel(), 'canceled'],
    ['is ended when its time is over', () => undefined, 'timed-out'],
  ])('%s with all that it has started, a shell that ignores SIGTERM included', async (_how, end, outcome) => {
    const run = host.run('', {
      shell: 'login',
      terminal: TERMINAL,
      stdin: 'pipe',
      reject: false,
      buffer: false,
      timeout: outcome === 'timed-out' ? 5000 : 0,
    });
    run.stdin?.write('(setsid sleep 1000 & echo job $!)\n');
    const job = Number(/job (\d+)/.exec(await readUntil(run, /job \d+\r/))?.[1]);
    run.stdout.resume();
    end(run);
    expect(await run).toMatchObject({ outcome, survivors: [] });
    expect(isAlive(job)).toBe(false);
  });

  it('is hung up when its client is gone: the shell ends, and what left its session stays', async () => {
    const gone = await connect(daemon.address);
    const run = gone.run('', {
      shell: 'login',
      terminal: TERMINAL,
      stdin: 'pipe',
      reject: false,
      buffer: false,
    });
    run.stdin?.write('(setsid sleep 1000 & echo stays $!); sleep 1000 & echo goes $!\n');
    const shown = await readUntil(run, /goes \d+\r/);
    const [stays, goes] = ['stays', 'goes'].map((name) =>
      Number(new RegExp(`${name} (\\d+)`).exec(shown)?.[1]),
    ) as [number, number];
    const shell = (await run.pid) ?? 0;
    await waitUntil('one has left', () => readProcess(stays)?.session === stays);
    run.stdout.resume();
    run.abandon();
    await run;
    await gone.close();
    await waitUntil('the shell is gone', () => !isAlive(shell));
    await waitUntil('its job is gone', () => !isAlive(goes));
    expect(isAlive(stays)).toBe(true);
    process.kill(stays, 'SIGKILL');
  });

  it('is hung up when the daemon is ended: its client hears so, and what left its session stays', async () => {
    await using other = await startDaemon({ words: ['--drain', '3s'] });
    await using there = await connect(other.address);
    const run = there.run('', {
      shell: 'login',
      terminal: TERMINAL,
      stdin: 'pipe',
      reject: false,
      buffer: false,
    });
    run.stdin?.write('(setsid sleep 1000 & echo stays $!)\n');
    const stays = Number(/stays (\d+)/.exec(await readUntil(run, /stays \d+\r/))?.[1]);
    await waitUntil('it has left', () => readProcess(stays)?.session === stays);
    run.stdout.resume();
    expect(await other.stop()).toBe(0);
    expect(await run).toMatchObject({ outcome: 'canceled', signal: 'SIGHUP' });
    expect(isAlive(stays)).toBe(true);
    process.kill(stays, 'SIGKILL');
  });

  it.each([
    [{ columns: 0, rows: 24 }, 'USAGE'],
    [{ columns: 80, rows: 70_000 }, 'USAGE'],
    [{ columns: 80, rows: 24, term: 'a b' }, 'REQUEST_WRONG_SHAPE'],
  ])('that would be %j is refused', async (terminal, code) => {
    expect(await runLine('echo ran', { terminal, reject: false })).toMatchObject({
      outcome: 'not-started',
      code,
    });
  });

  it('grows nothing in the daemon while its client does not read', async () => {
    const run = runLine('yes', { buffer: false, reject: false });
    await once(run.stdout, 'readable');
    const memory = (): number =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1]);
    const pid = (await run.pid) ?? 0;
    // Its CPU time stands still: it waits in its write
    let ticks = '';
    await waitUntil('yes is held up', async () => {
      const before = ticks;
      ticks = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(13, 15).join(' ');
      await new Promise((resolve) => setTimeout(resolve, 50));
      return before === ticks;
    });
    expect(memory()).toBeLessThan(200 * 1024);
    run.cancel();
    run.stdout.resume();
    await run;
  });

  it('loses no tail', async () => {
    const expected = Array.from({ length: 2000 }, (_, index) => `${index + 1}\r\n`).join('');
    for (let time = 0; time < 20; time++) {
      const { stdout } = await host.run('seq', ['1', '2000'], { terminal: TERMINAL });
      expect(stdout === expected).toBe(true);
    }
  });
});

describe('a daemon without koffi', () => {
  it('gives terminals by script(1), and where there is none says so', async () => {
    const file = join(daemon.folder, 'no-koffi.mjs');
    writeFileSync(
      file,
      `import { registerHooks } from 'node:module';
       registerHooks({ resolve(name, context, next) {
         if (name === 'koffi') throw new Error('there is none');
         return next(name, context);
       } });`,
    );
    await using without = await startDaemon({ env: { REXA_NODE: writeNodeWithImport(daemon.folder, file) } });
    expect(without.log()).toMatch(/fallback/);
    await using other = await connect(without.address);
    const result = await other.run('stty size; exit 7', [], {
      shell: true,
      terminal: TERMINAL,
      reject: false,
    });
    expect([result.stdout, result.exitCode]).toEqual(['30 100\r\n', 7]);
    const none = await other.run('/bin/true', {
      terminal: TERMINAL,
      env: { PATH: '/nowhere' },
      reject: false,
    });
    expect([none.outcome, none.code]).toEqual(['not-started', 'TERMINAL_UNAVAILABLE']);
    rmSync(file);
  });
});
