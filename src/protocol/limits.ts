/** Every cap and timeout of rexa, each with its unit in its name and what it bounds in its comment. */

const KIB = 1024;
const MIB = 1024 * KIB;

// The wire

/** The largest value of a frame's length field: what one frame may make a peer buffer. */
export const MAX_FRAME_LENGTH_BYTES = MIB;
/** The largest control message, its continuation frames put together: a daemon's list of jobs, with all their arguments. */
export const MAX_CONTROL_BYTES = 16 * MIB;
/** The largest request of a client: twice what execve takes on Linux (2 MiB), for what JSON adds to it. */
export const MAX_REQUEST_BYTES = 4 * MIB;
/** Values and keys of such a request, counted before it is parsed: an argument is one, a variable two. */
export const MAX_REQUEST_ITEMS = 65_536;
/** The largest message or close of a client. */
export const MAX_MESSAGE_BYTES = 64 * KIB;
/** Values and keys of such a message. */
export const MAX_MESSAGE_ITEMS = 1_024;
/** What a value or key of a request or message counts for in memory, beside its bytes. */
export const CONTROL_ITEM_BYTES = 64;
/** Variables of one request's environment. */
export const MAX_ENVIRONMENT_ENTRIES = 4_096;
/** Objects and arrays of a control message inside one another. Ours have five. */
export const MAX_CONTROL_DEPTH = 32;
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
/** Memory of closes and pongs for a peer that does not read, and of messages that nobody reads, above which nothing more is read from it. */
export const CONTROL_BACKLOG_BYTES = MIB;

// Credit

/** The first window of a stream: bytes that may be on their way before the receiver has said more. */
export const FIRST_WINDOW_BYTES = 256 * KIB;
/** The same of a terminal's stream: what is on its way when Ctrl-C is pressed is still shown behind it. */
export const INTERACTIVE_WINDOW_BYTES = 32 * KIB;
/** Bytes of a terminal's stream that wait at either end, in front of the credit and behind it. */
export const INTERACTIVE_BUFFER_BYTES = 16 * KIB;
/** What one stream's window may grow to (bandwidth × delay of a fast, long path). */
export const MAX_STREAM_WINDOW_BYTES = 16 * MIB;
/** What all windows of one link may grow to together, beyond their first size. */
export const LINK_WINDOW_BUDGET_BYTES = 32 * MIB;
/** What all windows of one process may grow to together, beyond their first size. */
export const PROCESS_WINDOW_BUDGET_BYTES = 256 * MIB;

// Links that outlive their connections

/** Of sent frames that the peer has not acknowledged: what each link may keep whatever the others do. */
export const KEPT_ALLOWANCE_BYTES = MIB;
/** What one link may keep; then no further data is made. */
export const MAX_KEPT_BYTES = 33 * MIB;
/** The same, with last words and messages, which no budget holds back: a client that asks on and acknowledges nothing goes. */
export const MAX_UNACKNOWLEDGED_BYTES = MAX_KEPT_BYTES + 64 * MIB;
/** What is taken from the budgets at a time. */
export const KEPT_STEP_BYTES = MIB;
/** What all links of one process may keep together, beyond their allowances. */
export const PROCESS_KEPT_BUDGET_BYTES = 256 * MIB;
/** Frames that arrived, after which they are acknowledged with a frame of its own. */
export const ACK_ALONE_FRAMES = 128;
/** The same in bytes: what a sender keeps beyond what is on its way. */
export const ACK_ALONE_BYTES = MIB;
/** Frames that arrived, after which an acknowledgement goes along with whatever is sent. */
export const ACK_BESIDE_FRAMES = 16;
/** The same in bytes. */
export const ACK_BESIDE_BYTES = 64 * KIB;

