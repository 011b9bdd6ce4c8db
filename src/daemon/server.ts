import { setImmediate as nextTurn } from 'node:timers/promises';
import { createRunner } from '../process/runner/create-runner.ts';
import { loadExeca } from '../process/runner/load-execa.ts';
import { startChildReaper } from '../process/system/child-reaper.ts';
import { loadSystemCalls } from '../process/system/load-system-calls.ts';
import type { SystemCalls } from '../process/system/system-calls.ts';
import type { Log } from '../runtime/log.ts';
import { type ForwardPolicy, NO_FORWARDING } from '../services/forward/authorize.ts';
import type { JobRuns } from '../services/jobs/job-runs.ts';
import type { RecordPolicy } from '../services/run/record-policy.ts';
import { recoverRuns } from '../services/run/recover-runs.ts';
import { openRunRecords, withoutRunRecords } from '../services/run/run-records.ts';
import { createLineGuard } from '../services/run/shell-line.ts';
import type { Service } from '../services/service.ts';
import type { SessionEnds } from '../services/sessions/session-ends.ts';
import type { DaemonStatus } from '../services/status/messages.ts';
import { type OpenTranscript, withoutTranscripts } from '../services/talk/transcripts.ts';
import { resolveEncoding } from '../transcode/encoding.ts';
import type { ListenAddress } from '../transports/listen-address.ts';
import { charge } from './accounts/charge.ts';
import { countDescriptors } from './accounts/count-descriptors.ts';
import { createLedger } from './accounts/ledger.ts';
import { REXAD_AGENT } from './agent.ts';
import { type Audit, openAudit } from './audit/audit.ts';
import { createDaemon, type Daemon, type Drain } from './daemon.ts';
import { makeForwarding } from './forwarding.ts';
import { keepTranscripts } from './keep-transcripts.ts';
import { RESERVED_DESCRIPTORS } from './limits.ts';
import { listenOn } from './listen/listen-on.ts';
import type { DatagramCounts, ListenContext, Listener, LoginSources } from './listen/listener.ts';
import { createProbeLimits } from './probe/probe-limits.ts';
import { readHostEncoding } from './read-host-encoding.ts';
import { refuseRoot } from './refuse-root.ts';
import { createDaemonServices } from './services.ts';
import { keepSessionShares } from './session-shares.ts';
import { createSupervisorClient } from './supervisor-client.ts';

/** All that a daemon is told by the program that it is in. */
export interface ServerSettings {
  readonly addresses: readonly ListenAddress[];
  readonly login: LoginSources;
  readonly log: Log;
  /** Null: what would stand in the audit file goes to the log. */
  readonly audit: string | null;
  /** The name of the encoding that `host` means in a request; null: the locale's. */
  readonly encoding: string | null;
  readonly allowRoot: boolean;
  /** How long a link waits for another connection; null: as what is under way on it needs. */
  readonly resumeForMs: number | null;
  /** What it permits of forwarding; null: it has no such services. Whether it is null is decided at the start. */
  readonly forwarding: ForwardPolicy | null;
  /** Which terminals are recorded. Decided at the start. */
  readonly recording: RecordPolicy;
  /** Whether its clients may talk, and the folder of the transcripts; null: there are none. Decided at the start. */
  readonly talk: { readonly logFolder: string | null } | null;
  /** Whether it copies files. */
  readonly files: boolean;
  /** Services of the program that the daemon is in. */
  readonly ownServices: readonly Service[];
  /** Whether it serves jobs, by the supervisor of this account. */
  readonly jobs: boolean;
  /** Where the runs that are under way are recorded, for the daemon after a crash; null: nowhere. */
  readonly runRecords: string | null;
  /**
   * Whether the process is this daemon's alone. Then it becomes the parent of its orphaned descendants and waits for them,
   * and locales that are not installed are replaced in its environment.
   */
  readonly ownsProcess: boolean;
  /** The configuration file that `status` names. */
  readonly config: string | null;
}

/** What a daemon that serves may be told anew. */
export type ReloadedSettings = Pick<ServerSettings, 'login' | 'resumeForMs' | 'forwarding'>;

/** A daemon that serves. */
export interface Server {
  readonly listeners: readonly Listener[];
  readonly daemon: Daemon;
  /** Commands that run. */
  readonly runCount: number;
  /** Applies to what comes from now on. @throws RexaError for files that cannot be used: then those before still hold */
  reload(settings: ReloadedSettings): Promise<void>;
  /** Takes no new work, lets commands end as `drain` says, closes every connection, and releases what it holds. */
  close(drain: Drain): Promise<void>;
}

/**
 * Starts a daemon in this process. Beside what `ownsProcess` says it listens to SIGCHLD, and for a moment it narrows the
 * umask when it makes a socket; it touches no other state of the process.
 * @throws RexaError ROOT_REFUSED, AUDIT_FAILED, TALK_LOG_FAILED, ENCODING_UNKNOWN, and as listenOn
 */
