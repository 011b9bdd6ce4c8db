import { KIB, MIB } from '../protocol/byte-units.ts';

/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

/** Minimum size of an RSA key. */
export const MIN_RSA_BITS = 2048;
/** Maximum size of an RSA key, as in OpenSSH; it bounds the cost of a verification. */
export const MAX_RSA_BITS = 16_384;
/** Public exponent of an RSA key (usually 65537); the cost of a verification grows with it. */
export const MAX_RSA_EXPONENT_BYTES = 8;
/** bcrypt rounds for a passphrase, about 16 ms each; OpenSSH uses 16 or 24 by default. */
export const MAX_BCRYPT_ROUNDS = 1024;
/** Rounds of PBKDF2 and similar functions for a passphrase of a PEM file. */
export const MAX_KDF_ITERATIONS = 10_000_000;
/** Lines of an authorized_keys file, or of known_hosts: the memory for each line, and for errors, exceeds its bytes. */
export const MAX_KEY_FILE_LINES = 20_000;
/** One line of an authorized_keys file; a longer one is skipped. */
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
/** Timeout for a signature of an ssh-agent: a person may have to confirm it or to touch a token. */
export const AGENT_SIGN_TIMEOUT_MS = 60_000;
