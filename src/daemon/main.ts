import { setTimeout as sleep } from 'node:timers/promises';
import { runRecordsFolder } from '../places/local-socket.ts';
import { createRunner } from '../process/runner/create-runner.ts';
import { loadExeca } from '../process/runner/load-execa.ts';
import { startChildReaper } from '../process/system/child-reaper.ts';
import { loadSystemCalls } from '../process/system/load-system-calls.ts';
import { RexaError } from '../protocol/errors.ts';
import { RESERVED_DESCRIPTORS, SHUTDOWN_GRACE_MS, SHUTDOWN_GRACE_SHARE } from '../protocol/limits.ts';
import type { Log } from '../runtime/log.ts';
import { limitReadGarbage } from '../runtime/read-garbage.ts';
import { createJobRuns } from '../services/jobs/job-runs.ts';
import { createJobServices } from '../services/jobs/server.ts';
import { createRunService } from '../services/run/server.ts';
import { createLineGuard } from '../services/run/shell-line.ts';
import { createStatusService } from '../services/status/server.ts';
import { resolveEncoding } from '../transcode/encoding.ts';
import { type Address, parseAddress } from '../transports/address.ts';
import { countDescriptors } from './accounts/count-descriptors.ts';
import { createLedger } from './accounts/ledger.ts';
import { REXAD_AGENT } from './agent.ts';
import { openAudit } from './audit/audit.ts';
import { recoverRuns } from './audit/recover-runs.ts';
import { openRunRecords } from './audit/run-records.ts';
import { createDaemon, type Drain } from './daemon.ts';
import { watchForLeaving } from './leaving.ts';
import { listenOn } from './listen/listen-on.ts';
import type { ListenContext, Listener } from './listen/listener.ts';
import { createLog } from './log.ts';
import { type DaemonOptions, parseDaemonOptions, readConfigured } from './options.ts';
import { readHostEncoding } from './read-host-encoding.ts';
import { refuseRoot } from './refuse-root.ts';
import { createSupervisorClient } from './supervisor-client.ts';

/** Told apart from other failures: whoever started a second daemon can be content with the first. */
const EXIT_ALREADY_LISTENING = 3;

/** The program `rexad`: reads its options, listens, serves until a signal or a long idle time ends it. */
async function main(): Promise<void> {
  // What ps, pgrep and pkill show: else every program of Node has the same name.
  process.title = 'rexad';
  const options = await parseDaemonOptions(process.argv.slice(2));
  try {
    process.exit(await ACTIONS[options.action](options));
  } catch (error) {
    const known =
      error instanceof RexaError ? error : new RexaError('INTERNAL', [String(error)], { cause: error });
    process.stderr.write(`rexad: ${known.message}\n`);
    process.exit(known.code === 'ALREADY_LISTENING' ? EXIT_ALREADY_LISTENING : 1);
  }
}

/** The modules of the others are loaded when they are called. */
const ACTIONS: Readonly<Record<DaemonOptions['action'], (options: DaemonOptions) => Promise<number>>> = {
  serve: (options) => serve(options, createLog(options.logFormat)),
  relay: async (options) => (await import('./actions/relay.ts')).relay(options),
  status: async (options) => (await import('./actions/status.ts')).showStatus(options),
  completion: async ({ actionWords }) => (await import('./actions/completion.ts')).complete(actionWords),
  'check-config': async (options) => (await import('./actions/check-config.ts')).checkConfig(options),
};

