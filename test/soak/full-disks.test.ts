import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type FaultyHost, openFaultyHost } from '../fixtures/faulty-host.ts';
import { createRandom, type Random } from '../fixtures/ready-start/random.ts';
import { type RexaExit, startRexa } from '../fixtures/run-rexa.ts';
import { waitUntil } from '../fixtures/wait-until.ts';
import {
  commandOf,
  findLie,
  isCommandOf,
  makeWitnesses,
  readWitness,
  type WitnessedRun,
} from '../fixtures/witness.ts';
import { shareOf } from './share.ts';

const SEED = Number(process.env['REXA_SEED'] ?? 1);
const RUNS = shareOf(1000);
const RUNS_AT_ONCE = 8;
const HOSTS = Math.min(4, Math.ceil(RUNS / RUNS_AT_ONCE));
/** Bounds a hang only. */
const BATCH_TIMEOUT_MS = 60_000;

/** What a full disk was met by, as clients, the audit and the supervisor say. */
interface Met {
  /** A job that could not be recorded, so that nothing was run. */
  refused: number;
  /** A job whose output could not be kept. */
  spool: number;
  /** A line of the audit that is in the log instead. */
  audit: number;
  /** The record of a job that was running. */
  store: number;
  /** Starts of supervisors: one for each host, unless one has died. */
  supervisors: number;
}

/** A line about a run, in the audit or in the log. */
interface AuditLine {
  readonly event?: string;
  readonly msg?: string;
  readonly run?: string;
  readonly command?: unknown;
  readonly outcome?: string;
  readonly exitCode?: number | null;
}

const NOT_AUDITED = 'the audit file cannot be written';

/** The lines that are whole: a disk that gets full cuts one. */
function readLines(text: string): readonly AuditLine[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as AuditLine];
    } catch {
      return [];
    }
  });
}

function readAudit(host: FaultyHost): readonly AuditLine[] {
  const lines = readLines(existsSync(host.audit) ? readFileSync(host.audit, 'utf8') : '');
  return [...lines, ...readLines(host.log()).filter(({ msg }) => msg === NOT_AUDITED)];
}

/** The runs that have a beginning in the audit, and no end. */
function openRuns(lines: readonly AuditLine[]): readonly string[] {
  const ended = new Set(lines.filter(({ event }) => event === 'run-ended').map(({ run }) => run));
  const begun = lines.filter(({ event }) => event === 'run-started').map(({ run }) => run ?? '');
  return begun.filter((run) => !ended.has(run));
}

/** What the audit says of a run that differs from what it has written down itself. */
function findAuditLies(host: FaultyHost, runs: readonly WitnessedRun[]): readonly string[] {
  const lines = readAudit(host);
  return runs.flatMap((run) => {
    const own = lines.filter(({ command }) => isCommandOf(run, JSON.stringify(command)));
    const { starts, hasEnded } = readWitness(host.home, run);
    if (starts > 0 && own.length === 0) return [`${run.id}: it ran, and is not in the audit`];
    return own
      .filter(({ outcome }) => outcome === 'exited')
      .filter(({ exitCode }) => exitCode !== run.code || !hasEnded)
      .map(({ exitCode }) => `${run.id}: the audit says exited ${exitCode}`);
  });
}

/** Runs the command of a run, or asks for it again by its id. */
async function ask({ home, address }: FaultyHost, run: WitnessedRun, met: Met): Promise<RexaExit> {
  const words = [...(run.isJob ? ['--id', run.id] : []), address, '-c', commandOf(home, run)];
  // A crowded machine is slow to answer: that is not what is tested
  const exit = await startRexa(['run', '-n', '--connect-timeout', '60s', ...words], { env: home.env }).exit;
  if (/cannot store the output/.test(exit.stderr)) met.spool += 1;
  else if (/ENOSPC|EFBIG|disk/.test(exit.stderr)) met.refused += 1;
  return exit;
}

/** Asks for something of each run, some at once. */
async function askAll<Answer>(
  runs: readonly WitnessedRun[],
  question: (run: WitnessedRun) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let first = 0; first < runs.length; first += RUNS_AT_ONCE)
    answers.push(...(await Promise.all(runs.slice(first, first + RUNS_AT_ONCE).map(question))));
  return answers;
}

/** What differs from the witness when a job is asked for again by its id, once there is room. */
async function findRetryLies(
  host: FaultyHost,
  run: WitnessedRun,
  first: RexaExit,
  met: Met,
): Promise<readonly string[]> {
  const again = await ask(host, run, met);
  const lie = findLie(run, again, readWitness(host.home, run));
  if (lie !== null) return [`${run.id}, by its id: ${lie}`];
  if (first.status !== run.code || again.status === run.code) return [];
  return [`${run.id}: ${first.status}, then by its id ${again.status}: ${again.stderr}`];
}

function drawRun(random: Random, id: string): WitnessedRun {
  return { id, isJob: random.below(4) > 0, lines: 2 + random.below(20_000), code: random.below(100) };
}

/** Makes so many runs in a host of their own, some at once. */
async function makeRuns(count: number, seed: number, met: Met): Promise<readonly string[]> {
  const random = createRandom(seed);
  await using host = await openFaultyHost(random, seed);
  makeWitnesses(host.home);
  const runs = Array.from({ length: count }, (_, index) => drawRun(random, `run-${seed}-${index}`));
  const lies: string[] = [];
  const exits = new Map<WitnessedRun, RexaExit>();
  const underWay = askAll(runs, async (run) => {
    const exit = await ask(host, run, met);
    exits.set(run, exit);
    const lie = findLie(run, exit, readWitness(host.home, run));
    if (lie !== null) lies.push(`${run.id}: ${lie}`);
  });
  await host.keepFilling(underWay);
  const retried = await askAll([...exits.keys()], async (run) => {
    const first = exits.get(run);
    return run.isJob && first !== undefined ? findRetryLies(host, run, first, met) : [];
  });
  await waitUntil('each run has its end in the audit', () => openRuns(readAudit(host)).length === 0);
  met.audit += readLines(host.log()).filter(({ msg }) => msg === NOT_AUDITED).length;
  met.store += host.supervisorLog().split('of a job cannot be written').length - 1;
  met.supervisors += host.supervisorLog().split(' ready pid=').length - 1;
  return [...lies, ...retried.flat(), ...findAuditLies(host, runs)];
}

describe('what clients and the audit say', () => {
  it(
    `never differs from what commands write down themselves, in ${RUNS} runs while disks are full again and again`,
    async () => {
      const met: Met = { refused: 0, spool: 0, audit: 0, store: 0, supervisors: 0 };
      const share = Math.ceil(RUNS / HOSTS);
      const counts = Array.from({ length: HOSTS }, (_, index) => Math.min(share, RUNS - index * share));
      const lies = await Promise.all(counts.map((count, index) => makeRuns(count, SEED + index, met)));
      console.info(`met a full disk: ${JSON.stringify(met)}`);
      expect(lies.flat()).toEqual([]);
      // Of few runs none may meet it in one of these ways
      expect(met.refused + met.spool + met.audit + met.store).toBeGreaterThan(0);
    },
    Math.ceil(RUNS / HOSTS / RUNS_AT_ONCE) * BATCH_TIMEOUT_MS + BATCH_TIMEOUT_MS,
  );
});
