import type { TLSSocket } from 'node:tls';
import type { HostVerdict } from '../../auth/known-hosts.ts';
import { PROOF_EXPORTER_BYTES, PROOF_EXPORTER_LABEL, type ProofFields } from '../../auth/proof.ts';
import { fingerprint, type PublicKey } from '../../auth/public-key.ts';
import { readShownHost } from '../../auth/tls-identity.ts';
import { RexaError } from '../../protocol/errors.ts';
import { ALPN_PROTOCOL } from '../../protocol/version.ts';
import { startAwakeTimer } from '../../runtime/awake-timer.ts';
import { unlessAborted } from '../../runtime/in-time.ts';
import { formatTlsAddress, type TlsAddress } from '../../transports/tls-address.ts';
import { explainRoute, type Route, type RoutedOptions } from '../route.ts';
import type { HostTrust } from './host-trust.ts';
import { lookUp, type Place, raceAddresses } from './race-addresses.ts';
import { secure } from './tls-socket.ts';

/** A connection whose host has proved its key. Nothing of ours has been written to it. */
export interface Connection {
  /** Paused. */
  readonly socket: TLSSocket;
  readonly hostKey: PublicKey;
  /** What a proof on this connection is bound to, but for account and key. */
  readonly binding: Omit<ProofFields, 'publicKey' | 'account'>;
  readonly verdict: HostVerdict;
}

/**
 * Connects to a host, and judges its key. Its addresses are tried one after the other until one speaks TLS as it
 * should; one whose key is not the right one ends it.
 * @param options `family`: only addresses of this one; `route`: how they are reached, in place of TCP from here
 * @param signal ends it before its time, with its reason
 * @throws RexaError CONNECT_FAILED, CONNECT_TIMEOUT, KEY_MALFORMED, KEY_UNSUPPORTED, AUTH_FILE_*; of a jump host unchanged
 */
export async function connectVerified(
  target: TlsAddress,
  trust: HostTrust,
  timeoutMs: number,
  log: (line: string) => void,
  signal: AbortSignal,
  { family, route }: Pick<RoutedOptions, 'family' | 'route'> = {},
): Promise<Connection> {
  const shown = formatTlsAddress(target);
  if (target.port === 0) throw new RexaError('ADDRESS_INVALID', [shown, 'nobody can be reached at port 0']);
  if (route !== undefined) await unlessAborted(route.prepare(), signal);
  signal.throwIfAborted();
  const limit = new AbortController();
  const timer = startAwakeTimer(
    () => limit.abort(new RexaError('CONNECT_TIMEOUT', [shown, timeoutMs])),
    timeoutMs,
  );
  const abort = (): void => limit.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const startMs = performance.now();
  const step = (what: string): void => log(`${what} (${(performance.now() - startMs).toFixed(1)} ms)`);
  try {
    if (route !== undefined)
      return await verify(await reachBy(route, target, shown, limit.signal, step), trust, step);
    const places = await unlessAborted(lookUp(target.host, target.port, shown, family), limit.signal);
    const socket = await reach(places, shown, limit.signal, step);
    return await verify(socket, trust, step);
  } finally {
    timer.stop();
    signal.removeEventListener('abort', abort);
  }
}

async function reach(
  all: readonly Place[],
  shown: string,
  signal: AbortSignal,
  step: (what: string) => void,
): Promise<TLSSocket> {
  let places = all;
  step(`${shown} is at ${places.map(({ address }) => address).join(', ')}`);
  for (;;) {
    const { socket, place } = await raceAddresses(places, shown, signal);
    step(`connected to ${place.address}`);
    places = places.filter((each) => each !== place);
    try {
      const secured = await secure(socket, shown, signal);
      step(`${secured.getProtocol() ?? 'TLS'}, ${secured.getCipher().name}`);
      return secured;
    } catch (error) {
      if (signal.aborted || places.length === 0) throw error;
      step(`${place.address} will not do: ${(error as Error).message}`);
    }
  }
}

async function reachBy(
  route: Route,
  { host, port }: TlsAddress,
  shown: string,
  signal: AbortSignal,
  step: (what: string) => void,
): Promise<TLSSocket> {
  const opening = route.open({ host, port });
  try {
    const stream = await unlessAborted(opening, signal);
    step(`connected to ${shown} through another host or program`);
    return await secure(stream, shown, signal);
  } catch (error) {
    // It may come after its time
    opening.then(
      (stream) => stream.destroy(),
      () => undefined,
    );
    throw explainRoute(shown, error);
  }
}

async function verify(
  socket: TLSSocket,
  trust: HostTrust,
  step: (what: string) => void,
): Promise<Connection> {
  // Whoever gets the socket has listeners of his own
  const ignore = (): void => {};
  socket.on('error', ignore);
  try {
    const shown = readShownHost(socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0));
    const { key: hostKey } = shown;
    const verdict = await trust.verify(shown);
    const by = verdict.kind === 'trusted' ? `trusted by ${verdict.by}` : verdict.kind;
    step(`the host's key is ${hostKey.type} ${fingerprint(hostKey)}: ${by}`);
    const exporter = socket.exportKeyingMaterial(PROOF_EXPORTER_BYTES, PROOF_EXPORTER_LABEL, Buffer.alloc(0));
    return {
      socket,
      hostKey,
      verdict,
      binding: { exporter, role: 'client', alpn: ALPN_PROTOCOL, hostKey: hostKey.blob },
    };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
