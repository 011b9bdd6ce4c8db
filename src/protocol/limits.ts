/** Every cap and timeout of rexa, each with its unit in its name and what it bounds in its comment. */

const KIB = 1024;
const MIB = 1024 * KIB;

// The wire

/** The largest value of a frame's length field: what one frame may make a peer buffer. */
export const MAX_FRAME_LENGTH_BYTES = MIB;
/** The largest control message, its continuation frames put together: a request with all its arguments. */
export const MAX_CONTROL_BYTES = 16 * MIB;
/** The most bytes of a control message in one frame: a longer one is continued, so that others get between. */
export const CONTROL_PIECE_BYTES = 256 * KIB;
/** Payload of a data frame while several streams have something to send, so that none waits long. */
export const SHARED_DATA_FRAME_BYTES = 64 * KIB;
/** Payload of a data frame while one stream has the link to itself. */
export const SOLE_DATA_FRAME_BYTES = 256 * KIB;
/** A stream with no more than this in its queue goes before bulk: a keystroke, a prompt, a short reply. */
export const INTERACTIVE_QUEUE_BYTES = 4 * KIB;
/** Interactive frames sent in a row before bulk gets one turn, so that many small writers starve nobody. */
export const INTERACTIVE_BURST_FRAMES = 32;
/** Channels open at once on one link. */
export const MAX_CHANNELS_PER_LINK = 1024;
/** Control bytes queued for a peer that does not read, above which nothing more is read from it. */
export const CONTROL_BACKLOG_BYTES = MIB;

// Credit

/** The first window of a stream: bytes that may be on their way before the receiver has said more. */
export const FIRST_WINDOW_BYTES = 256 * KIB;
/** What one stream's window may grow to (bandwidth × delay of a fast, long path). */
export const MAX_STREAM_WINDOW_BYTES = 16 * MIB;
/** What all windows of one link may grow to together, beyond their first size. */
export const LINK_WINDOW_BUDGET_BYTES = 32 * MIB;
/** What all windows of one process may grow to together, beyond their first size. */
export const PROCESS_WINDOW_BUDGET_BYTES = 256 * MIB;

// The link

/** From the connection to the peer's hello. */
export const HELLO_TIMEOUT_MS = 10_000;
/** Last words: how long a final error may take to leave before the connection is destroyed. */
export const LAST_WORDS_MS = 1_000;
/** Last words: what is still read, and thrown away, from a peer that goes on sending. */
export const LAST_WORDS_DRAIN_BYTES = 64 * KIB;
/** Bytes handed to the socket and not yet taken by the kernel, above which no further frame is made. */
export const SOCKET_BACKLOG_BYTES = MIB;
/** Bytes of one stream waiting for credit, above which its writer waits. */
export const STREAM_QUEUE_BYTES = 256 * KIB;

// A run

/** Between the polite signal and SIGKILL when a tree is ended (`--kill-after`). */
export const DEFAULT_KILL_AFTER_MS = 5_000;
/** After SIGKILL: how long a process may still be there before it is named a survivor. */
export const SURVIVOR_WAIT_MS = 1_000;
/** A pipe that somebody still holds after the command's exit: quiet for so long, and the outcome is told. */
export const HELD_PIPE_GRACE_MS = 1_000;
/** The same, however much still comes through it. */
export const HELD_PIPE_CAP_MS = 60_000;
/** The largest `--timeout`: what a Node timer can hold. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;
/** A run's id, as the client gives it. */
export const MAX_RUN_ID_CHARACTERS = 128;
/** One argument or environment string on Linux (MAX_ARG_STRLEN), its NUL included. */
export const MAX_ARGUMENT_BYTES = 128 * KIB;

// The daemon

/** Connections open at once on one listener. */
export const MAX_CONNECTIONS = 1024;
/** After SIGTERM, how long running commands may go on (`--drain`). */
export const DEFAULT_DRAIN_MS = 10_000;
/** A daemon that was started for `local` leaves after so long without a run. */
export const LOCAL_IDLE_MS = 10 * 60_000;
/** How long the client waits for a daemon it started to answer. */
export const LOCAL_START_MS = 10_000;
/** A Unix socket's path, its NUL included (sun_path of unix(7): 108 on Linux, 104 on macOS). */
export const MAX_SOCKET_PATH_BYTES = { linux: 108, other: 104 } as const;

// The client

/** Establishing a connection (`--connect-timeout`). */
export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** What the client keeps of each stream for a buffered result. */
export const MAX_KEPT_OUTPUT_BYTES = 64 * MIB;
