import type { Readable } from 'node:stream';
import type { RemoteRun, RunOptions, StartedJob } from '../../client/run-types.ts';
import type { JobView } from '../../protocol/job.ts';
import type { OutputReceipts } from '../../protocol/outcome.ts';

/** What a host tells of a job: id, state, command, times in ms since 1970, and the outcome once it is known. */
export type JobInfo = JobView;

/** Options of `job.attach`. */
export type AttachOptions = Pick<
  RunOptions,
  'stdin' | 'input' | 'encoding' | 'inputEncoding' | 'encodingErrors' | 'buffer' | 'maxBuffer' | 'reject'
> & {
  /** Only the output of the last so many milliseconds; default: all that is kept. */
  readonly since?: number | undefined;
  /** In its place: the output since then, as `StartedJob.sinceMs` of an earlier reading has it. */
  readonly sinceMs?: number | undefined;
};

/** Options of `job.logs`. */
export interface LogOptions {
  /** Go on until the job ends. Default false: what there is now. */
  readonly follow?: boolean | undefined;
  /** Only the output of the last so many milliseconds. */
  readonly since?: number | undefined;
  /** In its place: the output since then, as `StartedJob.sinceMs` of an earlier reading has it. */
  readonly sinceMs?: number | undefined;
  /** `host` (default), `auto`, `binary`, or the name of an encoding (docs/encodings.md). */
  readonly encoding?: string | undefined;
}

/** Output of a job that is being read: both streams are read to their end, then the promise says what the job is by then. */
export interface JobLogs extends Promise<LogEnd> {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** As it was when the reading began; null when it did not. */
  readonly job: Promise<StartedJob | null>;
  /** Reads no further. */
  leave(): void;
}

/** What was found behind the last byte. */
export interface LogEnd {
  readonly job: JobInfo;
  /** Bytes that the host did not keep. */
  readonly missingBytes: number;
  /** Why the rest can't be read; null: all that there is was read. */
  readonly trouble: string | null;
  /** How both streams were transcoded; null: the daemon does not say. */
  readonly encoding: OutputReceipts | null;
}

/** One job on a host. */
export interface RemoteJob {
  readonly id: string;
  /**
   * As if it had been started here: its output from the first byte on, its stdin (behind what it got before), signals,
   * and its outcome. `abandon()` leaves it; what becomes of it then is up to its lifetime.
   */
  attach(options?: AttachOptions): RemoteRun<string | Uint8Array>;
  /** Reads its output, and changes nothing of it. */
  logs(options?: LogOptions): JobLogs;
  /** Its outcome, without its output. Rejects as `host.run` does. */
  wait(options?: Pick<RunOptions, 'reject'>): RemoteRun<string | Uint8Array>;
  /**
   * Sends a signal to its process group; without one the whole process tree is ended, and the promise resolves when it is.
   * @throws RexaError JOB_UNKNOWN, JOB_ENDED
   */
  kill(signal?: string): Promise<JobInfo>;
}

/** The jobs of a host. */
export interface JobsHost {
  /** The jobs of this user there, the newest first. @throws RexaError */
  jobs(): Promise<readonly JobInfo[]>;
  /** A job by its id. Nothing is asked yet. */
  job(id: string): RemoteJob;
  /** Forgets jobs that have ended: records, output and ids. @returns the ids @throws RexaError */
  pruneJobs(options?: PruneOptions): Promise<readonly string[]>;
}

/** Which jobs are forgotten. */
export interface PruneOptions {
  /** Those of these ids; default: all that have ended. */
  readonly jobs?: readonly string[] | undefined;
  /** Only those that ended so many milliseconds ago. */
  readonly olderThan?: number | undefined;
}
