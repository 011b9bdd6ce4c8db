/** All limits and timeouts of rexa, with the unit in the name. */

const KIB = 1024;
const MIB = 1024 * KIB;

// The wire

/** Maximum of a frame's length field, which bounds what one frame makes a peer buffer. */
export const MAX_FRAME_LENGTH_BYTES = MIB;
/** Maximum of a reassembled control message. The largest is a daemon's list of jobs, with all their arguments. */
export const MAX_CONTROL_BYTES = 16 * MIB;
/** Maximum of a client's request: twice the limit of execve on Linux (2 MiB), for the overhead of JSON. */
export const MAX_REQUEST_BYTES = 4 * MIB;
/** Values and keys of a request, counted before parsing: an argument is one, a variable two. */
export const MAX_REQUEST_ITEMS = 65_536;
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
/** Open channels on one link. */
export const MAX_CHANNELS_PER_LINK = 1024;
/** Memory of closes and pongs for a peer that does not read, and of unread messages, above which reading from it stops. */
export const CONTROL_BACKLOG_BYTES = MIB;

// Credit

/** Initial window of a stream: bytes that may be in flight before the receiver grants more. */
export const FIRST_WINDOW_BYTES = 256 * KIB;
/** The same for a terminal's stream, small because data in flight is still displayed after a Ctrl-C. */
export const INTERACTIVE_WINDOW_BYTES = 32 * KIB;
/** Bytes of a terminal's stream buffered at either end, before and after flow control. */
export const INTERACTIVE_BUFFER_BYTES = 16 * KIB;
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
/** The same including closes and messages, which no budget holds back. Above this the daemon ends the link. */
export const MAX_UNACKNOWLEDGED_BYTES = MAX_KEPT_BYTES + 64 * MIB;
/** Unit of allocation from the budgets. */
export const KEPT_STEP_BYTES = MIB;
/** Unacknowledged frames of all links of one process together, beyond their allowances. */
export const PROCESS_KEPT_BUDGET_BYTES = 256 * MIB;
/** Received frames after which an acknowledgement is sent, even if nothing else is. */
export const ACK_ALONE_FRAMES = 128;
/** The same in bytes; the peer keeps this much more than what is in flight. */
export const ACK_ALONE_BYTES = MIB;
/** Received frames after which an acknowledgement is sent together with other frames. */
export const ACK_BESIDE_FRAMES = 16;
/** The same in bytes. */
export const ACK_BESIDE_BYTES = 64 * KIB;

/** Interval of the checks whether the peer is alive; it is declared dead within three intervals of its last byte. */
export const KEEPALIVE_MS = 5_000;
/** Idle time of a TCP connection before the first TCP keepalive probe. */
export const TCP_KEEPALIVE_MS = 60_000;
/** Bytes over one TLS connection after which its link moves to a new one, for fresh keys. */
export const REKEY_BYTES = 256 * 1024 * MIB;
/** How long the daemon keeps a detached link whose channels are runs. */
export const RESUME_FOR_RUNS_MS = 60_000;
/** The same if the client became silent while its connection stayed open: it, or its machine, may be stopped. */
export const RESUME_FOR_SILENT_MS = 3 * 60_000;
/** The same if one of its channels is a terminal. */
export const RESUME_FOR_TERMINALS_MS = 10 * 60_000;
/** How long a client tries to reconnect (`--reconnect-for`). */
export const RECONNECT_FOR_MS = 60_000;
/** Delay before a client retries with a draining daemon or its successor. */
export const DRAIN_RETRY_MS = 500;
/** How long a client retries on a Unix socket without a listener: its link was lost with the daemon. */
export const RECONNECT_REFUSED_MS = 1_000;
/** Initial delay between attempts. It doubles each time, with 50% jitter. */
export const FIRST_RETRY_MS = 100;
/** Maximum of that delay. */
export const LAST_RETRY_MS = 5_000;
/** Detached links of a daemon; beyond this the principal with the most of them loses the one detached first. */
export const MAX_DETACHED_LINKS = 256;
/** Between two looks whether the process of a client that lost its connection is still there. */
export const CLIENT_LOOK_MS = 1_000;
/** Ids of ended links that are remembered, so that they are never taken for new links. */
export const MAX_LINK_TOMBSTONES = 16_384;

