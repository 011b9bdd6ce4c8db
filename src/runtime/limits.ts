import { MIB } from '../protocol/byte-units.ts';

/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

/** Bytes read from links and pipes after which unused buffers are collected. */
export const READ_GARBAGE_BYTES = 2 * MIB;
/** How long a forwarded connection may take to be established. */
export const DIAL_TIMEOUT_MS = 60_000;
/** How long one of several addresses of a name may take before the next one is tried. */
export const DIAL_ATTEMPT_MS = 10_000;
