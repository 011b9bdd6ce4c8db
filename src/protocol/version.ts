/** rexa's own version, the same as in package.json; a test compares them. */
export const VERSION = '0.1.0';

/** The protocol versions that this code speaks, lowest and highest. */
export const PROTOCOL_RANGE: readonly [number, number] = [1, 1];

/** A link may outlive its connections; docs/protocol.md, 8. */
export const RESUME = 'resume';

/** Words of a request may be bytes; docs/protocol.md, 6. */
export const BYTES = 'bytes';

/**
 * A run may have descriptors above 2 and outputs that are closed early, tells its exit before its outcome, and may look for
 * programs in a project's own folders; docs/protocol.md, 6.
 */
export const STDIO = 'stdio';

/** The highest version that both ranges hold, or null. */
export function chooseVersion(
  own: readonly [number, number],
  peer: readonly [number, number],
): number | null {
  const highest = Math.min(own[1], peer[1]);
  return highest >= Math.max(own[0], peer[0]) ? highest : null;
}

/** What both peers must agree on by ALPN before anything is said over TLS: no other protocol's bytes are taken for ours. */
export const ALPN_PROTOCOL = 'rexa/1';
