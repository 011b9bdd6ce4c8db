import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startLastingRun } from '../../src/cli/session/lasting-run.ts';
import { openHost } from '../../src/client/open-host.ts';
import { startDaemon } from '../fixtures/daemon.ts';
import { createRandom, type Random } from '../fixtures/ready-start/random.ts';
import { type SessionHost, startSessionHost } from '../fixtures/sessions.ts';
import { shareOf } from './share.ts';

const SEED = Number(process.env['REXA_SEED'] ?? 1);
const RUNS = shareOf(500);
const RUNS_AT_ONCE = 8;

/** Starts a run on a terminal for a client that looks for the next daemon. */
async function startRun(address: string, line: string) {
  const open = async () => {
    const host = await openHost(address, { config: false });
    return host.greeted(10_000).then(
      () => host,
      async (error: unknown) => {
        await host.close();
        throw error;
      },
    );
  };
  // There may be no daemon just now
  let host = await open().catch(() => null);
  while (host === null) {
    await sleep(10);
    host = await open().catch(() => null);
  }
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
    reopen: open,
    reconnectForMs: 60_000,
  });
  return { host, run };
}

/** A program of random length whose client reads late, slowly, or at once. @returns what the client was told that is not so */
async function readSlowly(address: string, random: Random): Promise<string | null> {
  const lines = random.below(random.below(4) === 0 ? 5 : 120_000);
  const code = random.below(100);
  const lateMs = random.below(2) * random.below(2000);
  const slowMs = random.below(2) * random.below(4);
  const { host, run } = await startRun(address, `stty -opost; seq ${lines}; exit ${code}`);
  let shown = '';
  await sleep(lateMs);
  for await (const chunk of run.stdout) {
    shown += String(chunk);
    await sleep(slowMs);
  }
  const { outcome, exitCode } = await run;
  await host.close().catch(() => undefined);
  // Its daemon was killed before it had said that the command runs
  if (outcome !== 'exited') return shown === '' ? null : `${outcome} after ${shown.length} bytes`;
  const all = Array.from({ length: lines }, (_, index) => `${index + 1}\n`).join('');
  if (exitCode === code && shown === all) return null;
  return `late ${lateMs} ms, slow ${slowMs} ms: ${exitCode} for ${code}, ${shown.length} for ${all.length} bytes`;
}

/** A program that is typed to more than its client and the host keep. @returns what it was told that is not so */
async function typeMuch(address: string, random: Random): Promise<string | null> {
  const typed = Buffer.alloc(random.below(2_000_000)).map(
    (_, index) => 32 + ((index * 7 + (index >> 8)) % 90),
  );
  const code = random.below(100);
  const program = `stty raw -echo; echo ready; sleep ${random.below(2)}; head -c ${typed.length} | sha256sum; exit ${code}`;
  const { host, run } = await startRun(address, program);
  const type = async (): Promise<void> => {
    const step = 1 + random.below(100_000);
    for (let at = 0; at < typed.length; at += step)
      if (run.stdin?.write(typed.subarray(at, at + step)) === false) await once(run.stdin, 'drain');
  };
  let shown = '';
  for await (const chunk of run.stdout) {
    if (shown === '') void type();
    shown += String(chunk);
  }
  const { outcome, exitCode } = await run;
  await host.close().catch(() => undefined);
  if (outcome !== 'exited') return shown === '' ? null : `${outcome} after ${shown}`;
  const all = `ready\n${createHash('sha256').update(typed).digest('hex')}  -\n`;
  if (exitCode === code && shown === all) return null;
  return `${typed.length} bytes: ${exitCode} for ${code}, ${shown}`;
}

/** Kills or restarts the daemon at random times until told to end. @returns how often */
async function killAgain(host: SessionHost, random: Random, end: AbortSignal): Promise<number> {
  let { daemon } = host;
  for (let kills = 0; ; kills++) {
    await sleep(random.below(1500));
    if (end.aborted) {
      await daemon.stop();
      return kills;
    }
    await daemon.stop(kills % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
    await sleep(random.below(300));
    const env = { LANG: 'C.UTF-8', LC_ALL: undefined, ...host.home.env };
    daemon = await startDaemon({ words: ['--listen', host.daemon.address], env });
  }
}

describe(`${RUNS} commands on terminals whose daemon is killed and restarted`, () => {
  it.each([
    ['are read whole, however slowly', readSlowly],
    ['are typed to, and lose or double no byte', typeMuch],
  ])('%s', async (_what, findLie) => {
    await using host = await startSessionHost();
    const random = createRandom(SEED);
    const end = new AbortController();
    const killing = killAgain(host, random, end.signal);
    const lies: (string | null)[] = [];
    try {
      for (let first = 0; first < RUNS; first += RUNS_AT_ONCE) {
        const batch = Array.from({ length: Math.min(RUNS_AT_ONCE, RUNS - first) }, () =>
          findLie(host.daemon.address, random),
        );
        lies.push(...(await Promise.all(batch)));
      }
    } finally {
      end.abort();
    }
    console.info(`${await killing} kills`);
    expect(lies.filter((lie) => lie !== null)).toEqual([]);
    expect(lies).toHaveLength(RUNS);
  });
});
