import { KIB, MIB } from '../protocol/byte-units.ts';

/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

// Resumption

/** Delay before a client retries with a draining daemon or its successor. */
export const DRAIN_RETRY_MS = 500;

// A run

/** After `~.`: how long the host may take to report the outcome of the program. */
export const LEAVE_MS = 2_000;
/** After `~^Z`: if the process is not stopped within this time, no shell can resume it, and it continues. */
export const SUSPENDING_MS = 100;
/** One read of a stdin that is a file. Node reads 64 KiB at a time, each in a thread. */
export const STDIN_FILE_READ_BYTES = 256 * KIB;
/** Keyboard input that is buffered while the host does not accept any; further input is left to the operating system. */
export const MAX_TYPED_AHEAD_BYTES = MIB;

// A copy

/** After a signal: how long stdout may take for the summary (`--json`). */
export const SUMMARY_MS = 1_000;

// The line shell

/** Fragment of a line in one environment string of the command, small enough for every encoding of the host. */
export const SHELL_LINE_PIECE_CHARACTERS = 16 * KIB;
/** Output of the host's shell between two tokens: a folder, or unread keyboard input. */
export const MAX_SHELL_RECORD_BYTES = 4 * MIB;
/** Time for the startup files of the host's interactive login shell; after it the shell continues without them. */
export const SHELL_START_MS = 10_000;
/** Time for a completion by the host. */
export const COMPLETION_MS = 3_000;
/** Words of one completion from the host. */
export const MAX_COMPLETION_WORDS = 2_000;
/** Bytes that are read of one completion. */
export const MAX_COMPLETION_BYTES = MIB;
/** Time to remove the shell's temporary files on the host when it exits. */
export const SHELL_CLEANUP_MS = 2_000;
/** Entries kept in the history file. */
export const MAX_HISTORY_ENTRIES = 10_000;
/** One history entry; a longer line is not kept. */
export const MAX_HISTORY_ENTRY_CHARACTERS = 16 * KIB;
/** The history file; a larger one is trimmed. */
export const MAX_HISTORY_BYTES = 2 * MIB;
/** Time without output after which a terminal shows that the command still runs. */
export const SPINNER_AFTER_MS = 1_000;
/** How long the echo of keys typed during a line waits for the end of the line, after which they appear at the prompt. */
export const ECHO_AFTER_MS = 250;
/** After ESC: how long the rest of a key sequence may take. */
export const ESCAPE_KEY_MS = 50;

// rexa talk

/** Texts that were typed, for the arrow keys. */
export const MAX_TALK_ENTRIES = 1_000;
/** One line of a `talk://` server. */
export const MAX_PLAIN_TALK_LINE_BYTES = 64 * KIB;

// rexa ping udp://

/** Between two probes: a daemon answers no more of one source than 10 each second. */
export const MIN_PROBE_INTERVAL_MS = 100;
/** How long an answer to the last probe is waited for. */
export const PROBE_WAIT_MS = 2_000;
/** Between two attempts to attach to a session again after its daemon has gone. */
export const SESSION_RETRY_MS = 250;
/** Between two looks of a person who chooses a session at what sessions there are, and what the chosen one shows. */
export const PICKER_REFRESH_MS = 1_000;
/** Lines above the screen that `rexa session attach` gets. */
export const SESSION_HISTORY_LINES = 1_000;
