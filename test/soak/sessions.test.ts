import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts';
import { SHELL, startSessionHost } from '../fixtures/sessions.ts';
import { startInTmux, startRexaInTmux, type TmuxSession } from '../fixtures/shell/tmux.ts';
import { waitUntil } from '../fixtures/wait-until.ts';
import { shareOf } from './share.ts';

const KILLS = shareOf(100);
const RESTARTS = shareOf(50);
/** Of each program at least one in a session, and one on a terminal that ends with its client. */
const TERMINALS = Math.max(10, shareOf(50));

/** What runs on a terminal, and what is typed to it in each round. */
interface Program {
  readonly name: string;
  readonly command: (file: string) => readonly string[];
  readonly ready: string | RegExp;
  type(terminal: TmuxSession, round: number): Promise<void>;
}

const PROGRAMS: readonly Program[] = [
  {
    name: 'shell',
    command: () => SHELL,
    ready: 'ready$',
    async type(terminal, round) {
      await terminal.type(`printf '\\033[3${round % 8}m%s 中文\\033[0m\\n' ${round}`);
      await terminal.press('Enter');
    },
  },
  {
    name: 'editor',
    command: (file) => ['vim', '-u', 'NONE', '-N', '-n', '+set ruler', file],
    ready: 'line 1',
    async type(terminal, round) {
      await terminal.type(`Gonew line ${round}`);
      await terminal.press('Escape');
    },
  },
  {
    name: 'pager',
    command: (file) => ['less', file],
    ready: 'line 1',
    type: (terminal, round) => terminal.press(round % 3 === 0 ? 'PPage' : 'NPage'),
  },
  {
    name: 'repl',
    command: () => ['python3', '-q'],
    ready: '>>>',
    async type(terminal, round) {
      await terminal.type(`'中' * (${round} % 9)`);
      await terminal.press('Enter');
    },
  },
  {
    name: 'flood',
    command: () => ['bash', '-c', 'seq 2000000; read -r end'],
    ready: /\d/,
    type: async () => undefined,
  },
];

/** A program on a terminal that outlives daemons, and its twin that nothing happens to. */
interface Pair {
  readonly program: Program;
  readonly client: TmuxSession;
  readonly twin: TmuxSession;
}

async function untilSame({ program, client, twin }: Pair): Promise<void> {
  let screens: readonly string[] = [];
  await waitUntil(`the ${program.name} shows the same`, async () => {
    screens = await Promise.all([client, twin].map((terminal) => terminal.coloredScreen()));
    return screens[0] === screens[1];
  }).catch((error: unknown) => {
    throw new Error(`its screen, and what it should be:\n${screens.join('\n')}`, { cause: error });
  });
}

/** Types to all. Keys that are under way when a daemon is killed may be lost with it: their echoes are waited for. */
async function typeAll(pairs: readonly Pair[], round: number): Promise<void> {
  for (const { program, client, twin } of pairs)
    for (const terminal of [client, twin]) await program.type(terminal, round);
  for (const pair of pairs) if (pair.program.name !== 'flood') await untilSame(pair);
}

describe(`${KILLS} kills and ${RESTARTS} restarts of the daemon`, () => {
  it(`leave ${TERMINALS} terminals with editors, pagers, shells, interpreters and floods as they would be without them`, async () => {
    await using stack = new AsyncDisposableStack();
    const host = stack.use(await startSessionHost());
    const file = join(host.home.folder, 'text');
    writeFileSync(file, Array.from({ length: 500 }, (_, index) => `line ${index + 1}\n`).join(''));
    const pairs: Pair[] = [];
    for (let index = 0; index < TERMINALS; index++) {
      const program = PROGRAMS[index % PROGRAMS.length] as Program;
      const command = program.command(file);
      const isNamed = Math.floor(index / PROGRAMS.length) % 2 === 0;
      const started = isNamed
        ? host.onTerminal(['new', 'HOST', `${program.name}-${index}`, '--', ...command])
        : startRexaInTmux(['run', '-t', host.daemon.address, '--', ...command]);
      const client = stack.use(await started);
      const twin = stack.use(await startInTmux(command));
      for (const terminal of [client, twin]) await terminal.until(program.ready);
      pairs.push({ program, client, twin });
    }

    let daemon: TestDaemon = host.daemon;
    const signals = [...Array(KILLS).fill('SIGKILL'), ...Array(RESTARTS).fill('SIGTERM')] as NodeJS.Signals[];
    let slowestMs = 0;
    for (const [round, signal] of signals.entries()) {
      await daemon.stop(signal);
      daemon = stack.use(
        await startDaemon({
          words: ['--listen', host.daemon.address],
          env: { LANG: 'C.UTF-8', ...host.home.env },
        }),
      );
      const sinceMs = performance.now();
      await waitUntil('all are attached again', async () =>
        (await host.list()).every(({ clients, state }) => clients.length === 1 && state === 'running'),
      );
      slowestMs = Math.max(slowestMs, performance.now() - sinceMs);
      await typeAll(pairs, round);
    }
    console.info(`attached after at most ${Math.round(slowestMs)} ms, the question for that included`);
    for (const pair of pairs) {
      await untilSame(pair);
      expect(await pair.client.cursor()).toEqual(await pair.twin.cursor());
    }
  });
});
