import type { JsonObject } from '../protocol/control.ts';
import { RexaError } from '../protocol/errors.ts';
import type { ChannelEnd, LinkChannel, RelayedChannel, RelayHandler } from './channel.ts';

/**
 * Joins two channels of different links, so that each peer has the other one before it: messages, bytes, half-closes and last
 * words in their order, and credit from end to end. Nothing waits here but what a peer has given credit for.
 */
export function relayChannels(one: LinkChannel, other: LinkChannel): void {
  /** What has come for `other` before it could take it. */
  const early: ((to: RelayedChannel) => void)[] = [];
  let second: RelayedChannel | null = null;
  let failure: JsonObject | null = null;
  const first = one.relay(
    handlerFor((act) => (second === null ? void early.push(act) : attempt(act, second))),
  );
  const taken = other.relay(handlerFor((act) => attempt(act, first)));
  second = taken;
  if (failure !== null) taken.abort(failure);
  for (const act of early) attempt(act, taken);

  /** What one peer says may be too much for the other one: that is the end of both channels, and of nothing else. */
  function attempt(act: (to: RelayedChannel) => void, to: RelayedChannel): void {
    try {
      act(to);
    } catch (error) {
      if (!(error instanceof RexaError)) throw error;
      failure = { error: { code: error.code, message: error.message } };
      first.abort(failure);
      second?.abort(failure);
    }
  }
}

function handlerFor(withPeer: (act: (peer: RelayedChannel) => void) => void): RelayHandler {
  return {
    handleMessage: (message) => withPeer((peer) => peer.send(message)),
    handleData: (stream, bytes) => withPeer((peer) => peer.write(stream, bytes)),
    handleEnd: (stream) => withPeer((peer) => peer.end(stream)),
    handleCredit: (stream, offset) => withPeer((peer) => peer.grant(stream, offset)),
    handleEnded: (end) => withPeer((peer) => endPeer(peer, end)),
  };
}

/** A link that is gone took what it had not sent with it. */
function endPeer(peer: RelayedChannel, end: ChannelEnd): void {
  if (end.kind === 'closed') peer.close(end.last);
  else peer.abort({});
}
