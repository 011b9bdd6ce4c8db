import { KIB, MIB } from '../protocol/byte-units.ts';

/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

/** `logs --since` begins at the start of a line, searched at most this far back. */
export const LINE_START_BYTES = 64 * KIB;
/** One file of a job's spool. Output is dropped in whole files. */
export const JOB_SEGMENT_BYTES = 16 * MIB;
/** Files kept from the beginning of a job's spool. */
export const JOB_HEAD_SEGMENTS = 4;
/** Files kept up to the end of a job's spool; those between head and tail are dropped. */
export const JOB_TAIL_SEGMENTS = 12;
/** One write to a spool, which combines pending chunks. */
export const JOB_WRITE_BYTES = MIB;
/** One read of a spool. */
export const JOB_READ_BYTES = 256 * KIB;
/** Bytes of one stream that wait for the disk, above which the command waits. */
export const JOB_WRITE_BACKLOG_BYTES = MIB;
/** Output of all ended jobs together; beyond this the oldest output is removed, while records and ids stay. */
export const JOBS_SPOOL_TOTAL_BYTES = 4096 * MIB;
/** Retention of an ended job, its output and its id. */
export const JOB_KEEP_MS = 7 * 24 * 3_600_000;
/** Ended jobs that are kept; beyond this the oldest are removed. */
export const MAX_KEPT_JOBS = 10_000;
/** Running jobs of all principals. */
export const MAX_RUNNING_JOBS = 640;
/** Running jobs of one principal. */
export const MAX_RUNNING_JOBS_PER_OWNER = 256;
/** Channels of one principal to the supervisor: attached to jobs, or asking about them. */
export const MAX_JOB_CHANNELS_PER_OWNER = 384;
/** Such channels of all principals: fewer than a link may have, since the daemon has one link for all of them. */
export const MAX_JOB_CHANNELS = 896;
/** How long a `with-client` job continues after its client's connection was lost without GOAWAY, for a retry. */
export const JOB_CLIENT_GRACE_MS = 60_000;
/** Time without a job after which a supervisor exits. */
export const SUPERVISOR_IDLE_MS = 60_000;
/** Interval at which a supervisor removes what has expired. */
export const SUPERVISOR_TIDY_MS = 10 * 60_000;
/** Delay before an outcome that could not be written is written again. */
export const SUPERVISOR_RETRY_MS = 5_000;
