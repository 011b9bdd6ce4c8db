import { KIB, MIB } from '../protocol/byte-units.ts';

/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

// The wire

/** Memory of closes and pongs for a peer that does not read, and of unread messages, above which reading from it stops. */
export const CONTROL_BACKLOG_BYTES = MIB;

/** Bytes that a daemon reads from one connection in one turn of the event loop; the rest waits until the others were served. */
export const TURN_READ_BYTES = 512 * KIB;
/** A read that is smaller is not counted for that: what is typed costs nothing more. */
export const LARGE_READ_BYTES = 8 * KIB;

/** Memory of messages, requests and credit that one link has brought for another, above which no channel is relayed further. */
export const RELAYED_CONTROL_BYTES = 8 * MIB;

// Resumption

/** Interval of the checks whether the peer is alive; it is declared dead within three intervals of its last byte. */
export const KEEPALIVE_MS = 5_000;
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

/** Bytes written to the socket and not accepted by the kernel yet, above which no further frame is produced. */
export const SOCKET_BACKLOG_BYTES = MIB;
