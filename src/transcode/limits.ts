import { KIB } from '../protocol/byte-units.ts';

/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

/** `--encoding auto`: bytes held back while the encoding is undecided. */
export const UNDECIDED_BYTES = 4 * KIB;
/** `--encoding auto`: how long bytes are held back. */
export const UNDECIDED_MS = 50;