// The link

/** From a client's connection to the daemon's hello, including the login. Long, for busy daemons and slow paths. */
export const LOGIN_TIMEOUT_MS = 60_000;
/** From the connection to a client's hello. */
export const HELLO_TIMEOUT_MS = 10_000;
/** Time for a final error or GOAWAY to be sent before the connection is destroyed. */
export const LAST_WORDS_MS = 1_000;
/** Input that is read and discarded meanwhile from a peer that continues to send. */
export const LAST_WORDS_DRAIN_BYTES = 64 * KIB;
/** Bytes written to the socket and not accepted by the kernel yet, above which no further frame is produced. */
export const SOCKET_BACKLOG_BYTES = MIB;
/** Bytes read from links and pipes after which unused buffers are collected. */
export const READ_GARBAGE_BYTES = 8 * MIB;
/** Bytes accounted for at the end of a TLS connection, since V8 does not see the memory of OpenSSL. */
export const TLS_GARBAGE_BYTES = 256 * KIB;
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
/** The same after active filters were found: it doubles up to 6 s, because a search reads every process. */
export const MAX_HELD_PIPE_QUIET_LOOKS = 24;
/** Maximum wait of the outcome for holders that are not filters, in polls: one minute, even if output continues. */
export const HELD_PIPE_CAP_LOOKS = 240;
/** Polls (5 s) after which the client is notified of the holders. */
export const HELD_PIPE_TELL_LOOKS = 20;
/** Capacity to which pipes with much data are enlarged. */
export const PIPE_CAPACITY_BYTES = MIB;
/** One read of a command's pipe, and so one chunk of its output. */
export const PIPE_READ_BYTES = 256 * KIB;
/** One read of a terminal: the kernel returns at most 4 KiB. */
export const TERMINAL_READ_BYTES = 16 * KIB;
/** Polling interval where the system does not report that a terminal has room, or that input was read. */
export const TERMINAL_LOOK_MS = 20;
/** After `~.`: how long the host may take to report the outcome of the program. */
export const LEAVE_MS = 2_000;
/** After `~^Z`: if the process is not stopped within this time, no shell can resume it, and it continues. */
export const SUSPENDING_MS = 100;
/** After SIGHUP: how long a shell keeps its terminal, to hang up its jobs. */
export const HANG_UP_MS = 1_000;
/** A terminal's columns and rows: the maximum of TIOCSWINSZ. */
export const MAX_TERMINAL_CELLS = 65_535;
/** A terminal's width and height in pixels: the maximum of TIOCSWINSZ. */
export const MAX_TERMINAL_PIXELS = 65_535;
/** The largest opcode of a terminal mode with a 32-bit argument (RFC 4254, section 8). */
export const MAX_TERMINAL_MODE_OPCODE = 159;
/** Keyboard input that is buffered while the host does not accept any; further input is left to the operating system. */
export const MAX_TYPED_AHEAD_BYTES = MIB;
/** Length of a terminal type (`TERM`). */
export const MAX_TERM_CHARACTERS = 64;
/** Bytes from a pipe after which it counts as bulk and is enlarged to PIPE_CAPACITY_BYTES. */
export const BULK_STREAM_BYTES = 256 * KIB;
/** Enlarged pipes at a time: a user's pipes have 64 MiB in total, and beyond that every new one is small. */
export const MAX_GROWN_PIPES = 16;
/** Maximum `--timeout`: the limit of a Node timer. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;
/** Length of a run's id. */
export const MAX_RUN_ID_CHARACTERS = 128;
/** One argument or environment string on Linux (MAX_ARG_STRLEN), including its NUL. */
export const MAX_ARGUMENT_BYTES = 128 * KIB;
/** Concurrent spawns in other threads; each occupies a thread for about 0.1 ms. */
export const MAX_SPAWNS_ASIDE = 4;

