import { KIB, MIB } from '../protocol/byte-units.ts';

/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

// Resumption

/** How long a client tries to reconnect (`--reconnect-for`). */
export const RECONNECT_FOR_MS = 60_000;
/** How long a client retries on a Unix socket without a listener: its link was lost with the daemon. */
export const RECONNECT_REFUSED_MS = 1_000;

// Keys and logins

/** Timeout for the signature of an ssh-agent for a login: less than HELLO_TIMEOUT_MS of the daemon. */
export const AGENT_LOGIN_TIMEOUT_MS = 8_000;

// The client

/** How long the end of a connection waits for the further keys of its host, if it has others than before. */
export const HOST_KEYS_MS = 2_000;
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

// A run

/** Output of each stream that the client keeps for a buffered result. */
export const MAX_KEPT_OUTPUT_BYTES = 64 * MIB;
/** How long a reader of output may stall after the run was ended. */
export const STALLED_READER_MS = 2_000;
/** File descriptors of a command, as many as a channel has streams. */
export const MAX_DESCRIPTORS = 16;

// Ready/Start

/** A command to a Ready/Start peer (`?max-command=`): such peers read once, 1,024 bytes. */
export const READY_COMMAND_BYTES = 1024;
/** Maximum size of a reply that a Ready/Start peer may announce. */
export const READY_ANNOUNCED_BYTES = 1024 * MIB;
/** Greeting of a Ready/Start peer before its first `Ready`. */
export const READY_GREETING_BYTES = 8 * KIB;
/** How long a Ready/Start peer may send nothing while the rest of a reply or of a `Ready` is missing. */
export const READY_STALL_MS = 60_000;

// Shared connections

/** How long the process that shares a connection may take to accept a client, and to receive what it asks. */
export const SHARE_ANSWER_MS = 5_000;
