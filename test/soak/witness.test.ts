import { describe, expect, it } from 'vitest';
import { type Fault, type FaultyHost, openFaultyHost } from '../fixtures/faulty-host.ts';
import { createRandom, type Random } from '../fixtures/ready-start/random.ts';
import { startRexa } from '../fixtures/run-rexa.ts';
import { commandOf, findLie, makeWitnesses, readWitness, type WitnessedRun } from '../fixtures/witness.ts';
import { shareOf } from './share.ts';

const SEED = Number(process.env['REXA_SEED'] ?? 1);
const RUNS = shareOf(5000);
const RUNS_AT_ONCE = 8;
/** A stall leaves the machine idle: hosts stall beside each other. */
const HOSTS = Math.min(5, Math.ceil(RUNS / RUNS_AT_ONCE));
/** Bounds a hang only; a batch takes as long as its longest stall. */
const BATCH_TIMEOUT_MS = 60_000;

const FAULTS: readonly Fault[] = [
  'none',
  'cut',
  'cut',
  'stall',
  'stall',
  'kill-client',
  'kill-daemon',
  'kill-supervisor',
  'full-disk',
];

/** Everything that differs from the witness in one run through one fault, and in a retry of it by id. */
async function findLies(host: FaultyHost, run: WitnessedRun, fault: Fault): Promise<readonly string[]> {
  const { home, address } = host;
  const words = [...(run.isJob ? ['--id', run.id] : []), address, '-c', commandOf(home, run)];
  const start = () => startRexa(['run', '-n', ...words], { env: home.env });
  const client = start();
  await host.inject(fault, client.child.pid ?? 0);
  const exit = await client.exit;
  // What still runs of it has an end of its own
  const lies = [findLie(run, exit, readWitness(home, run))];
  if (run.isJob && exit.status !== 'SIGKILL') {
    // A retry by id never runs it again, and agrees with what was told
    const again = await start().exit;
    lies.push(findLie(run, again, readWitness(home, run)));
    if (exit.status === run.code && again.status !== run.code)
      lies.push(`retry: ${exit.status}, then ${again.status}: ${again.stderr}`);
  }
  return lies
    .filter((lie) => lie !== null)
    .map((lie) => `${run.id} (${run.isJob ? 'job' : 'run'}, ${fault}): ${lie}`);
}

/** Makes so many runs in a host of their own, some at once. */
async function makeRuns(count: number, seed: number, tally: Map<Fault, number>): Promise<readonly string[]> {
  const random = createRandom(seed);
  await using host = await openFaultyHost(random, seed);
  makeWitnesses(host.home);
  const lies: string[] = [];
  for (let first = 0; first < count; first += RUNS_AT_ONCE) {
    const size = Math.min(RUNS_AT_ONCE, count - first);
    const batch = Array.from({ length: size }, (_, index) => drawRun(random, `run-${seed}-${first + index}`));
    const found = await Promise.all(batch.map(({ run, fault }) => findLies(host, run, fault)));
    lies.push(...found.flat());
    for (const { fault } of batch) tally.set(fault, (tally.get(fault) ?? 0) + 1);
  }
  return lies;
}

function drawRun(random: Random, id: string): { readonly run: WitnessedRun; readonly fault: Fault } {
  const isJob = random.below(2) === 0;
  const run = { id, isJob, lines: 2 + random.below(20_000), code: random.below(100) };
  return { run, fault: FAULTS[random.below(FAULTS.length)] ?? 'none' };
}

describe('what clients are told', () => {
  it(
    `never differs from what commands write down themselves, in ${RUNS} runs through cuts, stalls, kills and full disks`,
    async () => {
      const tally = new Map<Fault, number>();
      const share = Math.ceil(RUNS / HOSTS);
      const counts = Array.from({ length: HOSTS }, (_, index) => Math.min(share, RUNS - index * share));
      const lies = await Promise.all(counts.map((count, index) => makeRuns(count, SEED + index, tally)));
      expect(lies.flat()).toEqual([]);
      expect([...tally.values()].reduce((sum, number) => sum + number, 0)).toBe(RUNS);
    },
    Math.ceil(RUNS / HOSTS / RUNS_AT_ONCE) * BATCH_TIMEOUT_MS + BATCH_TIMEOUT_MS,
  );
});
