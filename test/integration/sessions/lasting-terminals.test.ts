import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startLastingRun } from '../../../src/cli/session/lasting-run.ts';
import { openHost } from '../../../src/client/open-host.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { isAlive } from '../../fixtures/is-alive.ts';
import { createRandom } from '../../fixtures/ready-start/random.ts';
import { type SessionHost, SHELL, startSessionHost } from '../../fixtures/sessions.ts';
import { startRexaInTmux } from '../../fixtures/shell/tmux.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const SEED = Number(process.env['REXA_SEED'] ?? 1);
const KILLS = 8;
const LINES = 40_000;

/** Says lines and keeps what is typed, as bytes; when a line "end" was typed it ends. */
const program = (file: string): string =>
  `stty raw -echo; (i=0; while [ $i -lt ${LINES} ]; do echo "line $i"; i=$((i+1)); done) & ` +
  `{ while IFS= read -r key; do echo "$key"; [ "$key" = end ] && break; done; } > ${file}; wait; exit 7`;

/** Starts the daemon again where it was, with the same home. */
const startNext = (host: SessionHost): Promise<TestDaemon> =>
  startDaemon({
    words: ['--listen', host.daemon.address],
    env: { LANG: 'C.UTF-8', LC_ALL: undefined, ...host.home.env },
  });

/** A terminal run of a client that looks for the next daemon. */
async function startRun({ daemon }: SessionHost, line: string) {
  const open = () => openHost(daemon.address, { config: false });
  const host = await open();
  const { run } = startLastingRun(host, {
    options: {
      shell: true,
      terminal: { columns: 80, rows: 24 },
      stdin: 'pipe',
      buffer: false,
      reject: false,
    },
    session: null,
    start: (opened, options) => opened.run(line, options),
    reopen: async () => {
      const next = await open();
      await next.greeted(10_000);
      return next;
    },
    reconnectForMs: 60_000,
  });
  return { host, run };
}

describe('a terminal whose daemon is killed or restarted again and again', () => {
  it('loses and doubles no byte in either direction, and tells the true outcome', async () => {
    await using host = await startSessionHost();
    await using stack = new AsyncDisposableStack();
    const random = createRandom(SEED);
    const file = join(host.home.folder, 'typed');
    const { host: first, run } = await startRun(host, program(file));
    stack.defer(() => first.close());
    let shown = '';
    run.stdout.on('data', (bytes: Buffer) => {
      shown += bytes.toString();
    });
    const typed: string[] = [];
    const type = async (word: string): Promise<void> => {
      typed.push(word);
      if (run.stdin?.write(`${word}\n`) === false) await once(run.stdin, 'drain');
    };
    await waitUntil('it runs', () => shown !== '');
    let daemon = host.daemon;
    for (let kill = 0; kill < KILLS; kill++) {
      const until = shown.length + random.below(40_000);
      for (let key = 0; shown.length < Math.min(until, LINES * 8); key++) {
        await type(`key ${kill}.${key}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await daemon.stop(kill % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      await type(`meanwhile ${kill}`);
      daemon = stack.use(await startNext(host));
    }
    await type('end');
    const result = await run;
    expect([result.outcome, result.exitCode, result.code]).toEqual(['exited', 7, null]);
    const lines = Array.from({ length: LINES }, (_, index) => `line ${index}\n`).join('');
    expect(shown === lines).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(typed.map((word) => `${word}\n`).join(''));
  });
});

describe('a terminal whose program has ended', () => {
  it('is read to its end by a client that begins late', async () => {
    await using host = await startSessionHost();
    const { host: opened, run } = await startRun(host, 'stty -opost; seq 150000; exit 7');
    await waitUntil('it has ended', () => host.daemon.log().includes('run-ended'));
    let shown = '';
    run.stdout.on('data', (bytes: Buffer) => {
      shown += bytes.toString();
    });
    expect((await run).exitCode).toBe(7);
    expect(shown === Array.from({ length: 150_000 }, (_, index) => `${index + 1}\n`).join('')).toBe(true);
    await opened.close();
  });

  it('is told of, however soon that was', async () => {
    await using host = await startSessionHost();
    const runs = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const { host: own, run } = await startRun(host, `echo ${index}; exit ${index}`);
        const chunks: Buffer[] = [];
        for await (const chunk of run.stdout) chunks.push(chunk as Buffer);
        const { exitCode } = await run;
        await own.close();
        return [exitCode, Buffer.concat(chunks).toString()];
      }),
    );
    expect(runs).toEqual(runs.map((_, index) => [index, `${index}\r\n`]));
  });
});

describe('a terminal whose client is gone', () => {
  it.each([
    ['leaves while its daemon is there', false],
    ['leaves while there is none', true],
  ])('that %s is hung up', async (_what, isDaemonGone) => {
    await using host = await startSessionHost();
    const mark = join(host.home.folder, 'pid');
    const { host: first, run } = await startRun(host, `echo $$ > ${mark}; sleep 1000`);
    await waitUntil('it runs', () => existsSync(mark) && readFileSync(mark, 'utf8').endsWith('\n'));
    const pid = Number(readFileSync(mark, 'utf8'));
    if (!isDaemonGone) {
      run.abandon();
      expect((await run).outcome).toBe('lost');
      await first.close();
      await waitUntil('its program has ended', () => !isAlive(pid));
      return;
    }
    await host.daemon.stop('SIGKILL');
    run.abandon();
    expect((await run).outcome).toBe('lost');
    await using next = await startNext(host);
    expect(isAlive(pid)).toBe(true);
    expect(next.pid).not.toBe(host.daemon.pid);
  });
});

describe('a terminal whose supervisor is killed', () => {
  it('is lost, and none of its processes is left', async () => {
    await using host = await startSessionHost();
    const mark = join(host.home.folder, 'pid');
    const { host: first, run } = await startRun(host, `trap '' HUP; echo $$ > ${mark}; sleep 1000`);
    await waitUntil('it runs', () => existsSync(mark) && readFileSync(mark, 'utf8').endsWith('\n'));
    for (const pid of host.home.supervisors()) process.kill(pid, 'SIGKILL');
    expect(await run).toMatchObject({ outcome: 'lost', code: 'TERMINAL_LOST' });
    await waitUntil('its processes have ended', () => !isAlive(Number(readFileSync(mark, 'utf8'))));
    await first.close();
  });
});

describe('rexa on a terminal', () => {
  it.each<[what: string, words: (address: string) => readonly string[]]>([
    ['rexa HOST', (address) => [address]],
    ['rexa shell', (address) => ['shell', address]],
    ['rexa run -t', (address) => ['run', '-t', address, '--', ...SHELL]],
  ])('%s goes on at the next daemon, with what was typed meanwhile', async (_what, words) => {
    await using host = await startSessionHost();
    await using terminal = await startRexaInTmux(words(host.daemon.address));
    await terminal.until(/[$#]$/);
    const say = async (text: string): Promise<void> => {
      await terminal.type(`echo $((${text}))`);
      await terminal.press('Enter');
    };
    await say('40 + 1');
    await terminal.until(/^41$/m);
    await host.daemon.stop('SIGKILL');
    await say('40 + 2');
    await using _next = await startNext(host);
    await terminal.until(/^42$/m);
    await terminal.type('exit 7');
    await terminal.press('Enter');
    expect(await terminal.exited()).toBe(7);
  });
});
