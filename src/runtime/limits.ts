import { KIB, MIB } from '../protocol/byte-units.ts';

/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

/**
 * Bytes read from links and pipes after which unused buffers are collected: before V8 counts as many as its heap may grow
 * by, and looks at all objects.
 */
export const READ_GARBAGE_BYTES = 2 * MIB;
/** Memory for bytes that are passed on, which is used again when they have left; reads of pipes and files fill one. */
export const SLAB_BYTES = 256 * KIB;
/** How long a forwarded connection may take to be established. */
export const DIAL_TIMEOUT_MS = 60_000;
/** How long one of several addresses of a name may take before the next one is tried. */
export const DIAL_ATTEMPT_MS = 10_000;