/** How long a shell may take to report whether it parses a line's characters correctly. */
export const SHELL_READING_MS = 10_000;
/** Cached runs of characters that shells parse correctly. */
export const MAX_READ_RUNS = 10_000;
/** Length of such a run. */
export const MAX_READ_RUN_CHARACTERS = 64;

/** `--encoding auto`: bytes held back while the encoding is undecided. */
export const UNDECIDED_BYTES = 4 * KIB;
/** The same: how long they are held back. */
export const UNDECIDED_MS = 50;

// Jobs

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
/** Maximum of `--lifetime linger:`. */
export const MAX_LINGER_MS = 7 * 24 * 3_600_000;
/** Time without a job after which a supervisor exits. */
export const SUPERVISOR_IDLE_MS = 60_000;
/** Interval at which a supervisor removes what has expired. */
export const SUPERVISOR_TIDY_MS = 10 * 60_000;
/** Delay before an outcome that could not be written is written again. */
export const SUPERVISOR_RETRY_MS = 5_000;
/** From the daemon's connection to its supervisor's hello. */
export const SUPERVISOR_CONNECT_MS = 5_000;
/** How often a request that an exiting supervisor did not answer is sent to the next one. */
export const SUPERVISOR_TRIES = 4;
/** How long the id of a run that is not a job is remembered after its end, with its outcome. */
export const RUN_ID_MEMORY_MS = 10 * 60_000;
/** Such ids of one principal; beyond this the oldest ended ones are dropped. */
export const MAX_REMEMBERED_RUNS = 10_000;
/** The same for a key with `command=` or `restrict`. */
export const MAX_REMEMBERED_RUNS_OF_BOUND_KEY = 1_000;
/** Such ids of all principals; beyond this the principal with the most loses its oldest. */
export const MAX_REMEMBERED_RUNS_IN_ALL = 40_000;

// Ready/Start

/** One read of a Ready/Start peer, and one command line; more closes the connection. */
export const READY_READ_BYTES = 8 * KIB;
/** Queued command lines of one Ready/Start peer, besides the running one. */
export const READY_QUEUED_COMMANDS = 64;
/** Time without a byte after which a command line without a newline ends. */
export const READY_QUIET_MS = 5;
/** The same if the line ends inside a character, and is therefore incomplete. */
export const READY_SPLIT_CHARACTER_MS = 1_000;
/** From `Ready` to the peer's `Start`. A peer that has not sent it is not in its receive loop yet. */
export const READY_START_TIMEOUT_MS = 60_000;
/** Between two commands. Long, for interactive use, and because such peers spin when the connection is closed. */
export const READY_IDLE_MS = 12 * 3_600_000;
/** One reply, after transcoding; beyond this the command is ended, and the reply is an error message. */
export const READY_REPLY_BYTES = 256 * MIB;
/** The part of a reply that is kept in memory; a larger reply is kept in a file. */
export const READY_REPLY_MEMORY_BYTES = 64 * KIB;
/** Replies of one listener that are on disk together. */
export const READY_SPOOL_TOTAL_BYTES = 1024 * MIB;
/** Concurrent Ready/Start peers of one listener. */
export const READY_MAX_PEERS = 128;
/** A command to a Ready/Start peer (`?max-command=`): such peers read once, 1,024 bytes. */
export const READY_COMMAND_BYTES = 1024;
/** Maximum size of a reply that a Ready/Start peer may announce. */
export const READY_ANNOUNCED_BYTES = 1024 * MIB;
/** Greeting of a Ready/Start peer before its first `Ready`. */
export const READY_GREETING_BYTES = 8 * KIB;
/** How long a Ready/Start peer may send nothing while the rest of a reply or of a `Ready` is missing. */
export const READY_STALL_MS = 60_000;