/** How often each end looks whether the other is alive; it is dead after three of these without a byte. */
export const KEEPALIVE_MS = 5_000;
/** How long a TCP connection may be idle before the system asks the peer's system for a sign of life. */
export const TCP_KEEPALIVE_MS = 60_000;
/** What passes over one connection, after which its link moves on to another, for fresh keys of TLS. */
export const REKEY_BYTES = 256 * 1024 * MIB;
/** How long the daemon keeps a link without a connection whose channels are runs. */
export const RESUME_FOR_RUNS_MS = 60_000;
/** The same where the client has fallen silent, and its connection was not closed: it may be stopped, or its machine paused. */
export const RESUME_FOR_SILENT_MS = 3 * 60_000;
/** The same where one of them is a terminal. */
export const RESUME_FOR_TERMINALS_MS = 10 * 60_000;
/** How long a client tries to get a connection again (`--reconnect-for`). */
export const RECONNECT_FOR_MS = 60_000;
/** Before a daemon that shuts down, or the next one, is asked again. */
export const DRAIN_RETRY_MS = 500;
/** The same on a Unix socket that nobody listens on: a link lives in its daemon, and that is gone. */
export const RECONNECT_REFUSED_MS = 1_000;
/** Between two tries at first; then twice as long each time, by chance a half of it at least. */
export const FIRST_RETRY_MS = 100;
/** And at most. */
export const LAST_RETRY_MS = 5_000;
/** Links without a connection at once; beyond, whoever has most of them loses the one that was detached first. */
export const MAX_DETACHED_LINKS = 256;
/** Links that are over and still known by their id, so that nothing of them is ever taken for new. */
export const MAX_LINK_TOMBSTONES = 16_384;

// The link

/** From a client's connection to the daemon's hello, with the login: a busy daemon, or a slow path, takes its time. */
export const LOGIN_TIMEOUT_MS = 60_000;
/** From the connection to a client's hello. */
export const HELLO_TIMEOUT_MS = 10_000;
/** Last words: how long a final error may take to leave before the connection is destroyed. */
export const LAST_WORDS_MS = 1_000;
/** Last words: what is still read, and thrown away, from a peer that goes on sending. */
export const LAST_WORDS_DRAIN_BYTES = 64 * KIB;
/** Bytes handed to the socket and not yet taken by the kernel, above which no further frame is made. */
export const SOCKET_BACKLOG_BYTES = MIB;
/** Bytes read from links and pipes after which the memory of those that are done with is looked for. */
export const READ_GARBAGE_BYTES = 8 * MIB;
/** What a connection over TLS counts for there when it is over: V8 does not see what OpenSSL held for it. */
export const TLS_GARBAGE_BYTES = 256 * KIB;
/** Bytes of one stream waiting for credit, above which its writer waits. */
export const STREAM_QUEUE_BYTES = 256 * KIB;

// A run

/** Between the polite signal and SIGKILL when a tree is ended (`--kill-after`). */
export const DEFAULT_KILL_AFTER_MS = 5_000;
/** After SIGKILL: how long a process may still be there before it is named a survivor. */
export const SURVIVOR_WAIT_MS = 1_000;
/** How often a pipe is looked at that somebody still holds after the command's exit. */
export const HELD_PIPE_LOOK_MS = 250;
/** So many looks in a row that find it empty make it quiet: it is asked who holds it, and a look later, after a second in all, once more. */
export const HELD_PIPE_QUIET_LOOKS = 3;
/** The same once filters were found at work: it doubles up to 6 s, since a search reads every process. */
export const MAX_HELD_PIPE_QUIET_LOOKS = 24;
/** The outcome waits no longer than a minute of looks for somebody who is no filter, however much still comes. */
export const HELD_PIPE_CAP_LOOKS = 240;
/** Before a client is told for whom it waits: 5 s of looks. */
export const HELD_PIPE_TELL_LOOKS = 20;
/** What a pipe is grown to that carries much. */
export const PIPE_CAPACITY_BYTES = MIB;
/** One read of a command's pipe, and so one chunk of its output. */
export const PIPE_READ_BYTES = 256 * KIB;
/** One read of a terminal: the kernel gives 4 KiB at most. */
export const TERMINAL_READ_BYTES = 16 * KIB;
/** Where nobody tells that a terminal has room, or that what was typed was read, it is looked at so often. */
export const TERMINAL_LOOK_MS = 20;
/** After `~.`: how long the host may take to say what became of the program. */
export const LEAVE_MS = 2_000;
/** After `~^Z`: who is not stopped within this time has no shell that could take it up again, and goes on. */
export const SUSPENDING_MS = 100;
/** After SIGHUP: how long a shell still has its terminal, to hang up its jobs. */
export const HANG_UP_MS = 1_000;
/** A terminal's columns, and its rows: what TIOCSWINSZ can hold. */
export const MAX_TERMINAL_CELLS = 65_535;
/** A terminal's width and its height in pixels: what TIOCSWINSZ can hold. */
export const MAX_TERMINAL_PIXELS = 65_535;
/** The largest opcode of a terminal's mode that has an argument of 32 bits (RFC 4254, section 8). */
export const MAX_TERMINAL_MODE_OPCODE = 159;
/** What is typed at a terminal while the host takes nothing: beyond, keys are left to the system. */
export const MAX_TYPED_AHEAD_BYTES = MIB;
/** The name of a kind of terminal (`TERM`). */
export const MAX_TERM_CHARACTERS = 64;
/** What comes out of a pipe before it is taken for bulk and grown to PIPE_CAPACITY_BYTES. */
export const BULK_STREAM_BYTES = 256 * KIB;
/** Grown pipes at once: a user's pipes have 64 MiB in all, and beyond that every new one is small. */
export const MAX_GROWN_PIPES = 16;
/** The largest `--timeout`: what a Node timer can hold. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;
/** A run's id, as the client gives it. */
export const MAX_RUN_ID_CHARACTERS = 128;
/** One argument or environment string on Linux (MAX_ARG_STRLEN), its NUL included. */
export const MAX_ARGUMENT_BYTES = 128 * KIB;
/** Spawns that are under way in other threads at once: each holds a thread for about 0.1 ms. */
export const MAX_SPAWNS_ASIDE = 4;

