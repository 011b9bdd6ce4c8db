import type { LinkChannel } from '../../link/channel.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { CallChannel } from '../call.ts';
import { joinClient } from '../join-client.ts';
import {
  readSessionFinalMessage,
  readSessionMessage,
  type SessionFinalMessage,
  type SessionMessage,
} from './supervisor-messages.ts';

/**
 * Puts a client's channel and that of a session together, bytes and messages in both directions. The client's channel is left open
 * behind the last byte, for the last word.
 * @param released resolves when the daemon itself leaves the session
 * @param expired resolves when the client may not use it any more
 * @returns the supervisor's last word; null: the client has left, or the daemon leaves
 * @throws RexaError SESSION_LOST, and what `expired` resolves with
 */
export async function bridgeSession(
  client: CallChannel,
  { channel: session, first }: { readonly channel: LinkChannel; readonly first: SessionMessage },
  released: Promise<unknown>,
  expired: Promise<RexaError>,
): Promise<SessionFinalMessage | null> {
  const { name, pid } = first.session;
  client.send({ type: 'session', session: first.session });
  if (pid !== null) client.send({ type: 'started', pid });
  const { keys, over } = joinClient(client, session);
  session.takeMessages((next) => {
    try {
      client.send({ type: 'session', session: readSessionMessage(next).session });
    } catch {
      // Something that only a later version knows
    }
  });
  void passMessages(client, session);
  const left = [client.ended, released].map((each) => each.then(() => null));
  const end = await Promise.race([over, expired, ...left]);
  keys.unpipe();
  if (end instanceof RexaError) {
    session.abort({});
    throw end;
  }
  if (end === null) {
    // What was typed before the client left is typed
    for (let typed: unknown = keys.read(); typed !== null; typed = keys.read())
      session.output(0).write(typed);
    session.output(0).end();
    session.close({});
    return null;
  }
  if (end.kind === 'link-ended') throw new RexaError('SESSION_LOST', [name]);
  return readSessionFinalMessage(end.last);
}

/** The session checks what it is told. */
async function passMessages(client: CallChannel, session: LinkChannel): Promise<void> {
  for (let next = await client.nextMessage(); next !== null; next = await client.nextMessage())
    session.send(next);
}