// The daemon

/** Logged-in connections of all principals, including detached links. */
export const MAX_CONNECTIONS = 1024;
/** Maximum `--kill-after`; longer values are cut, so that a command that ignores SIGTERM does not outlive its client for days. */
export const MAX_KILL_AFTER_MS = 5 * 60_000;
/** The same for a key with `command=` or `restrict`. */
export const MAX_KILL_AFTER_BOUND_MS = 5_000;
/** After SIGTERM to the daemon: how long running commands may continue (`--drain`). */
export const DEFAULT_DRAIN_MS = 10_000;
/** The part of the drain between SIGTERM to the commands and its end; they are killed after half of it. */
export const SHUTDOWN_GRACE_MS = 4_000;
/** Maximum of that part, as a share of the drain. */
export const SHUTDOWN_GRACE_SHARE = 0.2;
/** Time without a run after which a daemon started for `local` exits. */
export const LOCAL_IDLE_MS = 10 * 60_000;
/** Log of daemons started for `local`; a larger one is renamed before the next start. */
export const MAX_LOCAL_LOG_BYTES = 8 * MIB;
/** JSON of one field in an audit line; a longer field is truncated. */
export const MAX_AUDIT_FIELD_BYTES = 4 * KIB;
/** How long the client waits for a daemon that it has started. */
export const LOCAL_START_MS = 10_000;
/** Interval at which a daemon checks that its Unix socket and lock still exist; a watcher of the folder is faster. */
export const SOCKET_LOOK_MS = 1_000;

/** Path of a Unix socket, including its NUL (sun_path of unix(7): 108 on Linux, 104 on macOS). */
export const MAX_SOCKET_PATH_BYTES = { linux: 108, other: 104 } as const;

// Quotas of the principals of a daemon: its own user on a Unix socket, or a key

/** One part in so many of each shared resource is reserved for the daemon's own user. */
export const OWNER_RESERVE_SHARE = 16;
/** Open channels of all principals. */
export const MAX_CHANNELS = 16_384;
/** Memory of incomplete and waiting requests of all principals: their bytes, and CONTROL_ITEM_BYTES for each value. */
export const MAX_REQUESTS_BYTES = 96 * MIB;
/** New channels of one link that are processed in one turn of the event loop. */
export const CHANNELS_PER_TURN = 16;
/** Calls that start concurrently: one starts in each turn of the event loop, round-robin by principal. */
export const MAX_STARTS_AT_ONCE = 32;
/** Running commands of all principals; further ones wait. */
export const MAX_RUNS = 1024;
/** File descriptors of the daemon per command: its three pipes, and a temporary one. */
export const DESCRIPTORS_PER_RUN = 4;
/** File descriptors not available to commands and connections: for listeners, files, and temporarily for spawns. */
export const RESERVED_DESCRIPTORS = 64;
/** Limit of file descriptors on systems that do not report it. */
export const FALLBACK_DESCRIPTORS = 1024;
/** Open channels of the daemon's own user. */
export const MAX_CHANNELS_PER_USER = 8_192;
/** Open channels of a key. */
export const MAX_CHANNELS_PER_KEY = 2_048;
/** Open channels of a key with `command=` or `restrict`. */
export const MAX_CHANNELS_PER_BOUND_KEY = 64;
/** Running commands of the daemon's own user. */
export const MAX_RUNS_PER_USER = 768;
/** Running commands of a key. */
export const MAX_RUNS_PER_KEY = 256;
/** Running commands of a key with `command=` or `restrict`. */
export const MAX_RUNS_PER_BOUND_KEY = 8;
/** Memory of incomplete and waiting requests of the daemon's own user. */
export const MAX_REQUESTS_BYTES_PER_USER = 64 * MIB;
/** The same for a key: two of the largest requests. */
export const MAX_REQUESTS_BYTES_PER_KEY = 16 * MIB;
/** The same for a key with `command=` or `restrict`. */
export const MAX_REQUESTS_BYTES_PER_BOUND_KEY = 512 * KIB;
/** One request of a key with `command=` or `restrict`. */
export const MAX_REQUEST_BYTES_OF_BOUND_KEY = 64 * KIB;
/** Connections of a key over TLS, including detached links. */
export const MAX_CONNECTIONS_PER_KEY = 256;
/** The same for a key with `command=` or `restrict`. */
export const MAX_CONNECTIONS_PER_BOUND_KEY = 32;