/** How long the shell of a command line may take to say whether it reads the line's characters. */
export const SHELL_READING_MS = 10_000;
/** Runs of characters that shells were seen to read, kept so that they are not asked again. */
export const MAX_READ_RUNS = 10_000;
/** The longest of these. */
export const MAX_READ_RUN_CHARACTERS = 64;

/** `--encoding auto`: bytes held back while it is not decided which encoding they are in. */
export const UNDECIDED_BYTES = 4 * KIB;
/** The same: how long they may wait for more evidence. */
export const UNDECIDED_MS = 50;

// Jobs

/** `logs --since` begins at the start of a line, as far back as this. */
export const LINE_START_BYTES = 64 * KIB;
/** One file of a job's spool. What is dropped is dropped by whole files. */
export const JOB_SEGMENT_BYTES = 16 * MIB;
/** Files of a job's spool that are kept from its beginning. */
export const JOB_HEAD_SEGMENTS = 4;
/** Files of a job's spool that are kept up to its end; what was between them and the head is dropped. */
export const JOB_TAIL_SEGMENTS = 12;
/** One write to a spool: what came meanwhile is put together. */
export const JOB_WRITE_BYTES = MIB;
/** One read of a spool. */
export const JOB_READ_BYTES = 256 * KIB;
/** Bytes of one stream that wait for the disk before its command waits. */
export const JOB_WRITE_BACKLOG_BYTES = MIB;
/** The output of all ended jobs together: beyond, that of the oldest is removed; records and ids stay. */
export const JOBS_SPOOL_TOTAL_BYTES = 4096 * MIB;
/** An ended job, its output and its id are kept for so long. */
export const JOB_KEEP_MS = 7 * 24 * 3_600_000;
/** Ended jobs that are kept: beyond, the oldest are forgotten. */
export const MAX_KEPT_JOBS = 10_000;
/** Jobs that run at once, of all principals. */
export const MAX_RUNNING_JOBS = 640;
/** Jobs of one principal that run at once. */
export const MAX_RUNNING_JOBS_PER_OWNER = 256;
/** Channels of one principal at the supervisor: what is attached to jobs, and questions about them. */
export const MAX_JOB_CHANNELS_PER_OWNER = 384;
/** Such channels of all principals: fewer than a link may have, since the daemon has one for all of them. */
export const MAX_JOB_CHANNELS = 896;
/** A job that lives as long as its client, whose connection was lost without a goaway: a retry finds it for so long. */
export const JOB_CLIENT_GRACE_MS = 60_000;
/** The longest `--lifetime linger:`. */
export const MAX_LINGER_MS = 7 * 24 * 3_600_000;
/** A supervisor without a job leaves after so long. */
export const SUPERVISOR_IDLE_MS = 60_000;
/** How often a supervisor looks for what has become too old. */
export const SUPERVISOR_TIDY_MS = 10 * 60_000;
/** An outcome that could not be written is tried again. */
export const SUPERVISOR_RETRY_MS = 5_000;
/** From the daemon to its supervisor's hello. */
export const SUPERVISOR_CONNECT_MS = 5_000;
/** Requests that a supervisor which was just leaving has not answered are sent to the next one, so many times. */
export const SUPERVISOR_TRIES = 4;
/** The id of a run that is no job is remembered, with its outcome, for so long after its end. */
export const RUN_ID_MEMORY_MS = 10 * 60_000;
/** Such ids of one principal that a daemon remembers: beyond, the oldest of those that have ended are forgotten. */
export const MAX_REMEMBERED_RUNS = 10_000;
/** The same of a key with `command=` or `restrict`. */
export const MAX_REMEMBERED_RUNS_OF_BOUND_KEY = 1_000;
/** Such ids of all principals: beyond, whoever has most of them loses the oldest. */
export const MAX_REMEMBERED_RUNS_IN_ALL = 40_000;

