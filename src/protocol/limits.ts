import { KIB, MIB } from './byte-units.ts';

/** Limits of the wire, and those that several layers share. Each has its unit in its name; docs/limits.md lists all of them. */

// The wire

/** Maximum of a frame's length field, which bounds what one frame makes a peer buffer. */
export const MAX_FRAME_LENGTH_BYTES = MIB;
/** Maximum of a reassembled control message. The largest is a daemon's list of jobs, with all their arguments. */
export const MAX_CONTROL_BYTES = 16 * MIB;
/** Maximum of a client's message or close. */
export const MAX_MESSAGE_BYTES = 64 * KIB;
/** Values and keys of such a message. */
export const MAX_MESSAGE_ITEMS = 1_024;
/** Memory accounted for each value or key of a request or message, besides its bytes. */
export const CONTROL_ITEM_BYTES = 64;
/** Variables in the environment of one request. */
export const MAX_ENVIRONMENT_ENTRIES = 4_096;
/** Nesting depth of objects and arrays in a control message. rexa's own have five. */
export const MAX_CONTROL_DEPTH = 32;
/** Maximum of a control message in one frame; longer ones are fragmented, so that other frames can be sent in between. */
export const CONTROL_PIECE_BYTES = 256 * KIB;
/** Payload of a data frame while several streams have data to send, so that none waits long. */
export const SHARED_DATA_FRAME_BYTES = 64 * KIB;
/** Payload of a data frame while a single stream has data to send. */
export const SOLE_DATA_FRAME_BYTES = 256 * KIB;
/** A stream with at most this in its queue has priority over bulk: a keystroke, a prompt, a short reply. */
export const INTERACTIVE_QUEUE_BYTES = 4 * KIB;
/** Consecutive interactive frames before bulk gets a turn, so that many small writers do not starve it. */
export const INTERACTIVE_BURST_FRAMES = 32;
/** Keys of a host, of which one is served. */
export const MAX_HOST_KEYS = 16;
/** Open channels on one link. */
export const MAX_CHANNELS_PER_LINK = 1024;

// Credit

/** Initial window of a stream: bytes that may be in flight before the receiver grants more. */
export const FIRST_WINDOW_BYTES = 256 * KIB;
/** Maximum window of one stream (bandwidth × delay of a fast, long path). */
export const MAX_STREAM_WINDOW_BYTES = 16 * MIB;
/** Growth of all windows of one link together, beyond their initial sizes. */
export const LINK_WINDOW_BUDGET_BYTES = 32 * MIB;
/** Growth of all windows of one process together, beyond their initial sizes. */
export const PROCESS_WINDOW_BUDGET_BYTES = 256 * MIB;

// Resumption

/** Unacknowledged frames that each link may keep, independent of other links. */
export const KEPT_ALLOWANCE_BYTES = MIB;
/** Unacknowledged frames that one link may keep; above this it produces no further data frames. */
export const MAX_KEPT_BYTES = 33 * MIB;
/** Unacknowledged bytes including closes and messages, which no budget holds back. Above this the daemon ends the link. */
export const MAX_UNACKNOWLEDGED_BYTES = MAX_KEPT_BYTES + 64 * MIB;
/** Unit of allocation from the budgets. */
export const KEPT_STEP_BYTES = MIB;
/** Received frames after which an acknowledgement is sent, even if nothing else is. */
export const ACK_ALONE_FRAMES = 128;
/** Received bytes after which an acknowledgement is sent alone; the peer keeps this much more than what is in flight. */
export const ACK_ALONE_BYTES = MIB;
/** Received frames after which an acknowledgement is sent together with other frames. */
export const ACK_BESIDE_FRAMES = 16;
/** Received bytes after which an acknowledgement is sent together with other frames. */
export const ACK_BESIDE_BYTES = 64 * KIB;
/** How long the daemon keeps a link whose client became silent while its connection stayed open: it, or its machine, may be stopped. */
export const RESUME_FOR_SILENT_MS = 3 * 60_000;
/** How long the daemon keeps a link without a connection if one of its channels is a terminal. */
export const RESUME_FOR_TERMINALS_MS = 10 * 60_000;

// The link

/** From a client's connection to the daemon's hello, including the login. Long, for busy daemons and slow paths. */
export const LOGIN_TIMEOUT_MS = 60_000;
/** From the connection to a client's hello. */
export const HELLO_TIMEOUT_MS = 10_000;
/** Time for a final error or GOAWAY to be sent before the connection is destroyed. */
export const LAST_WORDS_MS = 1_000;
/** Input that is read and discarded meanwhile from a peer that continues to send. */
export const LAST_WORDS_DRAIN_BYTES = 64 * KIB;
/** Bytes of one stream that wait for credit, above which its writer has to wait. */
export const STREAM_QUEUE_BYTES = 256 * KIB;

