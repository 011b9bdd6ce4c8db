import type { Socket } from 'node:net';
import { peerPrincipal } from '../../auth/principal.ts';
import { accountName } from '../../services/run/environment.ts';
import { createHub } from '../../services/talk/hub.ts';
import { createRoom, type Who } from '../../services/talk/room.ts';
import type { TalkAddress } from '../../transports/listen-address.ts';
import { TALK_MAX_PEERS } from '../limits.ts';
import type { PlainPeer } from '../plain-peers/check-peer.ts';
import { listenPlain } from '../plain-peers/listen-plain.ts';
import { serveTalkPeer } from '../plain-peers/talk-session.ts';
import type { ListenContext, Listener } from './listener.ts';

/**
 * Listens for peers that speak plain lines, in one room of their own, and says loudly what that lacks.
 * @throws RexaError READY_NOT_LOOPBACK, LISTEN_FAILED
 */
export async function listenTalk(
  { host, port }: TalkAddress,
  { log, audit, openTranscript }: ListenContext,
): Promise<Listener> {
  const principal = ({ uid }: PlainPeer) => peerPrincipal({ uid, pid: null }, accountName());
  const whoIs = ({ uid }: PlainPeer): Who => ({ base: '~peer', proof: `uid ${uid ?? 'unknown'}` });
  const facts = (peer: PlainPeer) => ({ wire: 'talk', port: peer.port });
  // No room of the daemon has such a name
  const transcript = openTranscript(`~${port === 0 ? 'peers' : port}`);
  const hub = createHub(createRoom('room', '~'), transcript.record);
  const listener = await listenPlain({
    scheme: 'talk',
    host,
    port,
    maxPeers: TALK_MAX_PEERS,
    admit: (socket, peer) => hub.admit(whoIs(peer), untilClosed(socket)),
    serve(socket, peer) {
      const who = principal(peer);
      audit.decide('accepted', who, facts(peer));
      return serveTalkPeer(socket, whoIs(peer), hub, {
        handleEntered: (name) => audit.note('talk-entered', who, { ...facts(peer), name }),
        handleLeft: (reason) => audit.note('talk-left', who, { ...facts(peer), reason }),
        handleRefused: (error) => audit.refuse(who, error, facts(peer)),
      });
    },
    handleRefused: (peer, error) =>
      audit.decide('refused', principal(peer), { ...facts(peer), code: error.code }),
  });
  const who = process.platform === 'linux' ? 'every process of this user' : 'EVERY USER OF THIS MACHINE';
  log.warn(`WARNING: ${listener.url} has NO AUTHENTICATION and NO ENCRYPTION: ${who} can talk there`);
  return {
    url: listener.url,
    fingerprint: null,
    load: () => Promise.resolve(() => undefined),
    close: (deadline) => listener.close(deadline),
    release: transcript.pause,
  };
}

function untilClosed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}