// The Ready|size / Start wire

/** One read of a Ready/Start peer, and one command line of it: more is no command, and closes. */
export const READY_READ_BYTES = 8 * KIB;
/** Command lines of one Ready/Start peer that wait behind the one that runs. */
export const READY_QUEUED_COMMANDS = 64;
/** A command line without a newline ends after so long without a byte. */
export const READY_QUIET_MS = 5;
/** The same where the line ends in the middle of a character, which proves that it is not whole. */
export const READY_SPLIT_CHARACTER_MS = 1_000;
/** From `Ready` to the peer's `Start`: a peer that has not said it is not in its receive loop yet. */
export const READY_START_TIMEOUT_MS = 60_000;
/** Between two commands. Long, since a person sits there, and since such peers spin when they are closed. */
export const READY_IDLE_MS = 12 * 3_600_000;
/** One reply, after transcoding; beyond, the command is ended and an error text is the reply. */
export const READY_REPLY_BYTES = 256 * MIB;
/** What of one reply is kept in memory; the rest goes to a file. */
export const READY_REPLY_MEMORY_BYTES = 64 * KIB;
/** All replies of one listener that are on disk together, whoever does not fetch them. */
export const READY_SPOOL_TOTAL_BYTES = 1024 * MIB;
/** Ready/Start peers at once on one listener. */
export const READY_MAX_PEERS = 128;
/** A command that the client sends to a Ready/Start peer (`?max-command=`): such peers read 1,024 bytes once. */
export const READY_COMMAND_BYTES = 1024;
/** The largest reply that a Ready/Start peer may announce to the client. */
export const READY_ANNOUNCED_BYTES = 1024 * MIB;
/** What a Ready/Start peer may say before its first `Ready`. */
export const READY_GREETING_BYTES = 8 * KIB;
/** A Ready/Start peer that owes the rest of a reply, or of a `Ready` it began, and sends nothing for so long. */
export const READY_STALL_MS = 60_000;

// The daemon

/** Connections that have logged in, of everybody, with those that wait for another connection. */
export const MAX_CONNECTIONS = 1024;
/** Longest `--kill-after`: a longer one is cut to it, or a command that ignores SIGTERM outlived its client for days. */
export const MAX_KILL_AFTER_MS = 5 * 60_000;
/** The same under a key with `command=` or `restrict`. */
export const MAX_KILL_AFTER_BOUND_MS = 5_000;
/** After SIGTERM, how long running commands may go on (`--drain`). */
export const DEFAULT_DRAIN_MS = 10_000;
/** Of the drain, what commands have from SIGTERM to its end; they are killed when half of it is over. */
export const SHUTDOWN_GRACE_MS = 4_000;
/** But no more than this part of the drain. */
export const SHUTDOWN_GRACE_SHARE = 0.2;
/** A daemon that was started for `local` leaves after so long without a run. */
export const LOCAL_IDLE_MS = 10 * 60_000;
/** The log of daemons that were started for `local`: a longer one is put aside before the next start. */
export const MAX_LOCAL_LOG_BYTES = 8 * MIB;
/** A field of an audit line whose JSON is longer is cut. */
export const MAX_AUDIT_FIELD_BYTES = 4 * KIB;
/** How long the client waits for a daemon it started to answer. */
export const LOCAL_START_MS = 10_000;
/** How often a daemon looks whether its Unix socket and lock are still there; a watcher of the folder is quicker. */
export const SOCKET_LOOK_MS = 1_000;

