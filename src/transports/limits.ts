import { MIB } from '../protocol/byte-units.ts';

/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

// Resumption

/** Bytes over one TLS connection after which its link moves to a new one, for fresh keys. */
export const REKEY_BYTES = 256 * 1024 * MIB;

// The daemon

/** Time without a run after which a daemon started for `local` exits. */
export const LOCAL_IDLE_MS = 10 * 60_000;
/** Log of daemons started for `local`; a larger one is renamed before the next start. */
export const MAX_LOCAL_LOG_BYTES = 8 * MIB;

// The client

/** How long a program that carries a connection (exec:, ssh://) may take to exit before it is killed. */
export const PROGRAM_EXIT_MS = 1_000;
/** How long to wait for the rest of a line that a program writes before the preamble of rexad --stdio, for the error message. */
export const BANNER_WAIT_MS = 300;
/** A program's stderr: bytes displayed of each line. */
export const MAX_PROGRAM_LINE_BYTES = 1024;
/** A program's stderr: lines displayed of each program. */
export const MAX_PROGRAM_LINES = 100;
