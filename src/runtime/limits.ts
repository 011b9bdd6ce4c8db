/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes read from links and pipes after which unused buffers are collected. */
export const READ_GARBAGE_BYTES = 8 * MIB;
/** How long a forwarded connection may take to be established. */
export const DIAL_TIMEOUT_MS = 60_000;