// Keys and logins

/** Everything that a client may send before its login is accepted: its hello, and a short request in the same flight. */
export const MAX_BEFORE_LOGIN_BYTES = 64 * KIB;
/**
 * The same, counted at the socket, including the TLS handshake: TLS's own messages (key updates, padding) cost time and are
 * not counted by the link.
 */
export const MAX_SECURED_BYTES = 3 * MAX_BEFORE_LOGIN_BYTES;
/** Keys that a client may offer for selection by the daemon. */
export const MAX_OFFERED_KEYS = 20;
/** An offered public key or certificate: enough for certificates of large RSA keys with many principals. */
export const MAX_KEY_BLOB_BYTES = 32 * KIB;
/** SSH signature blob: that of the largest RSA key, with its framing. */
export const MAX_SIGNATURE_BYTES = 4 * KIB;
/** Minimum size of an RSA key. */
export const MIN_RSA_BITS = 2048;
/** Maximum size of an RSA key, as in OpenSSH; it bounds the cost of a verification. */
export const MAX_RSA_BITS = 16_384;
/** Public exponent of an RSA key (usually 65537); the cost of a verification grows with it. */
export const MAX_RSA_EXPONENT_BYTES = 8;
/** A private key file, or the public key beside it. */
export const MAX_PRIVATE_KEY_FILE_BYTES = 64 * KIB;
/** bcrypt rounds for a passphrase, about 16 ms each; OpenSSH uses 16 or 24 by default. */
export const MAX_BCRYPT_ROUNDS = 1024;
/** Rounds of PBKDF2 and similar functions for a passphrase of a PEM file. */
export const MAX_KDF_ITERATIONS = 10_000_000;
/** Each name and value that a relay reports about its client. */
export const MAX_PROVENANCE_CHARACTERS = 1024;
/** The requested user of a login. */
export const MAX_ACCOUNT_BYTES = 256;
/** An authorized_keys file; a larger one is refused. */
export const MAX_AUTHORIZED_KEYS_BYTES = 8 * MIB;
/** Lines of it, or of known_hosts: the memory for each line, and for errors, exceeds its bytes. */
export const MAX_KEY_FILE_LINES = 20_000;
/** One line of it; a longer one is skipped. */
export const MAX_AUTHORIZED_LINE_BYTES = 64 * KIB;
/** Principals of one certificate, as in OpenSSH. */
export const MAX_CERTIFICATE_PRINCIPALS = 256;
/** A file of revoked keys; with a larger one all logins are refused. */
export const MAX_REVOCATIONS_BYTES = 8 * MIB;
/** Sections of a key revocation list: OpenSSH writes one for each authority and each kind of entry. */
export const MAX_KRL_SECTIONS = 10_000;
/** The client's known_hosts. */
export const MAX_KNOWN_HOSTS_BYTES = 4 * MIB;
/** One line of it; of a longer one only the host is used, with a key that matches nothing. */
export const MAX_KNOWN_HOSTS_LINE_BYTES = 64 * KIB;
/** How long to wait for another rexa process that writes the same file. */
export const FILE_LOCK_TIMEOUT_MS = 10_000;
/** Interval of the attempts to get such a lock. */
export const FILE_LOCK_RETRY_MS = 20;
/** Age at which a lock is stale: its holder was killed, since it is normally held for milliseconds. */
export const FILE_LOCK_STALE_MS = 5_000;
/** One reply of an ssh-agent, as in OpenSSH. */
export const MAX_AGENT_REPLY_BYTES = 256 * KIB;
/** Keys in one ssh-agent, as in OpenSSH. */
export const MAX_AGENT_KEYS = 2048;
/** Timeout for the list of keys of an ssh-agent. */
export const AGENT_LIST_TIMEOUT_MS = 5_000;
/** Timeout for the signature of an ssh-agent for a login: less than HELLO_TIMEOUT_MS of the daemon. */
export const AGENT_LOGIN_TIMEOUT_MS = 8_000;
/** Timeout for a signature of an ssh-agent: a person may have to confirm it or to touch a token. */
export const AGENT_SIGN_TIMEOUT_MS = 60_000;