// A run

/** Between SIGTERM and SIGKILL when a process tree is ended (`--kill-after`). */
export const DEFAULT_KILL_AFTER_MS = 5_000;
/** After SIGKILL: how long a process may take to exit before it is reported as a survivor. */
export const SURVIVOR_WAIT_MS = 1_000;
/** Interval of the polls of a pipe that is still held after the command's exit. */
export const HELD_PIPE_LOOK_MS = 250;
/** Consecutive polls that must find a pipe empty before its holders are searched; one poll later, after a second in all, again. */
export const HELD_PIPE_QUIET_LOOKS = 3;
/** Polls that find a held pipe empty, after active filters were found: doubles up to 6 s, because a search reads every process. */
export const MAX_HELD_PIPE_QUIET_LOOKS = 24;
/** Maximum wait of the outcome for holders that are not filters, in polls: one minute, even if output continues. */
export const HELD_PIPE_CAP_LOOKS = 240;
/** A terminal's columns and rows: the maximum of TIOCSWINSZ. */
export const MAX_TERMINAL_CELLS = 65_535;
/** A public key in the text of a request. */
export const MAX_SHARED_KEY_CHARACTERS = 16_384;
/** The path of a recording. */
export const MAX_RECORDING_PATH_CHARACTERS = 4096;
/** Lines above the screen that a client of a terminal session can get. */
export const MAX_SESSION_HISTORY_LINES = 10_000;
/** A terminal's width and height in pixels: the maximum of TIOCSWINSZ. */
export const MAX_TERMINAL_PIXELS = 65_535;
/** The largest opcode of a terminal mode with a 32-bit argument (RFC 4254, section 8). */
export const MAX_TERMINAL_MODE_OPCODE = 159;
/** Length of a terminal type (`TERM`). */
export const MAX_TERM_CHARACTERS = 64;
/** Maximum `--timeout`: the limit of a Node timer. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;
/** Length of a run's id. */
export const MAX_RUN_ID_CHARACTERS = 128;
/** One argument or environment string on Linux (MAX_ARG_STRLEN), including its NUL. */
export const MAX_ARGUMENT_BYTES = 128 * KIB;

// Jobs

/** Maximum of `--lifetime linger:`. */
export const MAX_LINGER_MS = 7 * 24 * 3_600_000;

// The daemon

/** How long the client waits for a daemon that it has started. */
export const LOCAL_START_MS = 10_000;
/** Path of a Unix socket, including its NUL (sun_path of unix(7): 108 on Linux, 104 on macOS). */
export const MAX_SOCKET_PATH_BYTES = { linux: 108, other: 104 } as const;

// Quotas of the principals of a daemon: its own user on a Unix socket, or a key

/** One part in so many of each shared resource is reserved for the daemon's own user. */
export const OWNER_RESERVE_SHARE = 16;

// Keys and logins

/** Everything that a client may send before its login is accepted: its hello, and a short request in the same flight. */
export const MAX_BEFORE_LOGIN_BYTES = 64 * KIB;
/** Keys that a client may offer for selection by the daemon. */
export const MAX_OFFERED_KEYS = 20;
/** An offered public key or certificate: enough for certificates of large RSA keys with many principals. */
export const MAX_KEY_BLOB_BYTES = 32 * KIB;
/** SSH signature blob: that of the largest RSA key, with its framing. */
export const MAX_SIGNATURE_BYTES = 4 * KIB;
/** A private key file, or the public key beside it. */
export const MAX_PRIVATE_KEY_FILE_BYTES = 64 * KIB;
/** Each name and value that a relay reports about its client. */
export const MAX_PROVENANCE_CHARACTERS = 1024;
/** The requested user of a login. */
export const MAX_ACCOUNT_BYTES = 256;
/** An authorized_keys file; a larger one is refused. */
export const MAX_AUTHORIZED_KEYS_BYTES = 8 * MIB;
/** Timeout for the list of keys of an ssh-agent. */
export const AGENT_LIST_TIMEOUT_MS = 5_000;

// The client

/** Time to establish a connection (`--connect-timeout`). */
export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

// Probes

/** A probe: as long as the longest answer, and short enough for every path of IPv6. */
export const PROBE_BYTES = 1200;
/** What each probe has of its own, and its answer repeats. */
export const PROBE_NONCE_BYTES = 32;
