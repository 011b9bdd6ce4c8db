import type { Rights } from '../auth/principal.ts';
import { KIB, MIB } from '../protocol/byte-units.ts';
import { MAX_BEFORE_LOGIN_BYTES } from '../protocol/limits.ts';

/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

// The wire

/** Maximum of a client's request: twice the limit of execve on Linux (2 MiB), for the overhead of JSON. */
export const MAX_REQUEST_BYTES = 4 * MIB;
/** Values and keys of a request, counted before parsing: an argument is one, a variable two. */
export const MAX_REQUEST_ITEMS = 65_536;

// Resumption

/** Unacknowledged frames of all links of one process together, beyond their allowances. */
export const PROCESS_KEPT_BUDGET_BYTES = 256 * MIB;
/** Idle time of a TCP connection before the first TCP keepalive probe. */
export const TCP_KEEPALIVE_MS = 60_000;

// The link

/** Bytes accounted for at the end of a TLS connection, since V8 does not see the memory of OpenSSL. */
export const TLS_GARBAGE_BYTES = 256 * KIB;

// Jobs

/** From the daemon's connection to its supervisor's hello. */
export const SUPERVISOR_CONNECT_MS = 5_000;
/** How often a request that an exiting supervisor did not answer is sent to the next one. */
export const SUPERVISOR_TRIES = 4;

// Ready/Start

/** One read of a Ready/Start peer, and one command line; more closes the connection. */
export const READY_READ_BYTES = 8 * KIB;
/** Queued command lines of one Ready/Start peer, besides the running one. */
export const READY_QUEUED_COMMANDS = 64;
/** Time without a byte after which a command line without a newline ends. */
export const READY_QUIET_MS = 5;
/** Silence after which a command line that ends inside a character is taken as it is. */
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

// The daemon

/** After SIGTERM to the daemon: how long running commands may continue (`--drain`). */
export const DEFAULT_DRAIN_MS = 10_000;
/** The part of the drain between SIGTERM to the commands and its end; they are killed after half of it. */
export const SHUTDOWN_GRACE_MS = 4_000;
/** Maximum of that part, as a share of the drain. */
export const SHUTDOWN_GRACE_SHARE = 0.2;

// Quotas of the principals of a daemon: its own user on a Unix socket, or a key

/**
 * What of a resource there may be at once: of `all` principals together, of the daemon's own user, of a key, and of a key that
 * is `bound` by `command=` or `restrict`. A principal that is not named is bounded by the others alone.
 */
export type Quota = Readonly<{ all: number } & Partial<Record<Rights['quota'], number>>>;

/** Logged-in connections, including detached links. */
export const CONNECTIONS_QUOTA = {
  all: 8_192,
  'own-user': 8_192,
  key: 256,
  bound: 32,
} as const satisfies Quota;
/** Open channels. */
export const CHANNELS_QUOTA = {
  all: 16_384,
  'own-user': 8_192,
  key: 2_048,
  bound: 64,
} as const satisfies Quota;
/** Memory of incomplete and waiting requests: their bytes, and CONTROL_ITEM_BYTES for each value. */
export const REQUESTS_QUOTA_BYTES = {
  all: 96 * MIB,
  'own-user': 64 * MIB,
  // Two of the largest requests
  key: 16 * MIB,
  bound: 512 * KIB,
} as const satisfies Quota;
/** Running commands; further ones wait. */
export const RUNS_QUOTA = { all: 2_048, 'own-user': 1_536, key: 256, bound: 8 } as const satisfies Quota;
/** Forwarded connections, for a bound key if its line permits forwarding; a further one is refused. */
export const FORWARDS_QUOTA = {
  all: 8_192,
  'own-user': 4_096,
  key: 1_024,
  bound: 64,
} as const satisfies Quota;
/** Forwarded connections that are being established. */
export const DIALS_QUOTA = { all: 2_048, 'own-user': 1_024, key: 512, bound: 16 } as const satisfies Quota;
/** Listeners of forwarding, for a bound key if its line permits forwarding. */
export const LISTENERS_QUOTA = { all: 1_024, 'own-user': 512, key: 128, bound: 8 } as const satisfies Quota;
/** Members of conversations. */
export const TALKERS_QUOTA = { all: 4_096, 'own-user': 2_048, key: 256 } as const satisfies Quota;
/** Rooms that a principal was the first to enter; of all, including those without members, which are kept for their last lines. */
export const ROOMS_QUOTA = { all: 128, 'own-user': 32, key: 16 } as const satisfies Quota;
/** File transfers, for a bound key if its line permits files; a further one waits. */
export const TRANSFERS_QUOTA = { all: 64, 'own-user': 32, key: 16, bound: 4 } as const satisfies Quota;

/** Calls that start concurrently: one starts in each turn of the event loop, round-robin by principal. */
export const MAX_STARTS_AT_ONCE = 32;
/** File descriptors not available to commands and connections: for listeners, files, and temporarily for spawns. */
export const RESERVED_DESCRIPTORS = 64;
/** Limit of file descriptors on systems that do not report it. */
export const FALLBACK_DESCRIPTORS = 1024;
/** Answers to probes of one source, an address or a network of IPv6, each second. */
export const PROBES_PER_SOURCE_PER_S = 10;
/** Answers to one source at once. */
export const PROBE_BURST_PER_SOURCE = 20;
/** Signatures for probes of all sources each second: sources can be forged. */
export const PROBE_SIGNATURES_PER_S = 100;
/** Signatures for probes at once. */
export const PROBE_SIGNATURES_BURST = 100;
/** Milliseconds of a signature that counts as one: those of a second take 2% of a core. A slower key gives fewer. */
export const PROBE_SIGNATURE_MS = 0.2;
/** Signatures when a host key is loaded, of which the fastest is its time. */
export const PROBE_TRIAL_SIGNATURES = 5;
/** How often a wildcard listener for probes looks for new addresses of this machine. */
export const PROBE_ADDRESSES_REFRESH_MS = 10_000;
/** Sources whose answers are counted; beyond this the one that asked longest ago is forgotten. */
export const MAX_PROBE_SOURCES = 4_096;
/** Peers of a `talk://` listener. */
export const TALK_MAX_PEERS = 512;
/** How long a peer that is disconnected has to read why. */
export const TALK_LAST_WORDS_MS = 1_000;
/** One request of a key with `command=` or `restrict`. */
export const MAX_REQUEST_BYTES_OF_BOUND_KEY = 64 * KIB;

// Keys and logins

/**
 * Bytes read from the socket before the login, including the TLS handshake: TLS's own messages (key updates, padding) cost
 * time and are not counted by the link.
 */
export const MAX_SECURED_BYTES = 3 * MAX_BEFORE_LOGIN_BYTES;

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