/** A configuration file of client or daemon; a larger one is refused. */
export const MAX_CONFIG_BYTES = MIB;

// Pre-authentication limits of TLS connections

/** Concurrent connections that have not logged in. */
export const DOOR_SLOTS = 128;
/** When all slots are taken, a connection that made progress within this time is evicted after all others. */
export const DOOR_FRESH_MS = 250;
/** Penalty of a connection without a login for its source; penalties decay by 1 ms per ms. */
export const DOOR_OFFENCE_MS = {
  /** Closed by the peer: a scanner, a health check, a user who gave up. */
  left: 1_000,
  /** Evicted in favour of another connection. */
  evicted: 1_000,
  /** Not TLS 1.3, not this protocol, or malformed. */
  nonsense: 5_000,
  /** A login that was refused. */
  refused: 5_000,
  /** Not logged in within HELLO_TIMEOUT_MS. */
  'too-late': 10_000,
} as const;
/** Sum of penalties from which a source is blocked. */
export const DOOR_PATIENCE_MS = 30_000;
/** Duration of the first block; each further one is twice as long. */
export const DOOR_FIRST_PENALTY_MS = 15_000;
/** Maximum duration of a block. */
export const MAX_DOOR_PENALTY_MS = 10 * 60_000;
/** Time after its last offence at which a source is forgotten. */
export const DOOR_PENALTY_MEMORY_MS = 3_600_000;
/** Sources with penalties; beyond this the one with the oldest last offence is forgotten. */
export const MAX_PENALIZED_SOURCES = 16_384;
/** Interval of the checks for expired connections and for those that sent too much. */
export const DOOR_LOOK_MS = 250;

// The client

/** Time to establish a connection (`--connect-timeout`). */
export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** How long a program that carries a connection (exec:, ssh://) may take to exit before it is killed. */
export const PROGRAM_EXIT_MS = 1_000;
/** How long to wait for the rest of a line that a program writes before the preamble of rexad --stdio, for the error message. */
export const BANNER_WAIT_MS = 300;
/** A program's stderr: bytes displayed of each line. */
export const MAX_PROGRAM_LINE_BYTES = 1024;
/** A program's stderr: lines displayed of each program. */
export const MAX_PROGRAM_LINES = 100;
/** Delay before a host's next address is tried in parallel (RFC 8305, section 5). */
export const NEXT_ADDRESS_MS = 250;
/** Hosts for which the client remembers the key accepted last. */
export const MAX_LAST_KEYS = 1_000;
/** The file with these keys. */
export const MAX_LAST_KEYS_BYTES = MIB;
/** Connections of one login, if selected keys turn out to be unable to sign. */
export const MAX_LOGIN_CONNECTIONS = 6;
/** Attempts to enter the passphrase of a key. */
export const MAX_PASSPHRASE_TRIES = 3;
/** Output of each stream that the client keeps for a buffered result. */
export const MAX_KEPT_OUTPUT_BYTES = 64 * MIB;

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

/** How long a reader of output may stall after the run was ended. */
export const STALLED_READER_MS = 2_000;

/** File descriptors of a command, as many as a channel has streams. */
export const MAX_DESCRIPTORS = 16;
