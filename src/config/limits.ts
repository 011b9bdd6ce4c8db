import { MIB } from '../protocol/byte-units.ts';

/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

/** A configuration file of client or daemon; a larger one is refused. */
export const MAX_CONFIG_BYTES = MIB;

/** Files of ssh_config that include each other, as in OpenSSH. */
export const MAX_INCLUDE_DEPTH = 16;