/** @returns the exit status, once it was told to leave */
async function serve(options: DaemonOptions, log: Log): Promise<number> {
  const startedMs = Date.now();
  /** What may change while we serve is read here. */
  let current = options;
  const addresses = options.listen.map((url) => parseAddress(url));
  refuseRoot(addresses, options.allowRoot);
  const hostEncoding = options.encoding ?? (await readHostEncoding(log));
  if (options.encoding !== null) await resolveEncoding(options.encoding);
  const system = await loadSystemCalls();
  const reaper = startChildReaper(system, { adoptsOrphans: true });
  limitReadGarbage();
  const records = runRecordsFolder();
  const audit = openAudit(options.audit, log, openRunRecords(records, system, log));
  const supervisor = createSupervisorClient(log);
  const runner = createRunner(system, reaper);
  const host = { encoding: hostEncoding, lines: createLineGuard(runner) };
  const jobs = createJobRuns(supervisor, host);
  const ledger = createLedger(countDescriptors() - RESERVED_DESCRIPTORS);
  const runs = createRunService({ runner, audit, host, jobs, ledger });
  const released = Promise.withResolvers<void>();
  let listeners: readonly Listener[] = [];
  const statusService = createStatusService(() => ({
    agent: REXAD_AGENT,
    pid: process.pid,
    startedMs,
    state: daemon.state === 'serving' ? 'serving' : 'draining',
    listen: listeners.map(({ url, fingerprint }) => ({ url, fingerprint })),
    connections: Math.max(0, daemon.connectionCount - 1),
    runs: runs.activeCount,
    config: options.config,
    audit: options.audit,
  }));
  const services = [
    ...createJobServices({ supervisor, audit, hostEncoding, released: released.promise }),
    statusService,
  ];
  const daemon = createDaemon({
    agent: REXAD_AGENT,
    hostEncoding,
    log,
    audit,
    runs,
    ledger,
    services,
    releaseJobs: released.resolve,
    get resumeForMs() {
      return current.resumeForMs;
    },
  });

  // Before anybody can know of us: a signal that comes with the first connection must not find us without an answer.
  let reloading = Promise.resolve();
  const leaving = watchForLeaving(daemon, options.idleExitMs, () => {
    reloading = reloading.then(async () => {
      current = await reload(current, listeners, log);
    });
  });
  listeners = await listenOnAll(addresses, { daemon, system, log, audit, runs, login: options.login });
  daemon.begin();
  log.info('ready', {
    pid: process.pid,
    listen: listeners.map(({ url }) => url),
    system: system.name,
    limitations: system.limitations,
  });
  // Whoever started us and reads no more has had enough.
  process.stdout.on('error', () => {});
  if (options.json) for (const listener of listeners) await announce(listener);

  void recoverRuns({
    folder: records,
    system,
    log,
    auditEnd: audit.endForeign,
    watchJob: ({ owner, id }) => jobs.watch(owner, id),
  });
  // Loaded while nobody waits for it: the first command does not.
  loadExeca().catch(() => undefined);
  const reason = await leaving.due;
  log.info('shutting down', { reason, runs: runs.activeCount });
  const drain = planDrain(current.drainMs, leaving.hurried);
  const drained = daemon.drain(drain);
  await Promise.all([drained, ...listeners.map((listener) => listener.close(drain.ending, drained))]);
  await daemon.leave();
  log.info('stopped');
  return 0;
}

/** Settings of which another value needs another daemon. */
const FIXED = ['listen', 'audit', 'logFormat', 'encoding', 'allowRoot', 'idleExitMs'] as const;

/** Reads configuration and keys again, for what comes from now on. Where they are not valid, those before hold. */
async function reload(
  before: DaemonOptions,
  listeners: readonly Listener[],
  log: Log,
): Promise<DaemonOptions> {
  try {
    const next = await readConfigured(process.argv.slice(2));
    if (typeof next === 'string') return before;
    for (const listener of listeners) await listener.reload(next.login);
    const unchanged = FIXED.filter((name) => JSON.stringify(next[name]) !== JSON.stringify(before[name]));
    log.info('configuration and keys are loaded again', { config: next.config });
    if (unchanged.length > 0)
      log.warn('some settings take effect at the next start', { settings: unchanged });
    return next;
  } catch (error) {
    log.error('configuration and keys are not loaded again: those before hold', {
      error: error instanceof Error ? error.message : String(error),
    });
    return before;
  }
}

/** All or none: a place that was taken is given back when a later one can't be. */
async function listenOnAll(addresses: readonly Address[], context: ListenContext): Promise<Listener[]> {
  const listeners: Listener[] = [];
  try {
    for (const address of addresses) listeners.push(await listenOn(address, context));
    return listeners;
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close(Promise.resolve(), Promise.resolve())));
    throw error;
  }
}

/**
 * One line for each listener, for the program that started us and waits for them; one that has left waits no more.
 * @throws RexaError ANNOUNCE_FAILED
 */
async function announce({ url, fingerprint }: Listener): Promise<void> {
  const line = `${JSON.stringify({ event: 'listening', url, fingerprint })}\n`;
  const cause = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
    process.stdout.write(line, resolve);
  });
  if (cause && cause.code !== 'EPIPE') throw new RexaError('ANNOUNCE_FAILED', [cause.message], { cause });
}

/** Commands that still run are told to end before the drain is over, so that it is when they are gone. */
function planDrain(drainMs: number, hurried: Promise<void>): Drain {
  const graceMs = Math.min(SHUTDOWN_GRACE_MS, drainMs * SHUTDOWN_GRACE_SHARE);
  return {
    ending: Promise.race([sleep(drainMs - graceMs), hurried]),
    endingInMs: Math.round(drainMs - graceMs),
    killing: Promise.race([sleep(drainMs - graceMs / 2), hurried]),
  };
}

await main();