/** A Unix socket's path, its NUL included (sun_path of unix(7): 108 on Linux, 104 on macOS). */
export const MAX_SOCKET_PATH_BYTES = { linux: 108, other: 104 } as const;

// What one principal of a daemon may take: its own user on a Unix socket, or a key

/** Of everything that is shared one part in so many is only for the daemon's own user. */
export const OWNER_RESERVE_SHARE = 16;
/** Channels open at once, of everybody. */
export const MAX_CHANNELS = 16_384;
/** Memory of requests that are unfinished or wait, of everybody: their bytes, and CONTROL_ITEM_BYTES for each value. */
export const MAX_REQUESTS_BYTES = 96 * MIB;
/** New channels of one link that are looked at in one turn of the event loop. */
export const CHANNELS_PER_TURN = 16;
/** Calls that start at once, of everybody: one starts in each turn of the event loop, in turns by principal. */
export const MAX_STARTS_AT_ONCE = 32;
/** Commands that run at once, of everybody; further ones wait. */
export const MAX_RUNS = 1024;
/** Descriptors that a command takes of the daemon: its three pipes, and one for a moment. */
export const DESCRIPTORS_PER_RUN = 4;
/** Descriptors that are for nobody's commands and connections: listeners, files, what a spawn takes for a moment. */
export const RESERVED_DESCRIPTORS = 64;
/** Where the system does not say how many descriptors a process may have. */
export const FALLBACK_DESCRIPTORS = 1024;
/** Channels open at once, of the daemon's own user. */
export const MAX_CHANNELS_PER_USER = 8_192;
/** Of a key. */
export const MAX_CHANNELS_PER_KEY = 2_048;
/** Of a key with `command=` or `restrict`. */
export const MAX_CHANNELS_PER_BOUND_KEY = 64;
/** Commands that run at once, of the daemon's own user. */
export const MAX_RUNS_PER_USER = 768;
/** Of a key. */
export const MAX_RUNS_PER_KEY = 256;
/** Of a key with `command=` or `restrict`. */
export const MAX_RUNS_PER_BOUND_KEY = 8;
/** Memory of requests that are unfinished or wait, of the daemon's own user. */
export const MAX_REQUESTS_BYTES_PER_USER = 64 * MIB;
/** Of a key: two of the largest requests. */
export const MAX_REQUESTS_BYTES_PER_KEY = 16 * MIB;
/** Of a key with `command=` or `restrict`. */
export const MAX_REQUESTS_BYTES_PER_BOUND_KEY = 512 * KIB;
/** One request of a key with `command=` or `restrict`. */
export const MAX_REQUEST_BYTES_OF_BOUND_KEY = 64 * KIB;
/** Connections of a key over TLS, with those that wait for another connection. */
export const MAX_CONNECTIONS_PER_KEY = 256;
/** Of a key with `command=` or `restrict`. */
export const MAX_CONNECTIONS_PER_BOUND_KEY = 32;

// Keys and who may log in

/** All that a client may send before it is logged in: its hello, and a short request in the same flight. */
export const MAX_BEFORE_LOGIN_BYTES = 64 * KIB;
/**
 * The same as it comes through the socket, with the handshake before it: TLS has messages of its own (new keys, padding)
 * that cost time and never come to the link's count.
 */
