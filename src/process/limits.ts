import { KIB, MIB } from '../protocol/byte-units.ts';

/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

// A run

/** Polls (5 s) after which the client is notified of the holders. */
export const HELD_PIPE_TELL_LOOKS = 20;
/** Pipes of ended commands that background processes hold, of one principal; beyond this the oldest are closed. */
export const MAX_HELD_PIPES_PER_PRINCIPAL = 256;
/** Capacity to which pipes with much data are enlarged. */
export const PIPE_CAPACITY_BYTES = MIB;
/** One read of a command's pipe, and so one chunk of its output. */
export const PIPE_READ_BYTES = 256 * KIB;
/** One read of a terminal: the kernel returns at most 4 KiB. */
export const TERMINAL_READ_BYTES = 16 * KIB;
/** Polling interval where the system does not report that a terminal has room, or that input was read. */
export const TERMINAL_LOOK_MS = 20;
/** After SIGHUP: how long a shell keeps its terminal, to hang up its jobs. */
export const HANG_UP_MS = 1_000;
/** Bytes from or to a pipe after which it counts as bulk and is enlarged to PIPE_CAPACITY_BYTES. */
export const BULK_STREAM_BYTES = 256 * KIB;
/** Enlarged pipes at a time: a user's pipes have 64 MiB in total, and beyond that every new one is small. */
export const MAX_GROWN_PIPES = 16;
/** Concurrent spawns in other threads; each occupies a thread for about 0.1 ms. */
export const MAX_SPAWNS_ASIDE = 4;

/** Spawns after which freed memory is returned to the system, which takes another thread about 5 ms. */
export const SPAWNS_PER_TRIM = 500;

// The daemon

/** Interval at which a daemon checks that its Unix socket and lock still exist; a watcher of the folder is faster. */
export const SOCKET_LOOK_MS = 1_000;

// Recordings of terminals

/** One file of a recording; beyond this a further one is begun. */
export const MAX_RECORDING_FILE_BYTES = 64 * MIB;
/** Files of one recording; beyond this the oldest is removed. */
export const MAX_RECORDING_FILES = 8;
/** Events that are written at once. */
export const RECORDING_WRITE_BYTES = 64 * KIB;
/** How long an event may wait for the file. */
export const RECORDING_WRITE_MS = 200;
