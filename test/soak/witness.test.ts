import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startChaosProxy } from '../fixtures/chaos-proxy.ts';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts';
import { type JobHome, makeJobHome, signal } from '../fixtures/jobs.ts';
import { createRandom, type Random } from '../fixtures/ready-start/random.ts';
import { type RexaExit, startRexa } from '../fixtures/run-rexa.ts';
import { shareOf } from './share.ts';

const SEED = Number(process.env['REXA_SEED'] ?? 1);
const RUNS = shareOf(5000);
const RUNS_AT_ONCE = 8;
/** A stall is what is tested: as long as a paused machine, or a page fault storm. */
const STALL_MS = { least: 1000, most: 5000 } as const;
const FAULT_WITHIN_MS = 400;

type Fault = 'none' | 'cut' | 'stall' | 'kill-client' | 'kill-daemon' | 'kill-supervisor';
const FAULTS: readonly Fault[] = [
  'none',
  'cut',
  'cut',
  'stall',
  'stall',
  'kill-client',
  'kill-daemon',
  'kill-supervisor',
];

interface WitnessedRun {
  readonly id: string;
  readonly isJob: boolean;
  readonly lines: number;
  readonly code: number;
}

/** What the command itself has written down of what happened. */
interface Witness {
  readonly starts: number;
  readonly hasEnded: boolean;
}

function witnessFile(home: JobHome, { id }: WitnessedRun): string {
  return join(home.folder, 'witness', id);
}

/** Writes down that it starts, writes its lines in pieces, writes down that it ends, and exits with its code. */
function commandOf(home: JobHome, run: WitnessedRun): string {
  const file = witnessFile(home, run);
  const half = Math.floor(run.lines / 2);
  return `echo start >>${file}; seq 1 ${half}; sleep 0.1; seq ${half + 1} ${run.lines}; echo end >>${file}; exit ${run.code}`;
}

function readWitness(home: JobHome, run: WitnessedRun): Witness {
  const file = witnessFile(home, run);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return { starts: lines.filter((line) => line === 'start').length, hasEnded: lines.includes('end') };
}

function expectedOutput({ lines }: WitnessedRun): string {
  return Array.from({ length: lines }, (_, index) => `${index + 1}\n`).join('');
}

/** What of an exit differs from the witness; null: nothing. */
function findLie(run: WitnessedRun, { status, stdout, stderr }: RexaExit, witness: Witness): string | null {
  if (witness.starts > 1) return `ran ${witness.starts} times`;
  if (status === 'SIGKILL') return null;
  const isWhole = stdout.toString() === expectedOutput(run);
  if (status === run.code && !isWhole) return `exit ${status} with ${stdout.length} bytes: incomplete`;
  if (status === run.code && !witness.hasEnded)
    return `exit ${status}, but the command did not end by itself`;
  if (status !== run.code && status !== 125) return `exit ${status} in the place of ${run.code}`;
  const neverRan = /rexa: (not started|unreachable|denied):/.test(stderr);
  if (neverRan && witness.starts > 0) return `it ran, and was told as: ${stderr}`;
  return null;
}

/** One daemon that is started again whenever it was killed. */
interface Setup {
  readonly home: JobHome;
  daemon: TestDaemon;
}

async function stall(pid: number, random: Random): Promise<void> {
  if (!signal(pid, 'SIGSTOP')) return;
  await pause(STALL_MS.least + random.below(STALL_MS.most - STALL_MS.least));
  signal(pid, 'SIGCONT');
}

async function inject(fault: Fault, house: Setup, clientPid: number, cut: () => void, random: Random) {
  await pause(random.below(FAULT_WITHIN_MS));
  const supervisor = house.home.supervisors().at(-1) ?? 0;
  const pids = [clientPid, house.daemon.pid, supervisor];
  if (fault === 'cut') cut();
  if (fault === 'kill-client') signal(clientPid, 'SIGKILL');
  if (fault === 'kill-supervisor' && supervisor > 0) signal(supervisor, 'SIGKILL');
  if (fault === 'stall') await stall(pids[random.below(pids.length)] || clientPid, random);
}

describe('what clients are told', () => {
  it(`never differs from what commands write down themselves, in ${RUNS} runs through cuts, stalls and kills`, async () => {
    await using home = makeJobHome();
    mkdirSync(join(home.folder, 'witness'));
    const random = createRandom(SEED);
    const house: Setup = { home, daemon: await startDaemon({ env: home.env }) };
    await using proxy = await startChaosProxy({ path: house.daemon.socketPath }, 'unix', SEED);
    const address = `unix:${'path' in proxy.place ? proxy.place.path : ''}`;
    const lies: string[] = [];
    let done = 0;

    // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one scene, told in its order
    async function runOne(run: WitnessedRun, fault: Fault): Promise<void> {
      const words = run.isJob ? ['--id', run.id] : [];
      const client = startRexa(['run', '-n', ...words, address, '-c', commandOf(home, run)], {
        env: home.env,
      });
      await inject(fault, house, client.child.pid ?? 0, proxy.cutAll, random);
      const exit = await client.exit;
      // What still runs of it has an end of its own
      const lie = findLie(run, exit, readWitness(home, run));
      if (lie !== null) lies.push(`${run.id} (${run.isJob ? 'job' : 'run'}, ${fault}): ${lie}`);
      if (!run.isJob || exit.status === 'SIGKILL') return;
      // A retry by id never runs it again, and agrees with what was told
      const again = await startRexa(['run', '-n', ...words, address, '-c', commandOf(home, run)], {
        env: home.env,
      }).exit;
      const second = findLie(run, again, readWitness(home, run));
      if (second !== null) lies.push(`${run.id} (retry, ${fault}): ${second}`);
      if (exit.status === run.code && again.status !== run.code)
        lies.push(`${run.id} (retry, ${fault}): ${exit.status}, then ${again.status}: ${again.stderr}`);
    }

    for (let first = 0; first < RUNS; first += RUNS_AT_ONCE) {
      const count = Math.min(RUNS_AT_ONCE, RUNS - first);
      const runs = Array.from({ length: count }, (_, index) => ({
        id: `run-${first + index}`,
        isJob: random.below(2) === 0,
        lines: 2 + random.below(20_000),
        code: random.below(100),
      }));
      const faults = runs.map(() => FAULTS[random.below(FAULTS.length)] ?? 'none');
      const all = Promise.all(runs.map((run, index) => runOne(run, faults[index] ?? 'none')));
      if (faults.includes('kill-daemon')) {
        await pause(random.below(FAULT_WITHIN_MS));
        await house.daemon.stop('SIGKILL');
        house.daemon = await startDaemon({ env: home.env });
        proxy.setTarget({ path: house.daemon.socketPath });
      }
      await all;
      done += count;
    }
    await house.daemon[Symbol.asyncDispose]();
    expect(lies).toEqual([]);
    expect(done).toBe(RUNS);
  });
});
