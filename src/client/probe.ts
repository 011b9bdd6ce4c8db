import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import { makeProbe, readProbeAnswer } from '../auth/probe.ts';
import type { PublicKey } from '../auth/public-key.ts';
import { RexaError } from '../protocol/errors.ts';
import { PROBE_NONCE_BYTES } from '../protocol/limits.ts';
import type { Place } from './tls/race-addresses.ts';

/** An answer to a probe, by the host whose key was verified. */
export interface ProbeAnswer {
  /** Counted from 0. */
  readonly sequence: number;
  readonly roundTripMs: number;
}

/** Sends probes to one place, and takes the answers. */
export interface Prober extends Disposable {
  readonly place: Place;
  /** The key that has signed the answers; null before the first one. */
  readonly key: PublicKey | null;
  /** Sends the next probe. */
  send(): void;
}

export interface ProberHandlers {
  handleAnswer(answer: ProbeAnswer): void;
  /** Called once: the host is not the one that it should be, or that could not be verified. Nothing is reported after it. */
  handleFailure(error: unknown): void;
  /** The system reports that nothing listens there, or that there is no way. */
  handleUnreachable(reason: string): void;
}

/**
 * Creates what sends probes to a place.
 * @param verify decides on the key of each answer, whose sender has proven that it holds it; null: it is the right one
 */
export function createProber(
  place: Place,
  verify: (key: PublicKey) => Promise<RexaError | null>,
  handlers: ProberHandlers,
): Prober {
  const socket = dgram.createSocket(net.isIPv6(place.address.replace(/%.*$/, '')) ? 'udp6' : 'udp4');
  /** The probes under way, by their nonces: when they were sent. */
  const sent = new Map<string, { readonly sequence: number; readonly atMs: number }>();
  let count = 0;
  let key: PublicKey | null = null;
  let state: 'connecting' | 'open' | 'over' = 'connecting';
  /** Probes that wait until the socket is connected. */
  let due = 0;

  function sendNow(): void {
    const nonce = randomBytes(PROBE_NONCE_BYTES);
    sent.set(nonce.toString('hex'), { sequence: count++, atMs: performance.now() });
    socket.send(makeProbe(nonce), (error) => {
      if (error !== null) handlers.handleUnreachable(error.message);
    });
  }

  async function take(datagram: Buffer, atMs: number): Promise<void> {
    const answer = read(datagram);
    const probe = sent.get(answer?.nonce.toString('hex') ?? '');
    // Another answer, or none: whoever sent it knows no probe of ours
    if (answer === null || probe === undefined) return;
    sent.delete(answer.nonce.toString('hex'));
    const problem = await verify(answer.key);
    if (state !== 'open') return;
    if (problem !== null) throw problem;
    ({ key } = answer);
    handlers.handleAnswer({ sequence: probe.sequence, roundTripMs: atMs - probe.atMs });
  }

  function fail(error: unknown): void {
    if (state === 'over') return;
    close();
    handlers.handleFailure(error);
  }

  function close(): void {
    if (state === 'over') return;
    state = 'over';
    socket.close();
  }

  socket.on('error', (error) => handlers.handleUnreachable(error.message));
  socket.on('message', (datagram) => {
    take(datagram, performance.now()).catch(fail);
  });
  // Node passes the error of a failed connect to the callback, and emits no 'error' then
  socket.connect(place.port, place.address, (error?: Error) => {
    if (state === 'over') return;
    if (error !== undefined) {
      close();
      return handlers.handleUnreachable(error.message);
    }
    state = 'open';
    for (; due > 0; due--) sendNow();
  });

  return {
    place,
    get key() {
      return key;
    },
    send() {
      if (state === 'open') sendNow();
      else if (state === 'connecting') due++;
    },
    [Symbol.dispose]: close,
  };
}

function read(datagram: Buffer): ReturnType<typeof readProbeAnswer> | null {
  try {
    return readProbeAnswer(datagram);
  } catch (error) {
    if (error instanceof RexaError) return null;
    throw error;
  }
}
