import type dgram from 'node:dgram';
import { answerProbe, readProbe } from '../../auth/probe.ts';
import { RexaError } from '../../protocol/errors.ts';
import { PROBE_NONCE_BYTES } from '../../protocol/limits.ts';
import { showUdpAddress, type UdpAddress } from '../../transports/listen-address.ts';
import { sourceOf } from '../door/source.ts';
import { PROBE_ADDRESSES_REFRESH_MS } from '../limits.ts';
import { measureSignature } from '../probe/signature-cost.ts';
import { openHostIdentity } from './host-identity.ts';
import type { ListenContext, Listener } from './listener.ts';
import { openUdpSockets } from './udp-sockets.ts';

/**
 * Answers probes with signatures of the host key, and nothing else.
 * @throws RexaError ADDRESS_INVALID for one with a pin, LISTEN_FAILED, KEY_UNSUPPORTED, and as openHostIdentity
 */
export async function listenUdp(
  address: UdpAddress,
  { log, login, datagrams, probeLimits }: Pick<ListenContext, 'log' | 'login' | 'datagrams' | 'probeLimits'>,
): Promise<Listener> {
  if (address.pin !== null)
    throw new RexaError('ADDRESS_INVALID', [showUdpAddress(address), 'a pin is for clients']);
  let identity = await openProbeIdentity(login.hostKeys);

  async function answer(
    datagram: Buffer,
    { address: source, port }: dgram.RemoteInfo,
    socket: dgram.Socket,
  ): Promise<void> {
    const nonce = readProbe(datagram);
    if (nonce === null) return void datagrams.dropped++;
    const isTaken = port !== 0 && probeLimits.take(sourceOf(source).name, performance.now(), identity.cost);
    if (!isTaken) return void datagrams.limited++;
    datagrams.answered++;
    socket.send(await answerProbe(nonce, identity.key), port, source, () => undefined);
  }

  const sockets = await openUdpSockets(address, {
    handleDatagram(datagram, remote, socket) {
      // A source may be one that no datagram can be sent to
      answer(datagram, remote, socket).catch(() => undefined);
    },
    handleError: ({ message }) => log.warn('a socket for probes failed', { error: message }),
  });
  const timer = setInterval(() => void sockets.refresh(), PROBE_ADDRESSES_REFRESH_MS).unref();
  const url = showUdpAddress({ host: address.host, port: sockets.port });
  return {
    url,
    get fingerprint() {
      return identity.fingerprint;
    },
    async load({ hostKeys }) {
      const next = await openProbeIdentity(hostKeys);
      return () => {
        identity = next;
      };
    },
    async close(_deadline, drained) {
      await drained;
      clearInterval(timer);
      sockets.close();
    },
    release: () => undefined,
  };
}

/** @throws RexaError KEY_UNSUPPORTED, and as openHostIdentity */
async function openProbeIdentity(hostKeys: ListenContext['login']['hostKeys']) {
  const identity = await openHostIdentity(hostKeys, null);
  // Whether the key is too large is known before the first probe
  const cost = await measureSignature(async () => answerProbe(Buffer.alloc(PROBE_NONCE_BYTES), identity.key));
  return { ...identity, cost };
}