export async function openServer(settings: ServerSettings): Promise<Server> {
  const { addresses, log, ownsProcess } = settings;
  const startedMs = Date.now();
  let { resumeForMs, forwarding } = settings;
  refuseRoot(addresses, settings.allowRoot);
  const hostEncoding = await chooseHostEncoding(settings);
  const system = await loadSystemCalls();
  const reaper = startChildReaper(system, { adoptsOrphans: ownsProcess });
  const records =
    settings.runRecords === null ? withoutRunRecords() : openRunRecords(settings.runRecords, system, log);
  const audit = openAudit(settings.audit, log);
  const supervisor = createSupervisorClient(log);
  const runner = createRunner(system, reaper);
  const host = { encoding: hostEncoding, lines: createLineGuard(runner) };
  const ledger = createLedger(countDescriptors() - RESERVED_DESCRIPTORS);
  const openTranscript = openTranscripts(settings.talk?.logFolder ?? null, log);
  const datagrams: DatagramCounts = { answered: 0, limited: 0, dropped: 0 };
  let listeners: readonly Listener[] = [];

  const isPeerPort = (port: number): boolean =>
    listeners.some(({ url }) => /^(ready|talk):/.test(url) && Number(new URL(url).port) === port);
  const describeDaemon = (): DaemonStatus => ({
    agent: REXAD_AGENT,
    pid: process.pid,
    startedMs,
    state: daemon.state === 'serving' ? 'serving' : 'draining',
    listen: listeners.map(({ url, fingerprint }) => ({ url, fingerprint })),
    connections: Math.max(0, daemon.connectionCount - 1),
    runs: runs.count,
    datagrams: listeners.some(({ url }) => url.startsWith('udp:')) ? datagrams : null,
    config: settings.config,
    audit: settings.audit,
  });
  const { services, work, runs, jobs, sessionEnds, closeTalk, releaseJobs } = createDaemonServices({
    runner,
    audit,
    records,
    host,
    forwarding: forwarding && makeForwarding(ledger, () => forwarding ?? NO_FORWARDING, isPeerPort),
    recording: settings.recording,
    shares: keepSessionShares(() => settings.login.authorizedKeys),
    talking: settings.talk && {
      charge: (principal, costs, what) => charge(ledger, principal, costs, what),
      openTranscript,
    },
    files: settings.files,
    own: settings.ownServices,
    supervisor: settings.jobs ? supervisor : null,
    hasTerminals: system.terminals !== null,
    describeDaemon,
  });
  const daemon = createDaemon({
    agent: REXAD_AGENT,
    hostEncoding,
    log,
    audit,
    ledger,
    services,
    work,
    releaseJobs,
    get resumeForMs() {
      return resumeForMs;
    },
  });

  function releaseAll(): void {
    for (const listener of listeners) listener.release();
    reaper.stop();
    audit.close();
    records.close();
  }

  try {
    listeners = await listenOnAll(addresses, {
      daemon,
      system,
      log,
      audit,
      login: settings.login,
      openTranscript,
      datagrams,
      probeLimits: createProbeLimits(),
    });
  } catch (error) {
    releaseAll();
    throw error;
  }
  daemon.begin();
  void recover(settings, { system, audit, jobs, sessionEnds });
  log.info('ready', {
    pid: process.pid,
    listen: listeners.map(({ url }) => url),
    system: system.name,
    limitations: system.limitations,
  });

  return {
    listeners,
    daemon,
    get runCount() {
      return runs.count;
    },
    async reload(next) {
      const commits: (() => void)[] = [];
      for (const listener of listeners) commits.push(await listener.load(next.login));
      for (const commit of commits) commit();
      ({ resumeForMs, forwarding } = next);
    },
    async close(drain) {
      const drained = daemon.drain(drain);
      await Promise.all([drained, ...listeners.map((listener) => listener.close(drain.ending, drained))]);
      closeTalk();
      await daemon.leave();
      if (!ownsProcess) await supervisor.leave();
      releaseAll();
    },
  };
}

/** @throws RexaError TALK_LOG_FAILED */
function openTranscripts(folder: string | null, log: Log): OpenTranscript {
  return folder === null ? withoutTranscripts : keepTranscripts(folder, log);
}

/** @throws RexaError ENCODING_UNKNOWN */
async function chooseHostEncoding({ encoding, ownsProcess, log }: ServerSettings): Promise<string> {
  if (encoding === null) return readHostEncoding(ownsProcess ? process.env : { ...process.env }, log);
  await resolveEncoding(encoding);
  return encoding;
}

interface Recovery {
  readonly system: SystemCalls;
  readonly audit: Audit;
  readonly jobs: JobRuns;
  readonly sessionEnds: SessionEnds | null;
}

/** Not before the caller knows that the daemon is there. */
async function recover(
  { runRecords, log }: ServerSettings,
  { system, audit, jobs, sessionEnds }: Recovery,
): Promise<void> {
  await nextTurn();
  // Loaded before the first command needs it.
  loadExeca().catch(() => undefined);
  if (runRecords === null) return;
  await recoverRuns({
    folder: runRecords,
    system,
    log,
    audit,
    watchJob: ({ owner, id }) => jobs.watch(owner, id),
    watchSession: (...words) => sessionEnds?.wait(...words) ?? Promise.resolve(null),
  });
}

/** All or none: a place that was taken is given back when a later one can't be. */
async function listenOnAll(addresses: readonly ListenAddress[], context: ListenContext): Promise<Listener[]> {
  const listeners: Listener[] = [];
  try {
    for (const address of addresses) listeners.push(await listenOn(address, context));
    return listeners;
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close(Promise.resolve(), Promise.resolve())));
    for (const listener of listeners) listener.release();
    throw error;
  }
}
