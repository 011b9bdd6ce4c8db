import type { Runner } from '../process/runner/runner.ts';
import type { AuditLines } from '../services/audit-lines.ts';
import { createFileServices } from '../services/files/server.ts';
import type { Forwarding } from '../services/forward/carry.ts';
import { createForwardServices } from '../services/forward/server.ts';
import { createHostKeysService } from '../services/host-keys/server.ts';
import type { AskedSupervisor } from '../services/jobs/asked-supervisor.ts';
import { createJobRuns, type JobRuns, withoutJobs } from '../services/jobs/job-runs.ts';
import { createJobServices } from '../services/jobs/server.ts';
import type { CommandHost } from '../services/run/prepare-run.ts';
import type { RecordPolicy } from '../services/run/record-policy.ts';
import type { RunRecords } from '../services/run/run-records.ts';
import { createRunService } from '../services/run/server.ts';
import type { Service, Work } from '../services/service.ts';
import { createSessionServices } from '../services/sessions/server.ts';
import { createSessionEnds, type SessionEnds } from '../services/sessions/session-ends.ts';
import type { SessionShares } from '../services/sessions/shares.ts';
import type { DaemonStatus } from '../services/status/messages.ts';
import { createStatusService } from '../services/status/server.ts';
import { createTalkService, type Talking } from '../services/talk/server.ts';
import { createTerminalRuns } from '../services/terminals/terminal-runs.ts';

/** What the services of a daemon are made of. */
export interface ServicesContext {
  readonly runner: Runner;
  readonly audit: AuditLines;
  readonly records: RunRecords;
  readonly host: CommandHost;
  readonly recording: RecordPolicy;
  readonly shares: SessionShares;
  /** Null: it forwards nothing. */
  readonly forwarding: Forwarding | null;
  /** Null: nobody talks here. */
  readonly talking: Talking | null;
  /** Whether it copies files. */
  readonly files: boolean;
  /** Services of the program that the daemon is in. */
  readonly own: readonly Service[];
  /** Null: it has no jobs. */
  readonly supervisor: AskedSupervisor | null;
  /** Whether the system has terminals. */
  readonly hasTerminals: boolean;
  describeDaemon(): DaemonStatus;
}

/** The services of a daemon. */
export interface DaemonServices {
  readonly services: readonly Service[];
  /** All that is under way. */
  readonly work: Work;
  /** The runs of that. */
  readonly runs: Pick<Work, 'count'>;
  readonly jobs: JobRuns;
  /** Null: it has no sessions. */
  readonly sessionEnds: SessionEnds | null;
  /** Ends all conversations, with a reason. */
  closeTalk(): void;
  /** Leaves jobs and sessions to the supervisor: their clients may come again, to the next daemon. */
  releaseJobs(): void;
}

/** Creates all that a daemon serves: the registry, with one line for each folder in src/services. */
export function createDaemonServices(context: ServicesContext): DaemonServices {
  const { supervisor, forwarding, talking, audit, host, recording, shares } = context;
  const released = Promise.withResolvers<void>();
  const jobs = supervisor === null ? withoutJobs() : createJobRuns(supervisor, host);
  const sessionEnds = supervisor === null ? null : createSessionEnds(supervisor, released.promise);
  const forwards = forwarding === null ? null : createForwardServices({ audit, forwarding });
  const terminals =
    supervisor === null || sessionEnds === null || !context.hasTerminals
      ? null
      : createTerminalRuns({ supervisor, ends: sessionEnds, released: released.promise });
  const runs = createRunService({ ...context, jobs, agents: forwards?.agents ?? null, terminals });
  const talk = talking === null ? null : createTalkService(audit, talking);
  const files = context.files ? createFileServices(audit) : null;
  const services = [
    runs.service,
    ...(forwards?.services ?? []),
    ...(files?.services ?? []),
    ...(supervisor === null || sessionEnds === null
      ? []
      : [
          ...createJobServices({
            supervisor,
            audit,
            hostEncoding: host.encoding,
            released: released.promise,
          }),
          ...createSessionServices({
            supervisor,
            audit,
            host,
            recording,
            shares,
            records: context.records,
            ends: sessionEnds,
            released: released.promise,
          }),
        ]),
    ...(talk === null ? [] : [talk.service]),
    createStatusService(context.describeDaemon),
    createHostKeysService(),
    ...context.own,
  ];
  const others = [forwards, files].flatMap((part) => (part === null ? [] : [part.work]));
  const work = joinWork([runs.work, ...others]);
  return {
    services,
    work,
    runs: runs.work,
    jobs,
    sessionEnds,
    closeTalk: () => talk?.closeAll(),
    releaseJobs: released.resolve,
  };
}

/** The work of several services as one. */
function joinWork(parts: readonly Work[]): Work {
  return {
    get count() {
      return parts.reduce((sum, { count }) => sum + count, 0);
    },
    get isBusy() {
      return parts.some(({ isBusy }) => isBusy);
    },
    stopTaking() {
      for (const part of parts) part.stopTaking?.();
    },
    async cancelAll() {
      await Promise.all(parts.map((part) => part.cancelAll()));
    },
    killAll() {
      for (const part of parts) part.killAll();
    },
    async whenIdle() {
      await Promise.all(parts.map((part) => part.whenIdle()));
    },
  };
}
