import dgram from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { answerProbe, readProbe } from '../../auth/probe.ts';
import { RexaError } from '../../protocol/errors.ts';
import { PROBE_NONCE_BYTES } from '../../protocol/limits.ts';
import { showUdpAddress, type UdpAddress } from '../../transports/listen-address.ts';
import { sourceOf } from '../door/source.ts';
import { createProbeLimits } from '../probe/probe-limits.ts';
import { openHostIdentity } from './host-identity.ts';
import type { ListenContext, Listener } from './listener.ts';

/**
 * Answers probes with signatures of the host key, and nothing else.
 * @throws RexaError ADDRESS_INVALID for one with a pin, LISTEN_FAILED, KEY_UNSUPPORTED, and as openHostIdentity
 */
export async function listenUdp(address: UdpAddress, context: ListenContext): Promise<Listener> {
  if (address.pin !== null)
    throw new RexaError('ADDRESS_INVALID', [showUdpAddress(address), 'a pin is for clients']);
  const { log, login, datagrams } = context;
  let identity = await openProbeIdentity(login.hostKey);
  const limits = createProbeLimits();
  const socket = await bind(address);

  async function answer(datagram: Buffer, { address: source, port }: dgram.RemoteInfo): Promise<void> {
    const nonce = readProbe(datagram);
    if (nonce === null) return void datagrams.dropped++;
    if (port === 0 || !limits.take(sourceOf(source).name, performance.now())) return void datagrams.limited++;
    datagrams.answered++;
    socket.send(await answerProbe(nonce, identity.key), port, source, () => undefined);
  }

  socket.on('message', (datagram, remote) => {
    // A source may be one that no datagram can be sent to
    answer(datagram, remote).catch(() => undefined);
  });
  socket.on('error', (error) => log.warn('a socket for probes failed', { error: error.message }));
  const url = showUdpAddress({ host: address.host, port: socket.address().port });
  return {
    url,
    get fingerprint() {
      return identity.fingerprint;
    },
    async reload({ hostKey }) {
      identity = await openProbeIdentity(hostKey);
    },
    async close(_deadline, drained) {
      await drained;
      socket.close();
    },
    release: () => undefined,
  };
}

/** @throws RexaError KEY_UNSUPPORTED, and as openHostIdentity */
async function openProbeIdentity(hostKey: ListenContext['login']['hostKey']) {
  const identity = await openHostIdentity(hostKey, null);
  // Whether the key is too large is known before the first probe
  await answerProbe(Buffer.alloc(PROBE_NONCE_BYTES), identity.key);
  return identity;
}

/** @throws RexaError LISTEN_FAILED */
async function bind({ host, port }: UdpAddress): Promise<dgram.Socket> {
  try {
    const { address, family } = await lookup(host);
    const socket = dgram.createSocket(family === 6 ? 'udp6' : 'udp4');
    socket.bind(port, address);
    await once(socket, 'listening');
    return socket;
  } catch (cause) {
    throw new RexaError('LISTEN_FAILED', [showUdpAddress({ host, port }), (cause as Error).message], {
      cause,
    });
  }
}
