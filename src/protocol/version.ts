/** rexa's own version, the same as in package.json; a test compares them. */
export const VERSION = '0.1.0';

/** The protocol versions that this code speaks, lowest and highest. */
export const PROTOCOL_RANGE: readonly [number, number] = [1, 1];

/** Feature: links can be resumed; docs/protocol.md, 8. */
export const RESUME = 'resume';

/** Feature: words of a request may be bytes; docs/protocol.md, 6. */
export const BYTES = 'bytes';

/**
 * Feature: a run may have descriptors above 2 and outputs that are closed early, may report its exit before its outcome, and
 * may look up programs in a project's folders; docs/protocol.md, 6.
 */
export const STDIO = 'stdio';

/** Feature: a run may use the ssh-agent of its client; docs/protocol.md, 12. */
export const AGENT = 'agent';

/** Feature: a terminal may be taken up at another daemon; docs/protocol.md, 6. */
export const LASTING = 'lasting';

/** Returns the highest version in both ranges, or null. */
export function chooseVersion(
  own: readonly [number, number],
  peer: readonly [number, number],
): number | null {
  const highest = Math.min(own[1], peer[1]);
  return highest >= Math.max(own[0], peer[0]) ? highest : null;
}

/** The ALPN protocol that both peers must negotiate, so that no other protocol is mistaken for this one. */
export const ALPN_PROTOCOL = 'rexa/1';