export const MAX_SECURED_BYTES = 3 * MAX_BEFORE_LOGIN_BYTES;
/** Keys of which a client lets the daemon choose. */
export const MAX_OFFERED_KEYS = 20;
/** A public key or certificate, as it is offered: certificates of large RSA keys with many principals fit. */
export const MAX_KEY_BLOB_BYTES = 32 * KIB;
/** SSH's signature blob: that of the largest RSA key, and its frame. */
export const MAX_SIGNATURE_BYTES = 4 * KIB;
/** Below, an RSA key is refused. */
export const MIN_RSA_BITS = 2048;
/** Above, too: what OpenSSH takes, and what a check may cost. */
export const MAX_RSA_BITS = 16_384;
/** An RSA key's public exponent (65537 as a rule): the time of a check grows with it. */
export const MAX_RSA_EXPONENT_BYTES = 8;
/** A private key file, or the public key beside it. */
export const MAX_PRIVATE_KEY_FILE_BYTES = 64 * KIB;
/** Rounds of bcrypt for a passphrase, about 16 ms each; OpenSSH makes 16 or 24 unless told otherwise. */
export const MAX_BCRYPT_ROUNDS = 1024;
/** Rounds of PBKDF2 and its like for a passphrase of a PEM file. */
export const MAX_KDF_ITERATIONS = 10_000_000;
/** What a relay may say of the client behind it: each name and each value. */
export const MAX_PROVENANCE_CHARACTERS = 1024;
/** The user that a client asks for. */
export const MAX_ACCOUNT_BYTES = 256;
/** An authorized_keys file; a larger one is refused whole. */
export const MAX_AUTHORIZED_KEYS_BYTES = 8 * MIB;
/** Lines of it, or of known_hosts: what is kept of each, and said of a broken one, outweighs its bytes. */
export const MAX_KEY_FILE_LINES = 20_000;
/** One line of it; a longer one is passed over. */
export const MAX_AUTHORIZED_LINE_BYTES = 64 * KIB;
/** Principals of one certificate, as in OpenSSH. */
export const MAX_CERTIFICATE_PRINCIPALS = 256;
/** A file of revoked keys; a larger one lets nobody in. */
export const MAX_REVOCATIONS_BYTES = 8 * MIB;
/** Sections of a key revocation list: OpenSSH writes one for each authority, and one for each kind of key. */
export const MAX_KRL_SECTIONS = 10_000;
/** The client's known_hosts. */
export const MAX_KNOWN_HOSTS_BYTES = 4 * MIB;
/** One line of it; of a longer one only the host counts, whose key is then unknown. */
export const MAX_KNOWN_HOSTS_LINE_BYTES = 64 * KIB;
/** Waiting for another rexa that writes the same file. */
export const FILE_LOCK_TIMEOUT_MS = 10_000;
/** Between two looks at such a lock. */
export const FILE_LOCK_RETRY_MS = 20;
/** A lock of this age belongs to a process that was killed: what it guards takes milliseconds. */
export const FILE_LOCK_STALE_MS = 5_000;
/** One reply of an ssh-agent, as in OpenSSH. */
export const MAX_AGENT_REPLY_BYTES = 256 * KIB;
/** Keys in one ssh-agent, as in OpenSSH. */
export const MAX_AGENT_KEYS = 2048;
/** An ssh-agent's list of keys. */
export const AGENT_LIST_TIMEOUT_MS = 5_000;
/** An ssh-agent's signature for a login: shorter than what the daemon waits for it (HELLO_TIMEOUT_MS). */
export const AGENT_LOGIN_TIMEOUT_MS = 8_000;
/** An ssh-agent's signature: a person may have to confirm it or to touch a token. */
export const AGENT_SIGN_TIMEOUT_MS = 60_000;

/** A configuration of client or daemon; a larger file is refused whole. */
export const MAX_CONFIG_BYTES = MIB;

// The door: connections over TLS before their login

