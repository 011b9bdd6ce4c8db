import { KIB, MIB } from '../protocol/byte-units.ts';
import { MAX_SESSION_HISTORY_LINES } from '../protocol/limits.ts';

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

// Terminal sessions

/** Running sessions of all principals. */
export const MAX_SESSIONS = 320;
/** Running sessions of one principal. */
export const MAX_SESSIONS_PER_OWNER = 240;
/** Clients attached to one session. */
export const MAX_CLIENTS_PER_SESSION = 64;
/** Ended sessions that are listed; beyond this the oldest are forgotten. */
export const MAX_ENDED_SESSIONS = 256;
/** How long an ended session is listed, with its last screen and its exit status. */
export const SESSION_KEEP_MS = 60 * 60_000;
/** Columns of a session; a wider terminal has empty columns at its right. */
export const MAX_SESSION_COLUMNS = 1000;
/** Rows of a session; a higher terminal has empty rows below. */
export const MAX_SESSION_ROWS = 500;
/** Lines above the screen that a session keeps. */
export const MAX_HISTORY_LINES = MAX_SESSION_HISTORY_LINES;
/** Characters of them, attributes included. */
export const MAX_HISTORY_CHARACTERS = 1.5 * MIB;
/** Lines that are joined into one string. */
export const HISTORY_BLOCK_LINES = 256;
/** A control function of a session's program that is longer is not shown by its clients. */
export const MAX_HELD_SEQUENCE_BYTES = MIB;
/** Output that waits for the screen of its session, above which the program waits. */
export const SCREEN_BACKLOG_BYTES = 128 * KIB;
/** Output of plain text that is painted on a screen though nobody looks at it. */
export const PAINT_TURN_BYTES = 64 * KIB;
/** Time in which a screen is painted at one go: then the supervisor does something else. */
export const PAINT_TURN_MS = 8;
/** Pieces of output that wait to be painted: of one byte, each takes hundreds. */
export const MAX_UNPAINTED_PIECES = 64;
/** Output that is painted at one go in any case. */
export const PAINT_PIECE_BYTES = 4 * KIB;
/** Output that waits for a client: one that has more to read gets the screen, as it is then, in its place. */
export const SESSION_CLIENT_BACKLOG_BYTES = 64 * KIB;
/** Between two pictures of a screen for a client of another size, or one that is behind. */
export const SESSION_FRAME_MS = 16;

// Terminals that end with their clients

/** Running terminals of all principals. */
export const MAX_TERMINALS = 320;
/** Running terminals of one principal. */
export const MAX_TERMINALS_PER_OWNER = 240;
/** Output of a terminal that its client does not have yet, above which the program waits. */
export const MAX_TERMINAL_KEPT_BYTES = MIB;
/** Keys and other input of a terminal after which its client is told that they arrived. */
export const TERMINAL_INPUT_TELL_BYTES = 16 * KIB;
/** How long the end of a terminal is kept for a client that has lost its daemon. */
export const ENDED_TERMINAL_KEEP_MS = 10 * 60_000;
/** Ended terminals that are kept; beyond this the oldest are forgotten. */
export const MAX_ENDED_TERMINALS = 64;
