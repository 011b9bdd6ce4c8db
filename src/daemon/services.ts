import type { Runner } from '../process/runner/runner.ts';
import type { AuditLines } from '../services/audit-lines.ts';
import type { AskedSupervisor } from '../services/jobs/asked-supervisor.ts';
import { createJobRuns, type JobRuns, withoutJobs } from '../services/jobs/job-runs.ts';
import { createJobServices } from '../services/jobs/server.ts';
import type { CommandHost } from '../services/run/prepare-run.ts';
import type { RunRecords } from '../services/run/run-records.ts';
import { createRunService } from '../services/run/server.ts';
import type { Service, Work } from '../services/service.ts';
import type { DaemonStatus } from '../services/status/messages.ts';
import { createStatusService } from '../services/status/server.ts';

/** What the services of a daemon are made of. */
export interface ServicesContext {
  readonly runner: Runner;
  readonly audit: AuditLines;
  readonly records: RunRecords;
  readonly host: CommandHost;
  /** Null: it has no jobs. */
  readonly supervisor: AskedSupervisor | null;
  describeDaemon(): DaemonStatus;
}

/** The services of a daemon. */
export interface DaemonServices {
  readonly services: readonly Service[];
  /** The runs that are under way. */
  readonly work: Work;
  readonly jobs: JobRuns;
  /** Leaves the jobs to the supervisor: their clients may come again, to the next daemon. */
  releaseJobs(): void;
}

/** Creates all that a daemon serves: the registry, with one line for each folder in src/services. */
export function createDaemonServices(context: ServicesContext): DaemonServices {
  const { supervisor, audit, host } = context;
  const released = Promise.withResolvers<void>();
  const jobs = supervisor === null ? withoutJobs() : createJobRuns(supervisor, host);
  const runs = createRunService({ ...context, jobs });
  const services = [
    runs.service,
    ...(supervisor === null
      ? []
      : createJobServices({ supervisor, audit, hostEncoding: host.encoding, released: released.promise })),
    createStatusService(context.describeDaemon),
  ];
  return { services, work: runs.work, jobs, releaseJobs: released.resolve };
}