/** Connections at once that have not logged in. */
export const DOOR_SLOTS = 128;
/** When all slots are taken: a connection that has come further within so long leaves after all others. */
export const DOOR_FRESH_MS = 250;
/** What a connection that comes to no login costs its source, which runs off a millisecond in each. */
export const DOOR_OFFENCE_MS = {
  /** Closed again by the peer: a scanner, a health check, a person who thought better of it. */
  left: 1_000,
  /** Had to leave for another. */
  evicted: 1_000,
  /** Not TLS 1.3, not this protocol, or broken. */
  nonsense: 5_000,
  /** A login that was refused. */
  refused: 5_000,
  /** Not logged in within HELLO_TIMEOUT_MS. */
  'too-late': 10_000,
} as const;
/** From so much on, a source is shut out. */
export const DOOR_PATIENCE_MS = 30_000;
/** For how long, the first time; each further time twice as long. */
export const DOOR_FIRST_PENALTY_MS = 15_000;
/** But no longer than this. */
export const MAX_DOOR_PENALTY_MS = 10 * 60_000;
/** A source that has done nothing for so long is not remembered. */
export const DOOR_PENALTY_MEMORY_MS = 3_600_000;
/** Sources that something is held against; beyond, the one whose last offence is oldest is forgotten. */
export const MAX_PENALIZED_SOURCES = 16_384;
/** How often the door looks whose time is over, and who has sent more than belongs there. */
export const DOOR_LOOK_MS = 250;

// The client

/** Establishing a connection (`--connect-timeout`). */
export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** A program that carries a connection (exec:, ssh://) is killed when it has not ended by itself so long after it was told to. */
export const PROGRAM_EXIT_MS = 1_000;
/** What a program writes before the preamble of rexad --stdio is shown up to the end of its line, if that comes in this time. */
export const BANNER_WAIT_MS = 300;
/** Of a program's stderr: a line is shown up to so many bytes. */
export const MAX_PROGRAM_LINE_BYTES = 1024;
/** Of a program's stderr: so many lines are shown, of each program. */
export const MAX_PROGRAM_LINES = 100;
/** A host's next address is tried when the one before has not answered for so long (RFC 8305, section 5). */
export const NEXT_ADDRESS_MS = 250;
/** Hosts of which the client remembers the key that they let in last. */
export const MAX_LAST_KEYS = 1_000;
/** The file that this is kept in. */
export const MAX_LAST_KEYS_BYTES = MIB;
/** Connections that one login may take, where keys that were chosen turn out not to sign. */
export const MAX_LOGIN_CONNECTIONS = 6;
/** How often the passphrase of a key is asked for. */
export const MAX_PASSPHRASE_TRIES = 3;
/** What the client keeps of each stream for a buffered result. */
export const MAX_KEPT_OUTPUT_BYTES = 64 * MIB;

// The line shell

/** A piece of a line in one environment string of the command, whatever its characters take in the host's encoding. */
export const SHELL_LINE_PIECE_CHARACTERS = 16 * KIB;
/** What the host's shell may say between two tokens: a folder, or typed text that nobody has read. */
export const MAX_SHELL_RECORD_BYTES = 4 * MIB;
/** The start files of the host's interactive login shell: then the shell goes on without them. */
export const SHELL_START_MS = 10_000;
/** A completion that was asked of the host. */
export const COMPLETION_MS = 3_000;
/** Words of one completion that the host gives. */
export const MAX_COMPLETION_WORDS = 2_000;
/** Bytes of one completion that are read. */
export const MAX_COMPLETION_BYTES = MIB;
/** Removing what the shell has left on the host when it goes. */
export const SHELL_CLEANUP_MS = 2_000;
/** Entries of the history file that are kept. */
export const MAX_HISTORY_ENTRIES = 10_000;
/** One entry of the history: a longer line is not kept. */
export const MAX_HISTORY_ENTRY_CHARACTERS = 16 * KIB;
/** The history file: trimmed when it is longer. */
export const MAX_HISTORY_BYTES = 2 * MIB;
/** Nothing printed for so long, and a terminal shows that the command still runs. */
export const SPINNER_AFTER_MS = 1_000;
/** Typed while a line runs: its echo waits so long for the line's end, since then it is seen at the prompt. */
export const ECHO_AFTER_MS = 250;
/** After ESC: how long the rest of a key's sequence may take. */
export const ESCAPE_KEY_MS = 50;

/** How long a reader of a run's output may take nothing once the run was ended. */
export const STALLED_READER_MS = 2_000;

/** Descriptors of a command, as many as a channel has streams. */
export const MAX_DESCRIPTORS = 16;
