import { KIB } from '../protocol/byte-units.ts';

/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

// Credit

/** Initial window of a terminal's stream, small because data in flight is still displayed after a Ctrl-C. */
export const INTERACTIVE_WINDOW_BYTES = 32 * KIB;
/** Bytes of a terminal's stream buffered at either end, before and after flow control. */
export const INTERACTIVE_BUFFER_BYTES = 16 * KIB;

// Forwarding

/** Bytes of a forwarded connection buffered in each direction, before and after flow control. */
export const FORWARD_BUFFER_BYTES = 64 * KIB;
/** How long a SOCKS client may take to say where it wants to connect to. */
export const SOCKS_REQUEST_MS = 60_000;

// Talk

/** UTF-8 of one line that a member says. */
export const MAX_TALK_TEXT_BYTES = 4 * KIB;
/** A line on the wire: JSON may spell each character of a text in six. */
export const MAX_TALK_LINE_BYTES = 32 * KIB;
/** An event on the wire: the first one has the last lines of the room, and its members. */
export const MAX_TALK_EVENT_BYTES = 4096 * KIB;
/** Last lines of a room, for members who come later. */
export const MAX_TALK_HISTORY_LINES = 100;
/** Of those, what a new member gets: bytes on the wire, where one character may be six. */
export const MAX_TALK_HISTORY_BYTES = 256 * KIB;
/** What is written for a member at once. */
export const TALK_WRITE_BYTES = 64 * KIB;
/** Bytes of a member buffered in each direction, before and after flow control. */
export const TALK_BUFFER_BYTES = 32 * KIB;
/** A member for whom more than this waits is behind: the others do not flood the room meanwhile. */
export const TALK_BEHIND_BYTES = 256 * KIB;
/** Time in which a member that is behind has to catch up; then it is disconnected. */
export const TALK_BEHIND_MS = 5_000;
/** Lines, names, arrivals and departures of each principal in such a time while a member is behind. */
export const TALK_EVENTS_WHILE_BEHIND = 16;
/** Bytes of all members that are passed on meanwhile: with this a member that reads, however slowly, has its time. */
export const TALK_BYTES_WHILE_BEHIND = 512 * KIB;
/** A member for whom more than this waits is disconnected at once. */
export const MAX_TALK_WAITING_BYTES = 1024 * KIB;

// Resumption

/** How long the daemon keeps a detached link whose channels are runs. */
export const RESUME_FOR_RUNS_MS = 60_000;

// A run

/** How long a shell may take to report whether it parses a line's characters correctly. */
export const SHELL_READING_MS = 10_000;
/** Cached runs of characters that shells parse correctly. */
export const MAX_READ_RUNS = 10_000;
/** Length of such a run. */
export const MAX_READ_RUN_CHARACTERS = 64;

// Jobs

/** How long the id of a run that is not a job is remembered after its end, with its outcome. */
export const RUN_ID_MEMORY_MS = 10 * 60_000;
/** Such ids of one principal; beyond this the oldest ended ones are dropped. */
export const MAX_REMEMBERED_RUNS = 10_000;
/** Remembered ids of a key with `command=` or `restrict`. */
export const MAX_REMEMBERED_RUNS_OF_BOUND_KEY = 1_000;
/** Such ids of all principals; beyond this the principal with the most loses its oldest. */
export const MAX_REMEMBERED_RUNS_IN_ALL = 40_000;

// The daemon

/** Maximum `--kill-after`; longer values are cut, so that a command that ignores SIGTERM does not outlive its client for days. */
export const MAX_KILL_AFTER_MS = 5 * 60_000;
/** Maximum `--kill-after` of a key with `command=` or `restrict`. */
export const MAX_KILL_AFTER_BOUND_MS = 5_000;
/** JSON of one field in an audit line; a longer field is truncated. */
export const MAX_AUDIT_FIELD_BYTES = 4 * KIB;
/** Folders, links, deletions and the like of one file transfer that the audit names, of each kind; further ones are counted and hashed. */
export const MAX_AUDITED_NAMES = 1_000;

// Quotas of the principals of a daemon: its own user on a Unix socket, or a key

/** New channels of one link that are processed in one turn of the event loop. */
export const CHANNELS_PER_TURN = 16;
/** File descriptors of the daemon per file transfer: open folders, listings of folders, and files. */
export const DESCRIPTORS_PER_TRANSFER = 104;
/** File descriptors of the daemon per command: its three pipes, and a temporary one. */
export const DESCRIPTORS_PER_RUN = 4;
